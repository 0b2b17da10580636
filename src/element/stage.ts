import type { Place } from "../edit/stroke.ts";
import { shownReadout } from "../model/readout.ts";
import { FIRST_COLOUR, partsOf } from "./colour.ts";
import { make } from "./dom.ts";
import { listenForGestures } from "./gestures.ts";
import type { Graphics, Painter } from "./graphics.ts";
import { type Mark, Overlay } from "./overlay.ts";
import type { Simulation } from "./simulation.ts";
import { Throttle } from "./throttle.ts";
import { type Point, type Spot, Viewport } from "./viewport.ts";
import { picture, type View } from "./views.ts";

/**
 * What the pointer does: erase, paint a colour, plant a seed, make cells run the model itself (`own`) or the guest model
 * (`grafted`), look at a cell, move the picture, or nothing, so that fingers scroll the page.
 */
export const tools = ["erase", "colour", "plant", "own", "grafted", "look", "move", "none"] as const;
/**
 * What the pointer does: erase, paint a colour, plant a seed, make cells run the model itself (`own`) or the guest model
 * (`grafted`), look at a cell, move the picture, or nothing, so that fingers scroll the page.
 */
export type Tool = (typeof tools)[number];

const BRUSH_KEYS = " Arrow keys move the brush, Delete erases, Enter ";
/** What keys do, by tool. */
const KEYS: Readonly<Record<Tool, string>> = {
  erase: `${BRUSH_KEYS}plants a seed.`,
  colour: `${BRUSH_KEYS}paints.`,
  plant: `${BRUSH_KEYS}plants a seed.`,
  own: `${BRUSH_KEYS}makes cells run the chosen model.`,
  grafted: `${BRUSH_KEYS}makes cells run the chosen model.`,
  look: " Arrow keys move the mark, Enter looks at its cell.",
  move: " Arrow keys move the picture.",
  none: "",
};

/** Magnification by a press of a key. */
const ZOOM_STEP = 1.5;

/** What the stage reports, and the keys it handles. */
export type StageOptions = Readonly<{
  /** What keys do while the picture has the focus, by their names. */
  keys: Readonly<Record<string, () => void>>;
  /** Called when a cell is looked at. */
  onLook: (cell: Mark["cell"]) => void;
  /** Called when the picture is zoomed. */
  onZoom: (zoom: number) => void;
}>;

/** The inside of the element: shows a simulation, drives it frame by frame, and lets people edit it. */
export class Stage {
  /** Radius of the brush, in cells. */
  brush = 6;
  /** What the tool "colour" paints with: red, green and blue, 0 to 1. */
  colour = partsOf(FIRST_COLOUR);
  readonly #root = make("div", { class: "stage", part: "stage" });
  readonly #slot = make("slot");
  readonly #screen = make("div", { class: "screen", hidden: "" });
  readonly #canvas = make("canvas", { part: "canvas", tabindex: "0", role: "application" });
  /** Lies over the other canvas, which pointers and keys reach, while a graphics device draws. */
  readonly #deviceCanvas = make("canvas", { class: "device", part: "canvas", "aria-hidden": "true" });
  readonly #overlay = new Overlay();
  readonly #ring = make("div", { class: "brush", part: "brush", hidden: "" });
  readonly #message = make("p", { class: "message", part: "message", role: "alert", hidden: "" });
  readonly #viewport = new Viewport();
  readonly #throttle = new Throttle();
  readonly #onLook: StageOptions["onLook"];
  readonly #onZoom: StageOptions["onZoom"];
  #simulation: Simulation | undefined;
  #tool: Tool = "erase";
  #view: View = picture;
  #painter: Painter | undefined;
  /** Revision of the state that is drawn. */
  #drawn = -1;
  /** Whether a state is being read for a picture. */
  #reading = false;
  #drawnByDevice = false;
  /** Which model cells run, or whether that is shown, has changed since it was drawn. */
  #membershipChanged = true;

  constructor(root: ShadowRoot, { keys, onLook, onZoom }: StageOptions) {
    this.#onLook = onLook;
    this.#onZoom = onZoom;
    this.#screen.append(this.#canvas, this.#overlay.element, this.#ring);
    this.#root.append(this.#slot, this.#screen, this.#message);
    root.append(this.#root);
    const viewport = this.#viewport;
    const zoomIn = () => this.#zoomBy(ZOOM_STEP);
    const zoomOut = () => this.#zoomBy(1 / ZOOM_STEP);
    const showAll = () => this.#zoomBy(0);
    listenForGestures(this.#root, this.#canvas, {
      grid: () => viewport.grid,
      pointOf: (event) => this.#pointOf(event),
      spotAt: (point) => viewport.spotAt(point),
      role: () => (this.#tool === "none" || this.#tool === "move" ? this.#tool : "draw"),
      hover: (at) => this.#moveRing(at),
      brushMoved: (at) => {
        viewport.reveal(at);
        this.#place();
        this.#moveRing(at);
      },
      press: (at) => this.#press(this.#tool, at),
      draw: (from, to) => this.#stroke(this.#tool, from, to),
      double: (at) => {
        if (this.#tool === "erase") this.#simulation?.plant(at);
        return this.#tool === "erase";
      },
      move: (from, to, factor) => this.#move(from, to, factor),
      enter: (at) => this.#press(this.#tool === "erase" ? "plant" : this.#tool, at),
      erase: (at) => this.#press(KEYS[this.#tool].startsWith(BRUSH_KEYS) ? "erase" : "none", at),
      keys: { "+": zoomIn, "=": zoomIn, "-": zoomOut, "0": showAll, ...keys },
    });
    // Where the picture is magnified, the stage is scrolled into sight, and not all of the picture.
    this.#canvas.addEventListener("focus", () => {
      if (this.#canvas.matches(":focus-visible")) this.#root.scrollIntoView({ block: "nearest" });
    });
    new ResizeObserver(() => this.#fit()).observe(this.#root);
  }

  set tool(tool: Tool) {
    this.#tool = tool;
    this.#root.dataset["tool"] = tool;
    this.#membershipChanged = true;
    this.#moveRing(undefined);
  }

  set view(view: View) {
    this.#view = view;
    this.#drawn = -1;
  }

  set zoom(zoom: number) {
    if (this.#viewport.zoom === zoom) return;
    this.#viewport.zoom = zoom;
    this.#place();
  }

  /** Row and column in the middle. */
  get centre(): Mark["cell"] {
    return this.#viewport.middle;
  }

  set centre(cell: Mark["cell"]) {
    this.#viewport.centre = cell;
    this.#place();
  }

  get marked(): readonly Mark[] {
    return this.#overlay.marks;
  }

  set marked(marks: readonly Mark[]) {
    this.#overlay.marks = marks;
  }

  /** A colour behind the picture, as CSS has it; "": none. */
  set background(colour: string) {
    this.#root.style.background = colour;
  }

  /** The canvas that is drawn on. Its picture can be taken at once: browsers may drop what a graphics device drew once it was shown. */
  get canvas(): HTMLCanvasElement {
    if (!this.#drawnByDevice) return this.#canvas;
    if (this.#simulation) this.#paint(this.#simulation);
    return this.#deviceCanvas;
  }

  /** The graphics device that has the states, and draws those views of them that it can; undefined: none has. */
  set graphics(graphics: Graphics | undefined) {
    this.#painter?.dispose();
    this.#painter = graphics?.painter(this.#deviceCanvas);
    this.#drawn = -1;
  }

  /** What the picture is called, for screen readers. */
  label(name: string): void {
    const keys = `Space plays and pauses, the full stop makes a step, R resets, plus and minus zoom.${KEYS[this.#tool]}`;
    this.#canvas.setAttribute("aria-label", `${name}: a growing picture. ${keys}`);
  }

  /** To be called when cells were made to run another model. */
  membershipChanged(): void {
    this.#membershipChanged = true;
  }

  /** Shows a simulation from now on; or nothing but what the page put inside the element. */
  show(simulation: Simulation | undefined): void {
    this.#simulation = simulation;
    this.#message.hidden = true;
    this.#slot.hidden = simulation !== undefined;
    this.#screen.hidden = simulation === undefined;
    this.#drawn = -1;
    this.#membershipChanged = true;
    if (!simulation) return;
    this.#viewport.grid = simulation.shownGrid;
    this.#root.classList.toggle("opaque", (simulation.readout?.channels ?? 1) < 4);
    this.#fit();
  }

  /** Shows a sentence instead of a simulation. */
  showMessage(message: string): void {
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
    if (this.#viewport.pixelRatio !== devicePixelRatio) this.#fit();
    this.#drawMembership(simulation);
    const { revision } = simulation;
    if (revision === this.#drawn || this.#paint(simulation)) return;
    if (this.#reading || !this.#throttle.due) return;
    this.#drawn = revision;
    this.#reading = true;
    const state = await simulation.shown().finally(() => (this.#reading = false));
    if (simulation !== this.#simulation) return;
    if (this.#throttle.due) this.#throttle.run(() => this.#draw(state, simulation));
    else this.#drawn = -1;
  }

  /** A tool comes down. */
  #press(tool: Tool, at: Place): void {
    if (tool === "plant") this.#simulation?.plant(at);
    else if (tool === "look") this.#look(at);
    else this.#stroke(tool, at, at);
  }

  /** A tool is drawn along a line. */
  #stroke(tool: Tool, from: Place, to: Place): void {
    const simulation = this.#simulation;
    switch (tool) {
      case "erase":
        return simulation?.erase(from, to, this.brush);
      case "colour":
        return simulation?.colour(from, to, this.brush, this.colour);
      case "own":
      case "grafted":
        return simulation?.paint(from, to, this.brush, tool === "own" ? 0 : 1);
      case "plant":
      case "look":
      case "move":
      case "none":
        return undefined;
      default:
        return tool satisfies never;
    }
  }

  #look({ x, y }: Place): void {
    if (!this.#simulation) return;
    const [height, width] = this.#simulation.shownGrid;
    const [row, column] = [Math.floor(y), Math.floor(x)];
    if (row < 0 || row >= height || column < 0 || column >= width) return;
    this.#onLook([Math.min(row, this.#simulation.grid[0] - 1), column]);
  }

  /** Shows which model each cell runs, while a tool that changes it is chosen. */
  #drawMembership({ membership, grid, shownGrid }: Simulation): void {
    if (!this.#membershipChanged) return;
    this.#membershipChanged = false;
    if (grid === shownGrid)
      this.#overlay.membership = this.#tool === "own" || this.#tool === "grafted" ? membership : undefined;
  }

  /** Draws by the graphics device. @returns whether it could. */
  #paint(simulation: Simulation): boolean {
    const { onDevice } = this.#view;
    if (!onDevice || simulation.hasHistory) return false;
    const tiles = this.#painter?.paint(simulation, shownReadout(simulation), onDevice);
    if (tiles === undefined) return false;
    this.#drawn = simulation.revision;
    this.#reveal(this.#deviceCanvas, tiles);
    return true;
  }

  #draw(state: Float32Array, simulation: Simulation): void {
    const { rule, shownGrid } = simulation;
    const { width, height, data, tiles = 1 } = this.#view(state, rule, shownGrid, simulation);
    const canvas = this.#canvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    image.data.set(data);
    context.putImageData(image, 0, 0);
    this.#reveal(canvas, tiles);
  }

  /** Shows the canvas that was drawn on. @param tiles across. */
  #reveal(canvas: HTMLCanvasElement, tiles: number): void {
    const byDevice = canvas === this.#deviceCanvas;
    if (byDevice && !this.#drawnByDevice) {
      this.#canvas.after(canvas);
      // What it showed would show through.
      this.#canvas.width = 1;
    }
    if (!byDevice) this.#deviceCanvas.remove();
    this.#drawnByDevice = byDevice;
    if (tiles === this.#viewport.tiles) return;
    this.#viewport.tiles = tiles;
    this.#moveRing(undefined);
    this.#place();
  }

  /** Where an event happens; right also where the page scales the element. */
  #pointOf({ clientX, clientY }: MouseEvent): Point {
    const shown = this.#canvas.getBoundingClientRect();
    const { left, top, width } = this.#viewport.box;
    const scale = width / shown.width;
    return { x: left + (clientX - shown.left) * scale, y: top + (clientY - shown.top) * scale };
  }

  #zoomBy(factor: number): void {
    const { room } = this.#viewport;
    const middle = { x: room.width / 2, y: room.height / 2 };
    this.#move(middle, middle, factor);
  }

  #move(from: Point, to: Point, factor: number): void {
    if (!this.#simulation) return;
    this.#viewport.move(from, to, factor);
    this.#place();
    this.#onZoom(this.#viewport.zoom);
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#root;
    this.#viewport.room = { width, height };
    this.#viewport.pixelRatio = devicePixelRatio;
    this.#place();
  }

  /** Puts the picture where the viewport says. */
  #place(): void {
    const { box, fine, grid, tiles } = this.#viewport;
    this.#root.classList.toggle("fine", fine);
    for (const [name, length] of Object.entries(box)) this.#screen.style.setProperty(name, `${length}px`);
    this.#overlay.fit(grid, tiles);
  }

  #moveRing(at: Spot | undefined): void {
    const tool = this.#tool;
    this.#ring.hidden = at === undefined || tool === "none" || tool === "move";
    if (!at) return;
    const { grid, tiles } = this.#viewport;
    const [x, y] = tool === "look" ? [Math.floor(at.x) + 0.5, Math.floor(at.y) + 0.5] : [at.x, at.y];
    const { style } = this.#ring;
    style.left = `${((at.tile.x + x / grid[1]) / tiles) * 100}%`;
    style.top = `${((at.tile.y + y / grid[0]) / tiles) * 100}%`;
    const diameter = tool === "plant" || tool === "look" ? 1 : 2 * this.brush;
    style.width = `${(diameter / grid[1] / tiles) * 100}%`;
  }
}
