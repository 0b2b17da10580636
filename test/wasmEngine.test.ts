import { expect, it } from "vitest";
import { conformance } from "../src/conformance/suite.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { rulePresets } from "../src/rule/presets.ts";
import type { Rule } from "../src/rule/rule.ts";
import { createEngine } from "../src/node/engine.ts";

conformance("wasm, relaxed", () => createEngine({ threads: 0, kernels: "relaxed" }));
conformance("wasm, strict", () => createEngine({ threads: 0, kernels: "strict" }), { runs: 30 });
conformance("wasm, on two threads", () => createEngine({ threads: 2 }), { runs: 30 });
conformance("wasm, with memory for few steps", () => createEngine({ threads: 1, memoryBudget: 20_000 }), {
  runs: 30,
});

it("declines a perception that it has no kernels for, and refuses it in the same sentence", async () => {
  const engine = await createEngine({ threads: 0 });
  const rule: Rule = rulePresets.distill;
  const other: Rule = Object.assign({}, rule, { perceive: { kind: "attention" } });
  const sentence = "the wasm engine has no kernels for a perception of the kind attention";
  expect([engine.declines(rule), engine.declines(other)]).toEqual([undefined, sentence]);
  const request = { grid: [4, 4] as const, parameters: initialParameters(rule, 1), steps: 1, seed: 0 };
  const states = [new Float32Array(4 * 4 * rule.channels)];
  await expect(engine.rollout({ ...request, states, rule: other })).rejects.toThrow(new RangeError(sentence));
  await engine.dispose();
});
