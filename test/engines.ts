import type { Engine } from "../src/engine.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { createEngine } from "../src/node/engine.ts";
import { graphicsEngine, noGraphics } from "./graphics.ts";

/** The engines that the tests of this folder run on: the last where there is a graphics device, or software that plays one. */
export const engines: readonly { name: string; create: () => Promise<Engine> }[] = [
  { name: "reference", create: async () => referenceEngine() },
  { name: "wasm, relaxed", create: () => createEngine({ threads: 0, kernels: "relaxed" }) },
  { name: "wasm, strict", create: () => createEngine({ threads: 0, kernels: "strict" }) },
  ...(noGraphics === undefined ? [{ name: "webgpu", create: () => graphicsEngine() }] : []),
];
