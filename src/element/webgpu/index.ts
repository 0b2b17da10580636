/** The part of `<nca-canvas>` that computes and draws on a graphics device: what `nca-canvas-webgpu.js` holds. */
import { createWebgpuEngine, type WebgpuEngine } from "../../engine/webgpu/engine.ts";
import type { Graphics } from "../graphics.ts";
import { Drawing } from "./drawing.ts";
import { CanvasPainter } from "./painter.ts";

/** Starts the page's graphics device. @throws Error, one sentence, where there is no WebGPU or no device that does. */
export async function startGraphics(): Promise<Graphics> {
  const engine = await createWebgpuEngine();
  const { device } = engine;
  const drawing = new Drawing(device, navigator.gpu.getPreferredCanvasFormat());
  const lost = device.lost.then(
    ({ message }) => `the graphics device was lost${message ? `: ${message.split("\n", 1)[0]}` : ""}`,
  );
  return {
    engine: waiting(engine, lost),
    lost,
    painter: (canvas) => new CanvasPainter(drawing, canvas),
    dispose: () => engine.dispose(),
  };
}

/** The engine, whose rollouts resolve when they are done: submitted alone, any number of steps would seem to take no time. */
function waiting(engine: WebgpuEngine, lost: Promise<string>): Graphics["engine"] {
  return {
    name: engine.name,
    build: engine.build,
    declines: (rule, need) => engine.declines(rule, need),
    async rollout(request) {
      const rollout = await engine.rollout(request);
      await Promise.race([engine.device.queue.onSubmittedWorkDone(), lost]);
      return rollout;
    },
    read: (states) => engine.read(states),
    dispose: () => engine.dispose(),
  };
}
