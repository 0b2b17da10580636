/** What the element uses of a graphics device. The code behind it is a file of its own (`webgpu/`), loaded when it is wanted. */
import type { Engine } from "../engine.ts";
import type { Readout } from "../model/readout.ts";
import type { Simulation } from "./simulation.ts";
import type { DeviceView } from "./views.ts";

/** Draws states on a canvas from where they lie. */
export interface Painter {
  /**
   * Draws the state that a simulation holds.
   *
   * @param readout which of its channels are the picture.
   * @returns tiles across; undefined where it cannot, as the picture is larger than the device's textures: the canvas is as
   *   it was.
   */
  paint(simulation: Simulation, readout: Readout, view: DeviceView): number | undefined;
  dispose(): void;
}

/** A graphics device at work. */
export type Graphics = Readonly<{
  /** Its rollouts resolve when they are done, so that time taken is time needed. */
  engine: Engine;
  /** Resolves, if ever, with a sentence without a full stop when nothing can be computed on it any more. */
  lost: Promise<string>;
  /** @param canvas without a context, or with one of `webgpu`. */
  painter(canvas: HTMLCanvasElement): Painter;
  dispose(): Promise<void>;
}>;

/** @throws Error, one sentence, where there is no WebGPU or no device that does. */
export type StartGraphics = () => Promise<Graphics>;
