import type { EncoderSettings } from "../../nets/encoder.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Place } from "../../edit/stroke.ts";
import { partsOf } from "../../element/colour.ts";
import { centreInk, drawInk, type Stroke, unmultiply } from "./ink.ts";

/** Shows a picture as an encoder takes it, shape (H, W, K), on a canvas, which takes its size. */
export function showPicture(
  canvas: HTMLCanvasElement,
  picture: Float32Array,
  { grid, channels }: EncoderSettings,
  rule: Rule,
): void {
  const image = {
    offset: 0,
    channels: channels === 3 || channels === 4 ? channels : 1,
    premultiplied: rule.image.premultiplied,
  } as const;
  const { width, height, data } = stateRaster(picture, { ...rule, channels, image }, grid);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const pixels = context.createImageData(width, height);
  pixels.data.set(data);
  context.putImageData(pixels, 0, 0);
}

/** A colour as a form has it, "#rrggbb", as the K numbers of a cell that is full of ink. */
export function penColour(text: string, channels: number): number[] {
  return [...partsOf(text), 1].slice(0, channels);
}

/** A picture for the encoder, which is drawn with the pointer or given as it is. */
export class Pad {
  /** Colour of the pen: K numbers. */
  colour: readonly number[];
  readonly #root: HTMLElement;
  readonly #name: string;
  readonly #canvas: HTMLCanvasElement;
  readonly #settings: EncoderSettings;
  readonly #rule: Rule;
  readonly #changed: () => void;
  #strokes: Stroke[] = [];
  #given: Float32Array | undefined;

  /**
   * @param root in it lie a `canvas`, a `.clear` button, and an `.invite` that is shown while there is no picture.
   * @param name what the picture is called, for screen readers.
   * @param changed told of every change by hand.
   */
  constructor(root: HTMLElement, name: string, settings: EncoderSettings, rule: Rule, changed: () => void) {
    this.#root = root;
    this.#name = name;
    this.#canvas = root.querySelector("canvas")!;
    this.#settings = settings;
    this.#rule = rule;
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
    return this.#given ?? this.#ink(channels === 1 ? centreInk(this.#strokes, grid) : this.#strokes);
  }

  /** Takes a picture in place of what was drawn. @param words what it is. */
  give(picture: Float32Array, words: string): void {
    this.#strokes = [];
    this.#given = picture;
    this.#draw(words);
  }

  /** Takes the picture away. */
  clear(): void {
    this.#strokes = [];
    this.#given = undefined;
    this.#draw();
  }

  #ink(strokes: readonly Stroke[]): Float32Array {
    const { channels, grid } = this.#settings;
    const picture = drawInk(strokes, grid, channels);
    return channels === 4 && !this.#rule.image.premultiplied ? unmultiply(picture) : picture;
  }

  #draw(words = this.#strokes.length > 0 ? "drawn by hand" : "empty"): void {
    const empty = !this.#given && this.#strokes.length === 0;
    showPicture(this.#canvas, this.#given ?? this.#ink(this.#strokes), this.#settings, this.#rule);
    this.#canvas.setAttribute("aria-label", `${this.#name}: ${words}`);
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
      this.#given = undefined;
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
