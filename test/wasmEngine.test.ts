import { conformance } from "../src/conformance/suite.ts";
import { createEngine } from "../src/node/engine.ts";

conformance("wasm, relaxed", () => createEngine({ threads: 0, kernels: "relaxed" }));
conformance("wasm, strict", () => createEngine({ threads: 0, kernels: "strict" }), { runs: 30 });
conformance("wasm, on two threads", () => createEngine({ threads: 2 }), { runs: 30 });
conformance("wasm, with memory for few steps", () => createEngine({ threads: 1, memoryBudget: 20_000 }), {
  runs: 30,
});
