/** Losses that an engine takes where states lie: the same values and gradients as of the states read back. */
import { expect } from "vitest";
import type { Cotangent, LossTerm, LossVisit, Rollout } from "../engine.ts";
import { cellCount } from "../rule/grid.ts";
import { rulePresets } from "../rule/presets.ts";
import { smallRule } from "./cases.ts";
import { expectClose, expectCloseToScale, FLOAT32 } from "./compare.ts";
import type { ConformanceTest } from "./conformanceTest.ts";
import { type Case, drawing, drawScenario, randomArray } from "./scenario.ts";
import { disc, full } from "./starts.ts";

const NONE = "it takes no losses of its own";
const BOUND = 100;
const GRID = [17, 19] as const;
const CELLS = cellCount(GRID);

const cases: Readonly<Record<string, Case>> = {
  "a mask, two samples": { rule: rulePresets.distill, grid: GRID, starts: [disc, disc], steps: 4 },
  "odd channels, all cells alive": { rule: smallRule({ channels: 7 }), grid: GRID, starts: [full], steps: 4 },
};

/** A picture, two channels of which some cells count more and most not at all, and overflow. */
function terms(seed: number): LossTerm[] {
  const draw = drawing(seed);
  return [
    {
      kind: "squared-error",
      weight: 1,
      scale: 1 / (3 * CELLS),
      channels: [0, 1, 2],
      target: randomArray(4 * CELLS, draw),
    },
    {
      kind: "squared-error",
      weight: 0.7,
      scale: 1 / CELLS,
      channels: [6, 4],
      target: randomArray(4 * CELLS, draw),
      cells: Float32Array.from({ length: CELLS }, () => Math.max(0, Math.floor(6 * draw()) - 3)),
    },
    { kind: "overflow", weight: 0.3, scale: 1 / CELLS },
  ];
}

/** What the contract says of a state of shape (...grid, C), in double precision; adds `factor` times the cotangent. */
function valuesOf(
  state: Float32Array,
  channels: number,
  of: readonly LossTerm[],
  factor: number,
  back: Float32Array,
) {
  return of.map((term) => {
    const slope = factor * term.weight * term.scale;
    let sum = 0;
    if (term.kind === "overflow") {
      state.forEach((value, i) => {
        if (Math.abs(value) <= 1) return;
        sum += Math.abs(value) - 1;
        back[i] += slope * Math.sign(value);
      });
      return term.scale * sum;
    }
    for (let n = 0; n < state.length / channels; n++) {
      const weight = term.cells?.[n] ?? 1;
      for (const [k, channel] of term.channels.entries()) {
        const difference = state[n * channels + channel] - term.target[n * 4 + k];
        sum += weight * difference * difference;
        back[n * channels + channel] += 2 * slope * weight * difference;
      }
    }
    return term.scale * sum;
  });
}

export function losses(test: ConformanceTest): void {
  for (const [title, what] of Object.entries(cases)) {
    test(`values and gradients: ${title}`, async (engine) => {
      const { request } = drawScenario(what, 5);
      const rollout = await engine.rollout({ ...request, keep: [2], record: true });
      if (!rollout.losses) return NONE;
      const visits = request.states.flatMap((_, sample): LossVisit[] => [
        { sample, step: 2, factor: 0.4, terms: terms(sample) },
        { sample, step: 4, factor: 0.6, terms: terms(10 + sample) },
      ]);
      const taken = (await rollout.losses(visits, BOUND))!;
      expect(taken.bounded).toEqual(visits.map(() => true));
      const cotangents: Cotangent[] = [];
      for (const [i, { sample, step, factor, terms: of }] of visits.entries()) {
        const state = step === 4 ? rollout.final[sample] : rollout.kept(sample, step);
        const data = new Float32Array(CELLS * request.rule.channels);
        const values = valuesOf(await state.read(), request.rule.channels, of, factor, data);
        expectClose(taken.values[i], values, FLOAT32, `losses of visit ${i}`);
        cotangents.push({ sample, step, data });
        const { livingCells } = await rollout.final[sample].stats();
        const [reading] = await engine.read([rollout.final[sample]]);
        expect(livingCells).toBe(reading.livingCells);
      }
      const own = await taken.backward({ states: true });
      const expected = await rollout.backward({ cotangents, states: true });
      const [ownParameters, parameters] = [own, expected].map((each) => [each.parameters].flat()[0]);
      expectCloseToScale(ownParameters, parameters, FLOAT32, "gradient", 1e-3);
      own.states!.forEach((each, s) => expectCloseToScale(each, expected.states![s], FLOAT32, "state", 1e-3));
      return done(rollout);
    });
  }

  test("says which states have a number beyond the bound", async (engine) => {
    const { request } = drawScenario(
      {
        ...cases["a mask, two samples"],
        starts: [disc, disc, disc, disc],
        steps: 0,
      },
      5,
    );
    for (const [sample, value] of [BOUND, -2 * BOUND, NaN, Infinity].entries()) {
      request.states[sample][request.rule.channels * 50 + 9] = value;
    }
    const rollout = await engine.rollout({ ...request, record: true });
    if (!rollout.losses) return NONE;
    const visits = request.states.map((_, sample) => ({ sample, step: 0, factor: 1, terms: terms(1) }));
    expect((await rollout.losses(visits, BOUND))!.bounded).toEqual([true, false, false, false]);
    await expect(rollout.losses([{ ...visits[0], step: 1 }], BOUND)).rejects.toThrow(
      new RangeError("a loss names step 1 of 0"),
    );
    return done(rollout);
  });
}

function done(rollout: Rollout): undefined {
  rollout.dispose();
  return undefined;
}
