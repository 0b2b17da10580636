import { expect, it } from "vitest";
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Rule } from "../rule/rule.ts";
import type { Model } from "./model.ts";
import { startState } from "./start.ts";
import { unrollModel } from "./unroll.ts";

const rule: Rule = { ...rulePresets.distill, channels: 5, hidden: [6] };
const grid = [9, 8] as const;
const model: Model = {
  rule,
  parameters: randomParameters(rule, drawing(6)),
  readout: null,
  start: { seeds: [[0, 1]], cell: { from: 2, to: 5 } },
  provenance: { grid, seed: 7 },
};
const engine = referenceEngine();

async function after(steps: number, seed: number): Promise<Float32Array> {
  const { parameters } = model;
  const states = [startState(model, grid)];
  const { final } = await engine.rollout({ rule, grid, parameters, states, steps, seed });
  return final[0].read();
}

it("runs a model from its own seeds by its own fire masks, or by others that are asked for", async () => {
  const states: Float32Array[] = [];
  for await (const { state } of unrollModel(engine, model, { stops: [0, 6] })) states.push(state);
  expect(states).toEqual([startState(model, grid), await after(6, 7)]);
  for await (const { state } of unrollModel(engine, model, { stops: [6], seed: 8 })) {
    expect(state).toEqual(await after(6, 8));
    expect(state).not.toEqual(states[1]);
  }
});
