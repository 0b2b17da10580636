import type { Engine } from "../src/engine.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { createEngine } from "../src/node/engine.ts";

/** The engines that the tests of this folder run on. */
export const engines: readonly { name: string; create: () => Promise<Engine> }[] = [
  { name: "reference", create: async () => referenceEngine() },
  { name: "wasm, relaxed", create: () => createEngine({ threads: 0, kernels: "relaxed" }) },
  { name: "wasm, strict", create: () => createEngine({ threads: 0, kernels: "strict" }) },
];
