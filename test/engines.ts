import type { Engine } from "../src/engine.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";

/** The engines that the tests of this folder run on. */
export const engines: readonly { name: string; create: () => Promise<Engine> }[] = [
  { name: "reference, float32", create: async () => referenceEngine() },
];
