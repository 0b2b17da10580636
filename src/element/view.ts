import { stateRaster } from "../render/rgba.ts";
import { listenForGestures } from "./gestures.ts";
import type { Place } from "./brush.ts";
import type { Simulation } from "./simulation.ts";

/**
 * Shows a simulation, drives it frame by frame, and lets people edit it.
 *
 * @param stage the room there is; in it lie a `.screen`, and in that a `canvas` and a `.brush` ring.
 */
export class SimulationView {
  /** Radius of the brush, in cells. */
  brush = 6;
  readonly #simulation: Simulation;
  readonly #stage: HTMLElement;
  readonly #screen: HTMLElement;
  readonly #ring: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  #shown = -1;

  constructor(stage: HTMLElement, simulation: Simulation) {
    this.#simulation = simulation;
    this.#stage = stage;
    this.#screen = stage.querySelector<HTMLElement>(".screen")!;
    this.#ring = stage.querySelector<HTMLElement>(".brush")!;
    this.#canvas = stage.querySelector("canvas")!;
    const [height, width] = simulation.grid;
    this.#canvas.width = width;
    this.#canvas.height = height;
    stage.style.setProperty("--aspect", String(width / height));
    listenForGestures(stage, this.#canvas, simulation.grid, {
      hover: (at) => this.#moveRing(at),
      erase: (from, to) => simulation.erase(from, to, this.brush),
      plant: (at) => simulation.plant(at),
    });
    new ResizeObserver(() => this.#fit()).observe(stage);
    addEventListener("resize", () => this.#fit());
  }

  /** One frame: the work that is due, and the newest picture. */
  async frame(): Promise<void> {
    const simulation = this.#simulation;
    void simulation.frame();
    const { revision } = simulation;
    if (revision === this.#shown) return;
    this.#shown = revision;
    this.#draw(await simulation.read());
  }

  #draw(state: Float32Array): void {
    const { rule, grid } = this.#simulation;
    const context = this.#canvas.getContext("2d")!;
    const { width, height, data } = stateRaster(state, rule, grid);
    const image = context.createImageData(width, height);
    image.data.set(data);
    context.putImageData(image, 0, 0);
  }

  /** Gives each cell the same whole number of device pixels, as many as there is room for. */
  #fit(): void {
    const [, width] = this.#simulation.grid;
    const pixels = Math.floor((this.#stage.clientWidth * devicePixelRatio) / width);
    this.#screen.style.width = pixels > 0 ? `${(pixels * width) / devicePixelRatio}px` : "100%";
  }

  #moveRing(at: Place | undefined): void {
    this.#ring.hidden = at === undefined;
    if (!at) return;
    const [height, width] = this.#simulation.grid;
    const { style } = this.#ring;
    style.left = `${(at.x / width) * 100}%`;
    style.top = `${(at.y / height) * 100}%`;
    style.width = `${((2 * this.brush) / width) * 100}%`;
  }
}
