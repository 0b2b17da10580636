import { stateRaster } from "../render/rgba.ts";
import type { Place } from "../rule/stroke.ts";
import { listenForGestures } from "./gestures.ts";
import type { Simulation } from "./simulation.ts";
import { tissuePaths } from "./tissue.ts";

/** What the pointer does: erase, plant a seed, or paint the model's own tissue or the grafted one. */
export const tools = ["erase", "plant", "own", "grafted"] as const;
export type Tool = (typeof tools)[number];

/**
 * Shows a simulation, drives it frame by frame, and lets people edit it.
 *
 * @param stage the room there is; in it lie a `.screen`, and in that a `canvas`, an `svg` with an `.area` and
 *   `.border`s, and a `.brush` ring.
 */
export class SimulationView {
  /** Radius of the brush, in cells. */
  brush = 6;
  tool: Tool = "erase";
  readonly #simulation: Simulation;
  readonly #stage: HTMLElement;
  readonly #screen: HTMLElement;
  readonly #ring: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #tissue: SVGSVGElement;
  #shown = -1;
  /** Tissue changed since it was drawn. */
  #painted = true;

  constructor(stage: HTMLElement, simulation: Simulation) {
    this.#simulation = simulation;
    this.#stage = stage;
    this.#screen = stage.querySelector<HTMLElement>(".screen")!;
    this.#ring = stage.querySelector<HTMLElement>(".brush")!;
    this.#canvas = stage.querySelector("canvas")!;
    this.#tissue = stage.querySelector("svg")!;
    const [height, width] = simulation.grid;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#tissue.setAttribute("viewBox", `0 0 ${width} ${height}`);
    stage.style.setProperty("--aspect", String(width / height));
    stage.classList.toggle("opaque", simulation.rule.image.channels < 4);
    listenForGestures(stage, this.#canvas, simulation.grid, {
      hover: (at) => this.#moveRing(at),
      draw: (from, to) => this.#use(this.tool, from, to),
      double: (at) => {
        if (this.tool === "erase") simulation.plant(at);
        return this.tool === "erase";
      },
      use: (at) => this.#use(this.tool === "erase" ? "plant" : this.tool, at, at),
      erase: (at) => this.#use("erase", at, at),
    });
    new ResizeObserver(() => this.#fit()).observe(stage);
    addEventListener("resize", () => this.#fit());
  }

  /** One frame: the work that is due, and the newest picture. */
  async frame(): Promise<void> {
    const simulation = this.#simulation;
    void simulation.frame();
    this.#drawTissue();
    const { revision } = simulation;
    if (revision === this.#shown) return;
    this.#shown = revision;
    this.#draw(await simulation.read());
  }

  #use(tool: Tool, from: Place, to: Place): void {
    const simulation = this.#simulation;
    switch (tool) {
      case "erase":
        return simulation.erase(from, to, this.brush);
      case "plant":
        return from === to ? simulation.plant(to) : undefined;
      case "own":
      case "grafted":
        this.#painted = true;
        return simulation.paint(from, to, this.brush, tool === "own" ? 0 : 1);
      default:
        return tool satisfies never;
    }
  }

  /** Shows which cells are of which tissue, while a tool that changes it is chosen. */
  #drawTissue(): void {
    const shown = this.tool === "own" || this.tool === "grafted";
    this.#tissue.toggleAttribute("hidden", !shown);
    if (!shown || !this.#painted) return;
    this.#painted = false;
    const { area, border } = tissuePaths(this.#simulation.tissue, this.#simulation.grid);
    const paths = { ".area": area, ".border": border };
    for (const [name, path] of Object.entries(paths)) {
      for (const element of this.#tissue.querySelectorAll(name)) element.setAttribute("d", path);
    }
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
    const radius = this.tool === "plant" ? 0.5 : this.brush;
    style.width = `${((2 * radius) / width) * 100}%`;
  }
}
