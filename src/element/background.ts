/** An automaton at play as the CSS background of any element, whose tiles fit together where it lives on a torus. */
import { picture } from "./views.ts";
import type { Model } from "../model/model.ts";
import type { Plane } from "../rule/grid.ts";
import { lessMotion } from "./attributes.ts";
import type { Engines } from "./engines.ts";
import { EngineUser } from "./engineUser.ts";
import { Frames } from "./frames.ts";
import { Simulation } from "./simulation.ts";

/** How a background is played. Each field may be left out. */
export type BackgroundOptions = Readonly<{
  /** Height and width of a tile in cells; default those of training. */
  grid?: Plane;
  /** CSS pixels that a cell is wide and high, above 0; default 2. */
  scale?: number;
  /** Steps a second, or `Infinity` for as many as the machine can make; default 60. */
  speed?: number;
  /** Most pictures a second; default 20. */
  pictures?: number;
}>;

/** Steps after which a texture is there: where visitors ask for less motion, it stands still then. */
const FORMED = 200;
/** Most pixels of a tile: a larger one is enlarged by the browser. */
const MOST_PIXELS = 2 ** 20;

const PROPERTIES = ["backgroundImage", "backgroundSize", "backgroundRepeat"] as const;

/** What paints an element's background, from its making to `stop`. Out of sight it rests. */
export class Background {
  /** The automaton, for edits such as `erase`, and for its `rate`. */
  readonly simulation: Simulation;
  readonly #element: HTMLElement;
  readonly #engineUser: EngineUser;
  readonly #frames: Frames;
  readonly #lessMotion = lessMotion();
  readonly #canvas = document.createElement("canvas");
  readonly #before: readonly string[];
  readonly #interval: number;
  readonly #scale: number;
  #playing = true;
  #stopped = false;
  #painting = false;
  /** Revision of the state that is painted, and when the next may be. */
  #painted = -1;
  #due = -Infinity;
  #addresses: string[] = [];

  /** @throws RangeError for a model whose grid has an edge, a scale that is none, or a grid that does not hold the model's seeds. */
  constructor(engines: Engines, element: HTMLElement, model: Model, options: BackgroundOptions = {}) {
    const { grid, scale = 2, speed = 60, pictures = 20 } = options;
    if (model.rule.boundary !== "wrap") {
      throw new RangeError("the model's grid has an edge, so that its picture does not tile");
    }
    if (!(scale > 0 && scale < Infinity && speed >= 0 && pictures > 0)) {
      throw new RangeError("scale and pictures must be above 0 and speed not below");
    }
    this.#element = element;
    this.#scale = scale;
    this.#interval = 1000 / pictures;
    this.#engineUser = new EngineUser(engines, { onError: (error) => this.#fail(error) });
    this.simulation = new Simulation({ model, ...(grid && { grid }), onError: (error) => this.#fail(error) });
    this.simulation.rate = speed;
    this.#before = PROPERTIES.map((name) => element.style[name]);
    this.#frames = new Frames(
      () => this.#show(),
      () => undefined,
    );
    this.#frames.wanted = true;
    this.#frames.begin(element);
    this.#engineUser.attach(this.simulation).catch((error: unknown) => this.#fail(error));
  }

  /** Whether it moves; while it is in sight, and more than to form where visitors ask for less motion. */
  get playing(): boolean {
    return this.#playing;
  }

  set playing(playing: boolean) {
    this.#playing = playing;
    if (!playing) this.simulation.playing = false;
  }

  /** Ends it: the element has the background that it had before. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#frames.end();
    this.simulation.playing = false;
    void this.#engineUser.detach(this.simulation);
    PROPERTIES.forEach((name, i) => (this.#element.style[name] = this.#before[i]));
    for (const address of this.#addresses.splice(0)) URL.revokeObjectURL(address);
  }

  #show(): void {
    const { simulation } = this;
    simulation.playing = this.#playing && !(this.#lessMotion.matches && simulation.steps >= FORMED);
    void simulation.frame();
    const now = performance.now();
    if (this.#painting || simulation.revision === this.#painted || now < this.#due) return;
    this.#painting = true;
    this.#due = now + this.#interval;
    this.#painted = simulation.revision;
    this.#paint()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#painting = false));
  }

  async #paint(): Promise<void> {
    const { rule, grid } = this.simulation;
    const { width, height, data } = picture(await this.simulation.read(), rule, grid, this.simulation);
    const small = new ImageData(new Uint8ClampedArray(data), width, height);
    const most = Math.floor(Math.sqrt(MOST_PIXELS / (width * height)));
    const times = Math.max(1, Math.min(most, Math.round(this.#scale * devicePixelRatio)));
    const canvas = this.#canvas;
    canvas.width = width * times;
    canvas.height = height * times;
    const context = canvas.getContext("2d")!;
    context.imageSmoothingEnabled = false;
    const cells = await createImageBitmap(small);
    context.drawImage(cells, 0, 0, canvas.width, canvas.height);
    cells.close();
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    if (!blob || this.#stopped) return;
    const address = URL.createObjectURL(blob);
    // What is not decoded yet would be painted as nothing.
    const image = new Image();
    image.src = address;
    await image.decode();
    if (this.#stopped) return URL.revokeObjectURL(address);
    const [latest] = this.#addresses.splice(0, 1, address);
    const { style } = this.#element;
    style.backgroundImage = `url("${address}")`;
    style.backgroundSize = `${width * this.#scale}px ${height * this.#scale}px`;
    style.backgroundRepeat = "repeat";
    if (latest) URL.revokeObjectURL(latest);
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    const message = error instanceof Error ? error.message : String(error);
    const detail = { message };
    this.#element.dispatchEvent(new CustomEvent("nca-error", { detail, bubbles: true, composed: true }));
  }
}
