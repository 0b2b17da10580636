/** The suite on every engine, in one file: what the reference makes of the cases in float64 is computed once for all. */
import { describe, it } from "vitest";
import { conformance } from "../src/conformance/suite.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { createEngine } from "../src/node/engine.ts";
import { graphicsEngine, noGraphics, noHalfPrecision } from "./graphics.ts";

conformance("the reference, float32", async () => referenceEngine(), { runs: 4 });
conformance("wasm, relaxed", () => createEngine({ threads: 0, kernels: "relaxed" }), { runs: 30 });
conformance("wasm, strict", () => createEngine({ threads: 0, kernels: "strict" }), { runs: 5 });
conformance("wasm, three threads that share memory", () => createEngine({ threads: 3, processors: 3 }), {
  runs: 4,
});
conformance("wasm, with memory for few steps", () => createEngine({ threads: 1, memoryBudget: 20_000 }), {
  runs: 5,
});

// Software compiles a shader in a second: one test in forty-five, and all of them with WEBGPU_CASES=all.
const all = process.env.WEBGPU_CASES === "all";
const onDevice = {
  runs: all ? 30 : 2,
  part: all ? 1 : 45,
  comparison: { relative: 1e-5, absolute: 0 },
  ...(all && { timeout: 900_000 }),
};

if (noGraphics === undefined) {
  conformance("webgpu", () => graphicsEngine(), onDevice);
} else {
  describe("conformance of webgpu", () => it.skip(`is not tested here: ${noGraphics}`, () => {}));
}

if (noHalfPrecision === undefined) {
  conformance("webgpu-f16", () => graphicsEngine({ halfPrecision: true }), {
    ...onDevice,
    tolerance: { relative: 0, absolute: 0.01 },
    margin: 0.003,
    skips: Object.fromEntries(
      [
        "taps four cells away, zero",
        "depthwise kernels of 3x3 on 24x33 cells, wrap",
        "attention, mask after, wrap",
      ].map((title) => [title, "rounding carries a cell across the threshold of life"]),
    ),
  });
} else {
  describe("conformance of webgpu-f16", () => it.skip(`is not tested here: ${noHalfPrecision}`, () => {}));
}
