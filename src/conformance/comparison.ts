/** Comparing states with a picture where they lie: the same numbers as of the states read back. */
import { expect } from "vitest";
import type { Comparison, Rollout, RolloutRequest } from "../engine.ts";
import type { ConformanceTest } from "./conformanceTest.ts";
import { rulePresets } from "../rule/presets.ts";
import { type Plane, planeOf } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { parametersOf } from "../engine/request.ts";
import { smallRule } from "./cases.ts";
import { expectClose, type Tolerance } from "./compare.ts";
import { type Case, drawScenario, drawing } from "./scenario.ts";
import * as start from "./starts.ts";

const { colonies, corners, disc, empty, full, mixed, oneCell, scattered } = start;

/**
 * For engines that add up in double precision: some 2,000 squares on both sides, in any order, and each addition rounds by
 * 1.1e-16.
 */
export const DOUBLE_SUM: Tolerance = { relative: 1e-12, absolute: 0 };

const eightBits = (value: number) => Math.floor(Math.min(Math.max(value, 0), 1) * 255 + 0.5);

/** What the contract says, of a state of shape (H, W, C). */
function expectedOf(
  { channels }: Rule,
  state: Float32Array,
  { target, readout, measure }: Comparison,
): number {
  const cells = Array.from({ length: target.length / 4 }, (_, n) => {
    const from = n * channels + readout.offset;
    return [state.subarray(from, from + readout.channels), target.subarray(n * 4, n * 4 + readout.channels)];
  });
  if (measure === "squared-error") {
    const squares = cells.flatMap(([picture, wanted]) => [...picture].map((v, k) => (v - wanted[k]) ** 2));
    return squares.reduce((sum, square) => sum + square, 0) / squares.length;
  }
  const wrong = cells.filter(([picture, wanted]) =>
    picture.some((value, k) => eightBits(value) !== eightBits(wanted[k])),
  );
  const shown = cells.filter(([, wanted]) => wanted.some((value) => eightBits(value) !== 0));
  return wrong.length / Math.max(1, shown.length);
}

/** A picture that fills the middle of a grid, of numbers from -0.2 to 1.2. */
function drawPicture([height, width]: Plane, seed: number): Float32Array {
  const draw = drawing(seed);
  const target = new Float32Array(height * width * 4);
  for (let y = height >> 2; y < height - (height >> 2); y++) {
    for (let x = width >> 2; x < width - (width >> 2); x++) {
      for (let k = 0; k < 4; k++) target[(y * width + x) * 4 + k] = 1.4 * draw() - 0.2;
    }
  }
  return target;
}

/** Makes a third of a picture what a state shows there, within what 8 bits tell apart or a little beyond. */
function makeAlike(
  target: Float32Array,
  { channels }: Rule,
  { offset, channels: compared }: Readout,
  state: Float32Array,
): void {
  for (let n = 0; n < target.length / 4; n += 3) {
    for (let k = 0; k < compared; k++) {
      target[n * 4 + k] = state[n * channels + offset + k] + (n % 2 === 0 ? 0 : 1e-3);
    }
  }
}

type Readout = Comparison["readout"];
/** A case, and the channels that are compared; default: the first four. */
type Compared = Case & Readonly<{ readout?: Readout }>;

const FIRST: Readout = { offset: 0, channels: 4 };

function cases(): Record<string, Compared> {
  const shared = { grid: [13, 14], population: true, steps: [8, 9, 12, 8] } as const;
  const starts = [oneCell, disc, scattered, empty];
  const some: Record<string, Compared> = {};
  for (const mask of ["both", "after", "none"] as const) {
    for (const boundary of ["zero", "wrap"] as const) {
      const rule = smallRule({ boundary, alive: { mask } });
      some[`mask ${mask}, ${boundary}`] = { ...shared, rule, starts };
    }
  }
  for (const [name, readout] of Object.entries({
    "channels 2 to 5 of 6": { offset: 2, channels: 4 },
    "channels 1 to 3 of 6": { offset: 1, channels: 3 },
    "channel 5 of 6": { offset: 5, channels: 1 },
  })) {
    some[name] = { ...shared, rule: smallRule(), readout, starts: [corners, disc, mixed, empty] };
  }
  return {
    ...some,
    "emptiness that lives": {
      ...shared,
      rule: smallRule({ alive: { threshold: -0.4 } }),
      starts,
    },
    "emptiness that wakes": {
      ...shared,
      rule: smallRule({ alive: { mask: "after" } }),
      starts,
      aliveBias: [0.5, -0.5, 0.5],
    },
    "cells that die": {
      ...shared,
      rule: smallRule(),
      starts: [full, disc, scattered, empty],
      aliveBias: [-1],
    },
    "preset distill": { ...shared, rule: rulePresets.distill, starts },
    "preset cax": {
      ...shared,
      rule: rulePresets.cax,
      readout: { offset: 12, channels: 4 },
      starts,
      gain: 0.6,
    },
    "preset tutorial": { ...shared, rule: rulePresets.tutorial, starts, gain: 0.4 },
    "two colonies on a wide grid": {
      rule: smallRule({ channels: 17 }),
      readout: { offset: 13, channels: 4 },
      grid: [22, 31],
      starts: [colonies],
      steps: 8,
    },
    "a grid of one cell": { rule: smallRule(), grid: [1, 1], starts: [full, empty], steps: 8 },
  };
}

/** A state of one cell a number, compared as it is. */
function still(values: readonly number[]): RolloutRequest & { compare: Comparison } {
  const rule = smallRule({ channels: 1, hidden: [], alive: { mask: "none" } });
  return {
    rule,
    grid: [1, values.length],
    parameters: new Float32Array(4),
    states: [Float32Array.from(values)],
    steps: 0,
    seed: 0,
    compare: {
      target: new Float32Array(4 * values.length),
      readout: { offset: 0, channels: 1 },
      steps: [0],
      measure: "wrong-pixels",
    },
  };
}

const comparedBy = async (rollout: Rollout, sample: number) => (await rollout.stats()).compared[sample];

/** @param tolerance of squared errors; wrong pixels are counted, and so exact. */
export function comparisons(test: ConformanceTest, tolerance: Tolerance): void {
  const steps = [0, 1, 4, 8];

  for (const [title, what] of Object.entries(cases())) {
    test(`${title}: the same as of the states read back`, async (engine) => {
      const { readout = FIRST } = what;
      const scenario = drawScenario(what, 5);
      const { rule, grid, states } = scenario.request;
      const request = { ...scenario.request, keep: steps };
      const before = await engine.rollout(request);
      const target = drawPicture(planeOf(grid), 6);
      makeAlike(target, rule, readout, await before.kept(0, 4).read());
      for (const measure of ["squared-error", "wrong-pixels"] as const) {
        const compare = { target, readout, steps, measure };
        const rollout = await engine.rollout({ ...request, compare });
        for (const sample of states.keys()) {
          const expected = await Promise.all(
            steps.map(async (step) => expectedOf(rule, await rollout.kept(sample, step).read(), compare)),
          );
          const exactly = { relative: 0, absolute: 0 };
          const allowed = measure === "squared-error" ? tolerance : exactly;
          const actual = await comparedBy(rollout, sample);
          expectClose(actual, expected, allowed, `${measure} of sample ${sample}`);
        }
      }
    });
  }

  test("pixels are rounded to 8 bits at exactly their half-way points", async (engine) => {
    const halfway = Array.from({ length: 255 }, (_, level) => (level + 0.5) / 255);
    const values = halfway.flatMap((value) => {
      const bits = new Int32Array(Float32Array.of(value).buffer);
      return [-1, 0, 1].map((ulps) => new Float32Array(Int32Array.of(bits[0] + ulps).buffer)[0]);
    });
    const request = still([...values, 0, -0, 1, 1.5, -3, Infinity, -Infinity, 1e-30]);
    const { target } = request.compare;
    for (const level of [0, 1, 128, 254, 255]) {
      for (let n = 0; n < target.length; n += 4) target[n] = level / 255;
      const rollout = await engine.rollout(request);
      const [state] = request.states;
      if (!(state instanceof Float32Array)) throw new TypeError("an array was meant");
      const wrong = state.filter((value) => eightBits(value) !== level).length;
      expect([...(await comparedBy(rollout, 0))]).toEqual([
        wrong / Math.max(1, level === 0 ? 0 : state.length),
      ]);
    }
  });

  test("what is not finite makes the squared error so, and the pixel wrong", async (engine) => {
    for (const [value, error, wrong] of [
      [NaN, NaN, 3],
      [Infinity, Infinity, 3],
      [-Infinity, Infinity, 2],
    ]) {
      const request = still([0.25, value, 0.5, 0]);
      const measured = async (measure: Comparison["measure"]) => {
        const compare = { ...request.compare, measure };
        return (await comparedBy(await engine.rollout({ ...request, compare }), 0))[0];
      };
      expect(await measured("squared-error")).toBe(error);
      expect(await measured("wrong-pixels")).toBe(wrong);
    }
  });

  test("a number that is not finite in another channel than the picture's is not seen", async (engine) => {
    const rule = smallRule({ alive: { mask: "none", channel: 0 } });
    const states = [Float32Array.of(NaN, Infinity, 1, 1, 1, NaN)];
    const parameters = drawScenario({ rule, grid: [1, 1], starts: [full] }, 1).request.parameters;
    for (const [measure, expected] of [
      ["squared-error", 1 / 12],
      ["wrong-pixels", 1],
    ] as const) {
      const readout = { offset: 2, channels: 3 };
      const compare = { target: Float32Array.of(1, 1, 0.5, NaN), readout, steps: [0], measure };
      const request = { rule, grid: [1, 1] as const, states, parameters, steps: 0, seed: 0 };
      const rollout = await engine.rollout({ ...request, compare });
      // A twelfth is rounded once by each side.
      expectClose(await comparedBy(rollout, 0), [expected], tolerance, measure);
    }
  });

  const population = drawScenario(
    { rule: smallRule(), grid: [9, 8], starts: Array(33).fill(disc), population: true, steps: 5 },
    3,
  ).request;
  const compare: Comparison = {
    target: drawPicture([9, 8], 4),
    readout: FIRST,
    steps: [2, 5],
    measure: "squared-error",
  };

  test("comparing changes no state and no gradient", async (engine) => {
    const cotangents = [{ sample: 1, step: 3, data: population.states[0] }];
    const run = async (request: RolloutRequest) => {
      const rollout = await engine.rollout({ ...request, record: true });
      const final = await Promise.all(rollout.final.map((state) => state.read()));
      const gradients = await rollout.backward({ cotangents });
      rollout.dispose();
      return { final, gradients };
    };
    expect(await run({ ...population, compare })).toEqual(await run(population));
  });

  test("a sample measures the same bits alone as among others", async (engine) => {
    const all = await engine.rollout({ ...population, compare });
    for (const sample of [0, 7, 32]) {
      const alone = await engine.rollout({
        ...population,
        states: [population.states[sample]],
        parameters: [parametersOf(population, sample)],
        sampleIds: [sample],
        compare,
      });
      expect(await comparedBy(alone, 0)).toEqual(await comparedBy(all, sample));
    }
    const { compared } = await all.stats();
    expect(new Set(compared.map(([, second]) => second)).size).toBe(33);
  });

  test("the target is read when the rollout begins, and again for the next", async (engine) => {
    const target = compare.target.slice();
    const expected = await comparedBy(await engine.rollout({ ...population, compare }), 32);
    const underWay = engine.rollout({ ...population, compare: { ...compare, target } });
    target.fill(0);
    expect(await comparedBy(await underWay, 32)).toEqual(expected);
    const next = await engine.rollout({ ...population, compare: { ...compare, target } });
    expect(await comparedBy(next, 32)).not.toEqual(expected);
  });

  test("there are as many numbers as steps were to be compared", async (engine) => {
    const rollout = await engine.rollout({ ...population, compare: { ...compare, steps: [] } });
    expect((await rollout.stats()).compared).toEqual(Array.from({ length: 33 }, () => new Float64Array(0)));
    const without = await engine.rollout(population);
    expect((await without.stats()).compared).toEqual([]);
  });
}
