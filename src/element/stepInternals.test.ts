import { describe, expect, it } from "vitest";
import { drawing, randomArray, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { aliveMask } from "../step/masks.ts";
import { featureCount } from "../rule/parts/perceive.ts";
import { perceive } from "../step/perception.ts";
import type { Automaton } from "../step/step.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { hiddenOf, perceptionOf, updateOf } from "./stepInternals.ts";

const grid: Plane = [9, 11];
const distill: Rule = { ...rulePresets.distill, hidden: [7, 5], inputSize: 3, fireRate: 1 };

/** An automaton whose right half runs a guest model, and a state with a living disc. */
function drawn(rule: Rule): { automaton: Automaton; state: Float32Array } {
  const draw = drawing(4);
  const input = randomArray(rule.inputSize, draw);
  const [parameters, other] = [randomParameters(rule, draw), randomParameters(rule, draw)];
  const cells = Uint8Array.from({ length: 99 }, (_, n) => Number(n % 11 > 5));
  const automaton = { rule, grid, parameters, input, graft: { parameters: [other], cells } };
  return { automaton, state: disc(rule, grid, draw) };
}

async function step(
  { rule, parameters, input, graft }: Automaton,
  state: Float32Array,
): Promise<Float32Array> {
  const { final } = await referenceEngine().rollout({
    rule,
    grid,
    parameters: new Float32Array(parameters),
    inputs: [new Float32Array(input!)],
    graft: { parameters: graft!.parameters.map((set) => new Float32Array(set)), cells: graft!.cells },
    states: [state],
    steps: 1,
    seed: 0,
  });
  return final[0].read();
}

describe("updateOf", () => {
  it("is what a step adds where all cells fire and none is masked", async () => {
    // Twice a number is exact, so that the sum is rounded once, as in the step.
    const rule: Rule = { ...distill, stepSize: 2, alive: { ...distill.alive, mask: "none" } };
    const { automaton, state } = drawn(rule);
    const update = updateOf(automaton, state);
    const next = await step(automaton, state);
    expect(next).toEqual(state.map((value, i) => value + update[i]));
    expect(update.filter((value) => value !== 0).length).toBeGreaterThan(1000);
  });

  it("is 0 in cells that are not alive before the step, and that of each cell's model in the others", async () => {
    const { automaton, state } = drawn(distill);
    const update = updateOf(automaton, state);
    const next = await step(automaton, state);
    const lives = aliveMask(distill, grid, state);
    const survives = aliveMask(distill, grid, next);
    let both = 0;
    for (let n = 0; n < 99; n++) {
      const own = update.subarray(16 * n, 16 * n + 16);
      if (!lives[n]) expect(own.every((value) => value === 0)).toBe(true);
      if (!lives[n] || !survives[n]) continue;
      both++;
      expect(next.subarray(16 * n, 16 * n + 16)).toEqual(own.map((value, c) => state[16 * n + c] + value));
    }
    expect(both).toBeGreaterThan(10);
    const alone = updateOf({ ...automaton, graft: undefined }, state);
    expect(alone).not.toEqual(update);
  });
});

it("perception and hidden units are those of living cells", () => {
  const { automaton, state } = drawn(distill);
  const lives = aliveMask(distill, grid, state);
  const F = featureCount(distill);
  const seen = perceive(distill, grid, state, automaton.input);
  expect(perceptionOf(automaton, state)).toEqual(
    seen.map((value, i) => (lives[Math.floor(i / F)] ? value : 0)),
  );
  const units = hiddenOf(automaton, state);
  expect(units.length).toBe(99 * 12);
  const active = [...lives.keys()].filter((n) =>
    units.subarray(12 * n, 12 * n + 12).some((value) => value > 0),
  );
  expect(active.every((n) => lives[n] === 1)).toBe(true);
  expect(active.length).toBeGreaterThan(lives.filter(Boolean).length / 2);
  const everywhere: Rule = { ...distill, alive: { ...distill.alive, mask: "after" } };
  expect(perceptionOf({ ...automaton, rule: everywhere }, state)).toEqual(seen);
});
