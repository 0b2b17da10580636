/** What every engine computes to the last bit, and what stays where it is. */
import { expect } from "vitest";
import type { ConformanceTest } from "./conformanceTest.ts";
import { fireLimit, fires } from "../random.ts";
import { parameterCount } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { smallRule } from "./cases.ts";
import { expectClose, parameterSets, type Tolerance } from "./compare.ts";
import { fireMask } from "../step/masks.ts";
import { updateNoise } from "../step/noise.ts";
import { scaleOf } from "./scenario.ts";
import { drawCalmScenario, drawing, randomArray, randomParameters } from "./scenario.ts";
import { disc } from "./starts.ts";

/** Parameters that are all zero but for the output biases. */
function biasesAlone(rule: Rule, biases: readonly number[]): Float32Array {
  const parameters = new Float32Array(parameterCount(rule));
  parameters.set(biases, parameters.length - rule.channels);
  return parameters;
}

/** @param tolerance of states where NaN was put in; the rest is exact. */
export function exactness(test: ConformanceTest, tolerance: Tolerance): void {
  const counting = smallRule({ channels: 2, hidden: [], alive: { mask: "none" } });

  for (const fireRate of [0.5, 0.1, 1, 0]) {
    test(`cells fire as the hash of seed, sample, step and cell says, at rate ${fireRate}`, async (engine) => {
      const rule = { ...counting, fireRate };
      const [height, width] = [9, 13];
      const sampleIds = [0, 77, 0xffffffff];
      for (const seed of [0, 1, 0x9e3779b9, 0xffffffff]) {
        const firstStep = 0x7ffffffe;
        const { final } = await engine.rollout({
          rule,
          grid: [height, width],
          parameters: biasesAlone(rule, [1, 0]),
          states: sampleIds.map(() => new Float32Array(height * width * 2)),
          steps: 4,
          seed,
          firstStep,
          sampleIds,
        });
        for (const [sample, id] of sampleIds.entries()) {
          const state = await final[sample].read();
          const counted = Array.from({ length: height * width }, (_, cell) => state[2 * cell]);
          const expected = counted.map((_, cell) => {
            const steps = [0, 1, 2, 3].filter((t) =>
              fires(fireLimit(fireRate), seed, id, firstStep + t, cell),
            );
            return steps.length;
          });
          expect(counted).toEqual(expected);
        }
      }
    });
  }

  test("noise is that of the hash of seed, sample, step, cell and channel, to the last bit", async (engine) => {
    const rule = smallRule({ channels: 5, noise: 1, hidden: [], alive: { mask: "none" } });
    const grid = [9, 7] as const;
    for (const sample of [0, 0xffffffff]) {
      const { final } = await engine.rollout({
        rule,
        grid,
        parameters: new Float32Array(parameterCount(rule)),
        states: [new Float32Array(9 * 7 * 5)],
        steps: 1,
        seed: 0xffffffff,
        firstStep: 0x80000001,
        sampleIds: [sample],
      });
      const noise = updateNoise(new Float32Array(), rule, grid, {
        seed: 0xffffffff,
        sample,
        step: 0x80000001,
      })!;
      const fired = fireMask(rule, grid, 0xffffffff, sample, 0x80000001);
      expect(await final[0].read()).toEqual(noise.map((value, i) => value * fired[Math.floor(i / 5)] + 0));
    }
  });

  test("a cell at the threshold is dead, and masked cells are zero", async (engine) => {
    for (const mask of ["both", "after"] as const) {
      const rule = smallRule({ channels: 2, alive: { mask, channel: 1, threshold: 0.5 } });
      const state = new Float32Array(5 * 5 * 2).fill(0.25);
      const at = 2 * (2 * 5 + 2) + 1;
      const request = {
        rule,
        grid: [5, 5],
        parameters: biasesAlone(rule, [0, 0]),
        steps: 1,
        seed: 1,
      } as const;
      state[at] = 0.5;
      const dead = await engine.rollout({ ...request, states: [state] });
      expect(await dead.final[0].read()).toEqual(new Float32Array(state.length));
      expect((await dead.final[0].stats()).livingCells).toBe(0);
      state[at] = 0.5 + 2 ** -20;
      const alive = await engine.rollout({ ...request, states: [state] });
      expect((await alive.final[0].stats()).livingCells).toBe(1);
      const expected = state.map((value, i) => {
        const [y, x] = [Math.floor(i / 10), (i >> 1) % 5];
        return Math.abs(y - 2) <= 1 && Math.abs(x - 2) <= 1 ? value : 0;
      });
      expect(await alive.final[0].read()).toEqual(expected);
    }
  });

  test("a cell that comes alive but was not near life dies, and keeps its neighbours alive", async (engine) => {
    // Channels: alpha, a mark, anything. Alpha changes by mark - alpha: the first cell dies, the third wakes.
    const rule = smallRule({
      channels: 3,
      kernels: ["identity"],
      hidden: [],
      outputBias: false,
      fireRate: 1,
    });
    const alive = { mask: "both", channel: 0, threshold: 0.1 } as const;
    const { final } = await engine.rollout({
      rule: { ...rule, alive },
      grid: [1, 4],
      parameters: Float32Array.of(-1, 0, 0, 1, 0, 0, 0, 0, 0),
      states: [Float32Array.of(1, 0, 5, 0, 0, 6, 0, 1, 7, 0, 0, 8)],
      steps: 1,
      seed: 1,
    });
    expect(await final[0].read()).toEqual(Float32Array.of(0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0));
  });

  test("pinned channels keep their values, in dead cells too, whatever the network says", async (engine) => {
    for (const mask of ["both", "after", "none"] as const) {
      const rule = smallRule({ fireRate: 1, pinned: [1, 4], alive: { mask } });
      const draw = drawing(3);
      const request = { rule, grid: [9, 8], parameters: randomParameters(rule, draw, 3), seed: 1 } as const;
      const state = randomArray(9 * 8 * rule.channels, draw);
      state[4] = NaN;
      const { final } = await engine.rollout({ ...request, states: [state], steps: 5 });
      const after = await final[0].read();
      const pins = (numbers: Float32Array) => numbers.filter((_, i) => [1, 4].includes(i % rule.channels));
      expect(pins(after)).toEqual(pins(state));
      expect(after).not.toEqual(state);
    }
  });

  const rulesOfSight: Record<string, Rule> = {
    "mask both": smallRule({ fireRate: 1 }),
    "mask after": smallRule({ fireRate: 1, alive: { mask: "after" } }),
    "mask none": smallRule({ fireRate: 1, alive: { mask: "none" } }),
    attention: smallRule({ fireRate: 1, perceive: { kind: "attention", heads: 2, size: 3 } }),
  };
  for (const [here, rule] of Object.entries(rulesOfSight)) {
    test(`NaN spreads as far as cells see, and is masked like any number: ${here}`, async (engine) => {
      const draw = drawing(5);
      const request = {
        rule,
        grid: [17, 15],
        parameters: randomParameters(rule, draw),
        steps: 3,
        seed: 1,
      } as const;
      const whole = disc(rule, request.grid, draw);
      for (const channel of [0, rule.alive.channel]) {
        const state = whole.slice();
        state[(8 * 15 + 5) * rule.channels + channel] = NaN;
        const rollout = { ...request, states: [state, whole], keep: [1, 2, 3] };
        const actual = await engine.rollout(rollout);
        const expected = await referenceEngine().rollout(rollout);
        for (const step of rollout.keep) {
          for (const sample of [0, 1]) {
            const [one, other] = [actual.kept(sample, step), expected.kept(sample, step)];
            expectClose(
              await one.read(),
              await other.read(),
              tolerance,
              `sample ${sample} after step ${step}`,
            );
            expect((await one.stats()).livingCells).toBe((await other.stats()).livingCells);
          }
        }
        expect((await expected.final[0].read()).some(Number.isNaN)).toBe(true);
        expect((await actual.final[1].read()).some(Number.isNaN)).toBe(false);
      }
    });
  }

  test("masked cells have no gradient, whatever their cotangent holds", async (engine) => {
    const rule = smallRule({ fireRate: 1 });
    const { request } = drawCalmScenario({ rule, grid: [12, 11], starts: [disc], steps: 3 });
    const rollout = await engine.rollout({ ...request, record: true });
    const final = await rollout.final[0].read();
    const empty = (i: number) => {
      const cell = i - (i % rule.channels);
      return final.subarray(cell, cell + rule.channels).every((value) => value === 0);
    };
    const clean = final.map((_, i) => (empty(i) ? 0 : 1));
    const dirty = clean.map((value, i) => (empty(i) ? NaN : value));
    const [one, other] = await Promise.all(
      [clean, dirty].map((data) =>
        rollout.backward({ cotangents: [{ sample: 0, step: 3, data }], states: true }),
      ),
    );
    expect(other).toEqual(one);
    expect(scaleOf(parameterSets(one)[0])).toBeGreaterThan(0);
    rollout.dispose();
  });
}
