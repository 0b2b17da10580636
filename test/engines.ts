import type { Engine } from "../src/engine.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { createEngine } from "../src/node/engine.ts";
import { graphicsEngine, noGraphics } from "./graphics.ts";

type Tested = Readonly<{
  name: string;
  create: () => Promise<Engine>;
  /** Whether it takes seconds to get ready for a rule, so that a part of the cases has to do. */
  slow?: boolean;
}>;

/** The engines that the tests of this folder run on: the last where there is a graphics device, or software that plays one. */
export const engines: readonly Tested[] = [
  { name: "reference", create: async () => referenceEngine() },
  { name: "wasm, relaxed", create: () => createEngine({ threads: 0, kernels: "relaxed" }) },
  { name: "wasm, strict", create: () => createEngine({ threads: 0, kernels: "strict" }) },
  ...(noGraphics === undefined ? [{ name: "webgpu", create: () => graphicsEngine(), slow: true }] : []),
];
