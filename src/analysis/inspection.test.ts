import { describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Plane } from "../rule/grid.ts";
import { seedState } from "../model/seed.ts";
import { applyDamage } from "../edit/damage.ts";
import type { Cell } from "./cells.ts";
import { hiddenActivations } from "./hiddenUnits.ts";
import { record, sampledSteps, momentSteps } from "./inspection.ts";

const damage = (...steps: number[]) => steps.map((step) => ({ kind: "hole" as const, step }));

describe("record", () => {
  const conventions = splitRule({ ...picturePresets.distill, hidden: [6] });
  const { rule } = conventions;
  const { channels } = rule;
  const grid: Plane = [8, 9];
  const parameters = randomParameters(rule, drawing(2));
  // Alpha rises everywhere, so that the pattern spreads.
  parameters[parameters.length - channels + rule.alive.channel] = 0.4;
  const engine = referenceEngine();
  const cells: Cell[] = [
    [4, 4],
    [0, 8],
    [3, 2],
  ];
  const start = seedState(conventions, grid);
  const keep = [0, 1, 2, 3, 4, 5, 6];
  /** The states after so many steps, with no help of `unroll`. */
  const statesOf = async (state: Float32Array, steps: number, firstStep: number) => {
    const request = { rule, grid, parameters, states: [state], steps, firstStep, seed: 7, keep };
    const rollout = await engine.rollout({ ...request, keep: keep.slice(0, steps + 1) });
    return Promise.all(keep.slice(0, steps + 1).map((step) => rollout.kept(0, step).read()));
  };

  it("keeps every number of the chosen cells, counts and norms, before damage and after it", async () => {
    const before = await statesOf(start, 6, 0);
    const damaged = before[4].slice();
    applyDamage(damaged, grid, channels, "half-left", [7, 4, 0]);
    expect(damaged).not.toEqual(before[4]);
    const states = [...before.slice(0, 4), ...(await statesOf(damaged, 2, 4))];

    const watched: Float32Array[] = [];
    const recording = await record({
      engine,
      ...conventions,
      grid,
      parameters,
      seed: 7,
      steps: 6,
      damage: [{ kind: "half-left", step: 4 }],
      cells,
      watch: (step, state) => (watched[step] = state),
    });
    expect(watched).toEqual(states);
    expect(recording.traces.length).toBe(7 * 3 * channels);
    expect(recording.hidden.length).toBe(7 * 3 * 6);
    for (const [step, state] of states.entries()) {
      for (const [i, cell] of cells.entries()) {
        const from = (cell[0] * grid[1] + cell[1]) * channels;
        const at = step * 3 + i;
        expect(recording.traces.subarray(at * channels, (at + 1) * channels)).toEqual(
          state.subarray(from, from + channels),
        );
        expect(recording.hidden.subarray(at * 6, (at + 1) * 6)).toEqual(
          hiddenActivations(rule, parameters, grid, state, cell),
        );
      }
      const mature = state.filter((value, n) => n % channels === 3 && value > 0.1).length;
      expect(recording.mature[step]).toBe(mature);
      const squares = state.reduce((sum, value) => sum + value * value, 0);
      expect(recording.norms[step]).toBeCloseTo(Math.sqrt(squares), 12);
    }
    // The seed has eight neighbours.
    expect([recording.mature[0], recording.growing[0]]).toEqual([1, 8]);
    expect(recording.moments).toEqual([0, 4, 6].map((step) => ({ step, state: states[step] })));
    expect(recording.mature[3]).toBeGreaterThan(9);
    expect(recording.mature[4]).toBeLessThan(recording.mature[3]);
  });

  it("keeps pictures and hidden units of some 200 steps at most, traces of all", async () => {
    const request = {
      engine,
      ...conventions,
      grid,
      parameters,
      seed: 0,
      steps: 401,
      damage: [],
      cells: cells.slice(1, 2),
    };
    const { traces, hidden, moments } = await record(request);
    expect(traces.length).toBe(402 * channels);
    expect(hidden.length).toBe(sampledSteps(401).length * 6);
    expect(moments.map(({ step }) => step)).toEqual([0, 10, 20, 40, 80, 160, 320, 401]);
  });

  it("stops when it is asked to", async () => {
    const controller = new AbortController();
    const watch = (step: number) => step === 3 && controller.abort(new Error("enough"));
    const request = {
      engine,
      ...conventions,
      grid,
      parameters,
      seed: 0,
      steps: 50,
      damage: [],
      cells,
      watch,
    };
    await expect(record({ ...request, signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("sampledSteps", () => {
  it.each([
    [1, 200, [0, 1]],
    [4, 4, [0, 1, 2, 3, 4]],
    [9, 4, [0, 3, 6, 9]],
    [10, 4, [0, 3, 6, 9, 10]],
    [10, 1, [0, 10]],
  ])("of %i steps, at most %i: %j", (steps, most, expected) => {
    expect(sampledSteps(steps, most)).toEqual(expected);
  });
});

describe("momentSteps", () => {
  it.each([
    [200, damage(), [0, 10, 20, 40, 80, 160, 200]],
    [200, damage(100), [0, 10, 20, 40, 80, 100, 110, 120, 140, 180, 200]],
    [10_000, damage(), [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_000]],
    [7, damage(), [0, 7]],
    [7, damage(7, 0), [0, 7]],
    // By factors of four.
    [400, damage(200, 100), [0, 10, 40, 100, 110, 140, 200, 210, 240, 360, 400]],
  ])("of %i steps with damage %j", (steps, at, expected) => {
    expect(momentSteps(steps, at)).toEqual(expected);
  });

  it("are twelve at most, however much damage there is", () => {
    const many = Array.from({ length: 40 }, (_, i) => 3 * i + 1);
    const steps = momentSteps(200, damage(...many));
    expect(steps.length).toBe(12);
    expect([steps[0], steps[11]]).toEqual([0, 200]);
    expect(new Set(steps).size).toBe(12);
  });
});
