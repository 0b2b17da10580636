import type { Grid } from "../rule/rule.ts";
import type { Place } from "../rule/stroke.ts";
import { listenForGestures } from "./gestures.ts";
import type { Simulation } from "./simulation.ts";
import { tissuePaths } from "./tissue.ts";
import { picture, type View } from "./views.ts";

/**
 * What the pointer does: erase, plant a seed, paint the model's own tissue or the grafted one, or nothing, so that
 * fingers scroll the page.
 */
export const tools = ["erase", "plant", "own", "grafted", "none"] as const;
export type Tool = (typeof tools)[number];

/** Where there is room for fewer device pixels a cell, cells are no squares: the picture fills the room and is smoothed. */
const FEWEST_PIXELS = 2;

/** The inside of the element: shows a simulation, drives it frame by frame, and lets people edit it. */
export class Stage {
  /** Radius of the brush, in cells. */
  brush = 6;
  readonly #root = make("div", { class: "stage", part: "stage" });
  readonly #slot = make("slot");
  readonly #screen = make("div", { class: "screen", hidden: "" });
  readonly #canvas = make("canvas", { part: "canvas", tabindex: "0", role: "application" });
  readonly #tissue = svg("svg", { class: "tissue", preserveAspectRatio: "none", "aria-hidden": "true" });
  readonly #ring = make("div", { class: "brush", part: "brush", hidden: "" });
  readonly #message = make("p", { class: "message", part: "message", role: "alert", hidden: "" });
  #simulation: Simulation | undefined;
  #grid: Grid = [1, 1];
  #tool: Tool = "erase";
  #view: View = picture;
  /** Revision of the state that is drawn. */
  #drawn = -1;
  /** Tissue changed since it was drawn. */
  #painted = true;
  #pixelRatio = 0;

  /** @param keys what keys do while the picture has the focus, by their names. */
  constructor(root: ShadowRoot, keys: Readonly<Record<string, () => void>>) {
    const paths = ["area", "border under", "border"].map((name) => svg("path", { class: name }));
    this.#tissue.append(...paths);
    this.#screen.append(this.#canvas, this.#tissue, this.#ring);
    this.#root.append(this.#slot, this.#screen, this.#message);
    root.append(this.#root);
    listenForGestures(this.#root, this.#canvas, () => this.#grid, {
      hover: (at) => this.#moveRing(at),
      draw: (from, to) => this.#use(this.#tool, from, to),
      double: (at) => {
        if (this.#tool === "erase") this.#simulation?.plant(at);
        return this.#tool === "erase";
      },
      use: (at) => this.#use(this.#tool === "erase" ? "plant" : this.#tool, at, at),
      erase: (at) => this.#use(this.#tool === "none" ? "none" : "erase", at, at),
      keys,
    });
    new ResizeObserver(() => this.#fit()).observe(this.#root);
  }

  set tool(tool: Tool) {
    this.#tool = tool;
    this.#root.classList.toggle("still", tool === "none");
    this.#moveRing(undefined);
  }

  set view(view: View) {
    this.#view = view;
    this.#drawn = -1;
  }

  /** A colour behind the picture, as CSS has it; "": none. */
  set background(colour: string) {
    this.#root.style.background = colour;
  }

  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  /** What the picture is called, for screen readers. */
  label(name: string): void {
    const paint = this.#simulation?.grafted ? " or paints the chosen tissue" : "";
    const edits =
      this.#tool === "none" ? "" : ` Arrow keys move the brush, Delete erases, Enter plants a seed${paint}.`;
    const label = `${name}: a growing picture. Space plays and pauses, the full stop makes a step, R resets.${edits}`;
    this.#canvas.setAttribute("aria-label", label);
  }

  /** Tissue has changed. */
  painted(): void {
    this.#painted = true;
  }

  /** Shows a simulation from now on; or nothing but what the page put inside the element. */
  show(simulation: Simulation | undefined): void {
    this.#simulation = simulation;
    this.#message.hidden = true;
    this.#slot.hidden = simulation !== undefined;
    this.#screen.hidden = simulation === undefined;
    this.#drawn = -1;
    this.#painted = true;
    if (!simulation) return;
    this.#grid = simulation.grid;
    this.#tissue.setAttribute("viewBox", `0 0 ${this.#grid[1]} ${this.#grid[0]}`);
    this.#root.classList.toggle("opaque", simulation.rule.image.channels < 4);
    this.#fit();
  }

  /** Says a sentence instead of showing anything. */
  say(message: string): void {
    this.show(undefined);
    this.#slot.hidden = true;
    this.#message.textContent = message;
    this.#message.hidden = false;
  }

  /** One frame: the work that is due, and the newest picture. */
  async frame(): Promise<void> {
    const simulation = this.#simulation;
    if (!simulation) return;
    void simulation.frame();
    if (this.#pixelRatio !== devicePixelRatio) this.#fit();
    this.#drawTissue(simulation);
    const { revision } = simulation;
    if (revision === this.#drawn) return;
    this.#drawn = revision;
    this.#draw(await simulation.read(), simulation);
  }

  #use(tool: Tool, from: Place, to: Place): void {
    const simulation = this.#simulation;
    switch (tool) {
      case "erase":
        return simulation?.erase(from, to, this.brush);
      case "plant":
        return from === to ? simulation?.plant(to) : undefined;
      case "own":
      case "grafted":
        return simulation?.paint(from, to, this.brush, tool === "own" ? 0 : 1);
      case "none":
        return undefined;
      default:
        return tool satisfies never;
    }
  }

  /** Shows which cells are of which tissue, while a tool that changes it is chosen. */
  #drawTissue({ tissue, grid }: Simulation): void {
    const shown = this.#tool === "own" || this.#tool === "grafted";
    this.#tissue.toggleAttribute("hidden", !shown);
    if (!shown || !this.#painted) return;
    this.#painted = false;
    const { area, border } = tissuePaths(tissue, grid);
    for (const [i, path] of [area, border, border].entries())
      this.#tissue.children[i].setAttribute("d", path);
  }

  #draw(state: Float32Array, { rule, grid }: Simulation): void {
    const { width, height, data } = this.#view(state, rule, grid);
    const canvas = this.#canvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    image.data.set(data);
    context.putImageData(image, 0, 0);
  }

  /** Gives each cell the same whole number of device pixels, as many as there is room for. */
  #fit(): void {
    this.#pixelRatio = devicePixelRatio;
    const [height, width] = this.#grid;
    const { clientWidth, clientHeight } = this.#root;
    const room = Math.min(clientWidth / width, clientHeight / height);
    const pixels = Math.floor(room * devicePixelRatio);
    const whole = pixels >= FEWEST_PIXELS;
    this.#root.classList.toggle("fine", !whole);
    this.#screen.style.width = `${width * (whole ? pixels / devicePixelRatio : room)}px`;
  }

  #moveRing(at: Place | undefined): void {
    this.#ring.hidden = at === undefined || this.#tool === "none";
    if (!at) return;
    const [height, width] = this.#grid;
    const { style } = this.#ring;
    style.left = `${(at.x / width) * 100}%`;
    style.top = `${(at.y / height) * 100}%`;
    const radius = this.#tool === "plant" ? 0.5 : this.brush;
    style.width = `${((2 * radius) / width) * 100}%`;
  }
}

type Attributes = Readonly<Record<string, string>>;

function make<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: Attributes = {}) {
  return withAttributes(document.createElement(tag), attributes);
}

function svg<T extends keyof SVGElementTagNameMap>(tag: T, attributes: Attributes) {
  return withAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);
}

function withAttributes<T extends Element>(element: T, attributes: Attributes): T {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
