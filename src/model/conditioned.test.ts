import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { parameterCount } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { conditionedAutomaton } from "./conditioned.ts";

const grid = [9, 8] as const;
const input = Float32Array.of(0.7, -1.2, 0.4);

describe("conditionedAutomaton", () => {
  it.each<[string, Partial<Rule>]>([
    ["hidden layers", { hidden: [5, 4] }],
    ["one layer", { hidden: [] }],
    ["one layer without a bias", { hidden: [], outputBias: false }],
    ["no output bias", { outputBias: false }],
    ["depthwise kernels", { perceive: { kind: "depthwise", size: 3, kernels: 2 }, hidden: [] }],
  ])("%s: does what the automaton does that is told", async (_name, changes) => {
    const draw = drawing(8);
    const rule = smallRule({ ...changes, inputSize: 3 });
    const parameters = randomParameters(rule, draw);
    const start = disc(rule, grid, draw);
    const told = conditionedAutomaton(rule, parameters, input);
    expect(told.rule.inputSize).toBe(0);
    expect(told.parameters).toHaveLength(parameterCount(told.rule));
    const request = { grid, states: [start], steps: 4, seed: 2 };
    const engine = referenceEngine();
    const [before, after] = await Promise.all([
      engine.rollout({ ...request, rule, parameters, inputs: [input] }),
      engine.rollout({ ...request, ...told }),
    ]);
    const [wanted, got] = await Promise.all([before.final[0].read(), after.final[0].read()]);
    expect(wanted.some((value, i) => value !== start[i])).toBe(true);
    // A sum of float32 numbers, in another order, over four steps.
    wanted.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 4));
  });

  it("refuses an input of another length", () => {
    const rule = smallRule({ inputSize: 2 });
    expect(() => conditionedAutomaton(rule, new Float32Array(parameterCount(rule)), input)).toThrow(
      new RangeError("the input has 3 numbers; this rule needs 2"),
    );
  });
});
