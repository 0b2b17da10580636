/** The attributes of `<nca-canvas>` that do not depend on the model, each as a typed property. */
import { FIRST_COLOUR } from "./colour.ts";
import { type EngineName, engineNames } from "./engines.ts";
import { type Tool, tools } from "./stage.ts";
import { MOST_ZOOM } from "./viewport.ts";

/** Where there is no page, as in Node, the element can be imported, and no more. */
const Base: typeof HTMLElement = Reflect.get(globalThis, "HTMLElement") ?? Object;

/** The number in an attribute, brought into its range; `otherwise` where there is none. */
export function numberOf<T extends number | undefined>(
  element: Element,
  name: string,
  otherwise: T,
  low = -Infinity,
  high = Infinity,
): number | T {
  const text = element.getAttribute(name)?.trim();
  const value = text ? Number(text) : NaN;
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}

/** Sets an attribute; undefined removes it. */
export function write(element: Element, name: string, value: string | number | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

/** Whether the visitor asks for less motion. */
export function lessMotion(): MediaQueryList {
  return matchMedia("(prefers-reduced-motion: reduce)");
}

/** An element whose properties are attributes. A property that is set writes its attribute. */
export class NcaAttributes extends Base {
  /** Where the model is loaded from: the address of a model file, relative to the page. "": nowhere. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(source: string) {
    write(this, "src", source);
  }

  /** "lazy": `src` is loaded when the element first comes into sight; "eager" (default): at once. */
  get loading(): "eager" | "lazy" {
    return this.getAttribute("loading") === "lazy" ? "lazy" : "eager";
  }

  set loading(when: "eager" | "lazy") {
    write(this, "loading", when);
  }

  /**
   * What computes: "wasm" (default), the processor; "webgpu", the graphics device, where there is one that can, else Wasm; or
   * "auto", the one of both that makes steps of the model faster, measured when it begins to play.
   */
  get engine(): EngineName {
    const name = this.getAttribute("engine");
    return engineNames.find((engine) => engine === name) ?? "wasm";
  }

  set engine(name: EngineName) {
    write(this, "engine", name);
  }

  /** Steps a second, from 0 on; `Infinity`, as an attribute "fastest", for as many as the machine can make. Default 60. */
  get speed(): number {
    return this.getAttribute("speed") === "fastest" ? Infinity : numberOf(this, "speed", 60, 0);
  }

  set speed(stepsPerSecond: number | "fastest") {
    write(this, "speed", stepsPerSecond === Infinity ? "fastest" : stepsPerSecond);
  }

  /** Radius of the brush in cells, from 0.5 on. Default 6. */
  get brush(): number {
    return numberOf(this, "brush", 6, 0.5);
  }

  set brush(radius: number) {
    write(this, "brush", radius);
  }

  /**
   * What the pointer does: "erase" (default; a double click plants), "colour" to paint the picture, "plant", "own" or
   * "grafted" to make cells run the model or its guest where two share the grid, "look" to report a cell (`nca-look`),
   * "move", or "none".
   */
  get tool(): Tool {
    const name = this.getAttribute("tool");
    return tools.find((tool) => tool === name) ?? "erase";
  }

  set tool(tool: Tool) {
    write(this, "tool", tool);
  }

  /** What the tool "colour" paints with, as "#rrggbb". Default "#e8833a", an orange. */
  get colour(): string {
    const text = this.getAttribute("colour") ?? "";
    return /^#[\da-f]{6}$/i.test(text) ? text : FIRST_COLOUR;
  }

  set colour(colour: string) {
    write(this, "colour", colour);
  }

  /** Magnification, from 1, all of the grid (default), to 32. */
  get zoom(): number {
    return numberOf(this, "zoom", 1, 1, MOST_ZOOM);
  }

  set zoom(magnification: number) {
    write(this, "zoom", magnification);
  }

  /** Degrees by which cells are turned, counter-clockwise. Kernels given by taps turn to the nearest multiple of 90. Default 0. */
  get angle(): number {
    return numberOf(this, "angle", 0);
  }

  set angle(degrees: number) {
    write(this, "angle", degrees);
  }

  /**
   * Whether it stands still. As an attribute: there for true, "false" for false, and where it is missing it plays unless
   * the visitor asks for less motion (prefers-reduced-motion).
   */
  get paused(): boolean {
    const text = this.getAttribute("paused");
    return text === null ? lessMotion().matches : text !== "false";
  }

  set paused(paused: boolean) {
    write(this, "paused", paused ? "" : lessMotion().matches ? "false" : undefined);
  }

  /** A CSS colour, or any background, behind the picture. Default "": none. */
  get background(): string {
    return this.getAttribute("background") ?? "";
  }

  set background(colour: string) {
    write(this, "background", colour || undefined);
  }

  /** CSS pixels of the longest side, if there is room; undefined, or no attribute: as wide as its container. */
  get size(): number | undefined {
    return numberOf(this, "size", undefined, 1);
  }

  set size(pixels: number | undefined) {
    write(this, "size", pixels);
  }

  /** Seed of the fire masks, an unsigned 32-bit number; each reset adds 1 to it. Default 0. */
  get seed(): number {
    return numberOf(this, "seed", 0) >>> 0;
  }

  set seed(seed: number) {
    write(this, "seed", seed);
  }

  /** Number, from 1 on, of the picture that a model of several is asked to draw; undefined where `input` was set instead. */
  get goal(): number | undefined {
    return numberOf(this, "goal", undefined, 1);
  }

  set goal(number: number | undefined) {
    write(this, "goal", number);
  }
}
