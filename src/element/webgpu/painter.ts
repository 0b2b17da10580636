import type { Readout } from "../../model/readout.ts";
import type { Painter } from "../graphics.ts";
import type { Simulation } from "../simulation.ts";
import type { DeviceView } from "../views.ts";
import type { Drawing } from "./drawing.ts";

/** Draws on one canvas. */
export class CanvasPainter implements Painter {
  readonly #drawing: Drawing;
  readonly #canvas: HTMLCanvasElement;
  readonly #context: GPUCanvasContext;

  /** @throws Error where the canvas has a context of another kind, or can have none. */
  constructor(drawing: Drawing, canvas: HTMLCanvasElement) {
    this.#drawing = drawing;
    this.#canvas = canvas;
    const context = canvas.getContext("webgpu");
    if (!context) throw new Error("no canvas of this page can show what the graphics device draws");
    this.#context = context;
    context.configure({ device: drawing.device, format: drawing.format, alphaMode: "premultiplied" });
  }

  paint(simulation: Simulation, readout: Readout, view: DeviceView): number | undefined {
    const plan = this.#drawing.plan(simulation, readout, view);
    if (!plan) return undefined;
    const canvas = this.#canvas;
    if (canvas.width !== plan.width) canvas.width = plan.width;
    if (canvas.height !== plan.height) canvas.height = plan.height;
    this.#drawing.draw(simulation.held, plan, this.#context.getCurrentTexture());
    return plan.tiles;
  }

  dispose(): void {
    this.#context.unconfigure();
  }
}
