import { describe, expect, it } from "vitest";
import { smallRule } from "../src/conformance/cases.ts";
import { type Case, drawScenario } from "../src/conformance/scenario.ts";
import { disc, scattered } from "../src/conformance/starts.ts";
import type { WasmEngineOptions } from "../src/engine/wasm/engine.ts";
import { wideKernels } from "../src/engine/wasm/generated/wideKernels.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { rulePresets } from "../src/rule/presets.ts";
import type { Rule } from "../src/rule/rule.ts";
import { createEngine, startEngine } from "../src/node/engine.ts";

it("declines a perception that it has no kernels for, and refuses it in the same sentence", async () => {
  const engine = await createEngine({ threads: 0 });
  const rule: Rule = rulePresets.distill;
  const other: Rule = Object.assign({}, rule, { perceive: { kind: "hearsay" } });
  const sentence = "the wasm engine has no kernels for a perception of the kind hearsay";
  expect([engine.declines(rule), engine.declines(other)]).toEqual([undefined, sentence]);
  const request = { grid: [4, 4] as const, parameters: initialParameters(rule, 1), steps: 1, seed: 0 };
  const states = [new Float32Array(4 * 4 * rule.channels)];
  await expect(engine.rollout({ ...request, states, rule: other })).rejects.toThrow(new RangeError(sentence));
  await engine.dispose();
});

async function bitsOf(what: Case, options: WasmEngineOptions): Promise<unknown[]> {
  const engine = await startEngine({ kernels: "strict", ...options });
  try {
    const { request, cotangents } = drawScenario(what, 5);
    const bits: unknown[] = [];
    // Helpers know a memory from its second use on, at the latest.
    for (let time = 0; time < 2; time++) {
      const rollout = await engine.rollout({ ...request, record: true });
      const gradients = await rollout.backward({ cotangents, states: true });
      bits.push(await Promise.all(rollout.final.map((state) => state.read())), gradients);
      rollout.dispose();
    }
    return bits;
  } finally {
    await engine.dispose();
  }
}

const discs = { grid: [24, 40] as const, starts: [disc, scattered], steps: 5 };
const cases: Record<string, Case> = {
  "masks before and after": { ...discs, rule: rulePresets.distill },
  "a torus where every cell lives, noise": {
    ...discs,
    rule: smallRule({ boundary: "wrap", noise: 0.1, hidden: [96], alive: { mask: "none" } }),
  },
  "trained kernels, pinned channels, an input": {
    ...discs,
    rule: smallRule({
      perceive: { kind: "depthwise", size: 3, kernels: 4 },
      pinned: [0, 4],
      inputSize: 3,
      hidden: [64, 40],
    }),
  },
  "attention on a torus": {
    ...discs,
    rule: smallRule({
      perceive: { kind: "attention", heads: 3, size: 5 },
      boundary: "wrap",
      hidden: [64],
      alive: { mask: "none" },
    }),
  },
};

describe("kernels in wide tiles", () => {
  it.each(Object.entries(cases))("give the bits of the usual ones: %s", async (_, what) => {
    const options = { kernels: "relaxed", threads: 0 } as const;
    const expected = await bitsOf(what, options);
    for (const threads of [0, 2]) {
      expect(await bitsOf(what, { ...options, threads, wideKernels })).toEqual(expected);
    }
  });
});

describe("threads that share memory", () => {
  it.each(Object.entries(cases))("give the bits of one: %s", async (_, what) => {
    const expected = await bitsOf(what, { threads: 0 });
    for (const [threads, processors, sharedMemory] of [
      [2, 2, true],
      [3, 3, false],
      [4, 4, true],
      [8, 2, true],
    ] as const) {
      expect(await bitsOf(what, { threads, processors, sharedMemory })).toEqual(expected);
    }
  });

  it("a rollout that is aborted leaves them ready for the next", async () => {
    const { request } = drawScenario(cases["masks before and after"], 5);
    const engine = await createEngine({ threads: 3, processors: 3 });
    const { final } = await engine.rollout(request);
    const expected = await final[0].read();
    const controller = new AbortController();
    const long = engine.rollout({ ...request, keep: [], steps: 1 << 20, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(long).rejects.toMatchObject({ name: "AbortError" });
    const { final: again } = await engine.rollout(request);
    expect(await again[0].read()).toEqual(expected);
    await engine.dispose();
  });
});
