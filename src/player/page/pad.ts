import type { EncoderSettings } from "../../nets/encoder.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Place } from "../../edit/stroke.ts";
import { partsOf } from "../../element/colour.ts";
import { centreStrokes, drawStrokes, type Stroke, unpremultiply } from "./drawing.ts";

/** Shows a picture as an encoder takes it, shape (H, W, K), on a canvas, which takes its size. @param premultiplied whether its colours are. */
export function showPicture(
  canvas: HTMLCanvasElement,
  picture: Float32Array,
  { grid, channels }: EncoderSettings,
  premultiplied: boolean,
): void {
  const readout = {
    offset: 0,
    channels: channels === 3 || channels === 4 ? channels : 1,
    premultiplied,
  } as const;
  const { width, height, data } = stateRaster(picture, { rule: { channels }, readout }, grid);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const pixels = context.createImageData(width, height);
  pixels.data.set(data);
  context.putImageData(pixels, 0, 0);
}

/** A colour as a form has it, "#rrggbb", as the K values of a cell that the pen covers. */
export function penColour(text: string, channels: number): number[] {
  return [...partsOf(text), 1].slice(0, channels);
}

/** A picture for the encoder, drawn with the pointer or set as a whole. */
export class Pad {
  /** Colour of the pen: K numbers. */
  colour: readonly number[];
  readonly #root: HTMLElement;
  readonly #name: string;
  readonly #canvas: HTMLCanvasElement;
  readonly #settings: EncoderSettings;
  readonly #premultiplied: boolean;
  readonly #changed: () => void;
  #strokes: Stroke[] = [];
  #picture: Float32Array | undefined;

  /**
   * @param root in it lie a `canvas`, a `.clear` button, and an `.invite` that is shown while there is no picture.
   * @param name what the picture is called, for screen readers.
   * @param premultiplied whether its colours are multiplied by alpha.
   * @param changed called after every change by hand.
   */
  constructor(
    root: HTMLElement,
    name: string,
    settings: EncoderSettings,
    premultiplied: boolean,
    changed: () => void,
  ) {
    this.#root = root;
    this.#name = name;
    this.#canvas = root.querySelector("canvas")!;
    this.#settings = settings;
    this.#premultiplied = premultiplied;
    this.#changed = changed;
    this.colour = Array.from({ length: settings.channels }, () => 1);
    root.style.setProperty("--aspect", String(settings.grid[1] / settings.grid[0]));
    root.querySelector(".clear")!.addEventListener("click", () => {
      this.clear();
      changed();
    });
    this.#listen();
    this.#draw();
  }

  /** The picture as it is encoded, shape (H, W, K): a grey drawing sized and centred as MNIST does it. */
  get picture(): Float32Array {
    const { channels, grid } = this.#settings;
    return this.#picture ?? this.#drawn(channels === 1 ? centreStrokes(this.#strokes, grid) : this.#strokes);
  }

  /** Shows a picture in place of what was drawn. @param description what it is. */
  setPicture(picture: Float32Array, description: string): void {
    this.#strokes = [];
    this.#picture = picture;
    this.#draw(description);
  }

  /** Takes the picture away. */
  clear(): void {
    this.#strokes = [];
    this.#picture = undefined;
    this.#draw();
  }

  #drawn(strokes: readonly Stroke[]): Float32Array {
    const { channels, grid } = this.#settings;
    const picture = drawStrokes(strokes, grid, channels);
    return channels === 4 && !this.#premultiplied ? unpremultiply(picture) : picture;
  }

  #draw(description = this.#strokes.length > 0 ? "drawn by hand" : "empty"): void {
    const empty = !this.#picture && this.#strokes.length === 0;
    showPicture(
      this.#canvas,
      this.#picture ?? this.#drawn(this.#strokes),
      this.#settings,
      this.#premultiplied,
    );
    this.#canvas.setAttribute("aria-label", `${this.#name}: ${description}`);
    this.#root.querySelector<HTMLElement>(".invite")!.hidden = !empty;
    this.#root.querySelector<HTMLButtonElement>(".clear")!.disabled = empty;
  }

  #listen(): void {
    const canvas = this.#canvas;
    const [height, width] = this.#settings.grid;
    let pointer: number | undefined;
    let points: Place[] = [];
    const add = ({ clientX, clientY }: PointerEvent) => {
      const box = canvas.getBoundingClientRect();
      points.push({
        x: ((clientX - box.left) / box.width) * width,
        y: ((clientY - box.top) / box.height) * height,
      });
      this.#draw();
      this.#changed();
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || pointer !== undefined) return;
      pointer = event.pointerId;
      canvas.setPointerCapture(pointer);
      this.#picture = undefined;
      points = [];
      this.#strokes.push({ points, colour: this.colour });
      add(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId === pointer) add(event);
    });
    const end = (event: PointerEvent) => {
      if (event.pointerId === pointer) pointer = undefined;
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
  }
}
