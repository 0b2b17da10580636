import { describe, expect, it } from "vitest";
import { fitnessSchema, fitnessSteps, type ObjectiveSettings, pictureObjective } from "./objective.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { type Plane, wholeBox } from "../../rule/grid.ts";
import { seedState } from "../../model/seed.ts";
import { pcg4d, STREAM, uniform } from "../../random.ts";
import { applyDamage } from "../../edit/damage.ts";
import { imageLoss } from "../loss/loss.ts";
import { overflowLoss } from "../loss/overflow.ts";

const conventions = splitRule({
  ...picturePresets.distill,
  channels: 6,
  hidden: [8],
  seed: { from: 3, to: 6 },
});
const { rule } = conventions;
const grid: Plane = [7, 7];
const SEED = 4;
const GENERATION = 9;
const target = Float32Array.from({ length: 7 * 7 * 4 }, (_, i) => uniform(1, 7, 0, i));
const engine = referenceEngine();

/** Members that differ, and move: the last layer is zero in fresh parameters. */
const members = [0, 1, 2].map((member) =>
  initialParameters(rule, member).map((value, i) => value + 0.2 * (uniform(member, 7, 1, i) - 0.5)),
);

const [centre] = members;

const objectiveOf = (objective: ObjectiveSettings, fitness = "final", samples = 1, rollout = 6) =>
  pictureObjective({
    engine,
    ...conventions,
    grid,
    target,
    objective,
    fitness,
    rollout,
    samples,
    seed: SEED,
  });

/** The same by single rollouts of single members. */
async function grown(
  parameters: Float32Array,
  steps: number,
  sample = 0,
  from?: Float32Array,
  firstStep = from ? 6 : 0,
) {
  const { final } = await engine.rollout({
    rule,
    grid,
    parameters,
    states: [from ?? seedState(conventions, grid)],
    steps,
    seed: pcg4d(SEED, STREAM.fire, GENERATION, 0),
    sampleIds: [sample],
    firstStep,
  });
  return final[0];
}
const lossOf = async (state: { read(): Promise<Float32Array> }) =>
  imageLoss(await state.read(), target, conventions);
/** Errors of all members that go on from the centre after so many steps. */
async function errorsFrom(step: number): Promise<number[]> {
  const state = await (await grown(centre, step)).read();
  return Promise.all(members.map(async (member) => lossOf(await grown(member, 6, 0, state, step))));
}
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("pictureObjective", () => {
  it("is the mean error over the steps of the fitness", async () => {
    for (const [fitness, steps] of [
      ["final", [6]],
      ["last:2", [5, 6]],
      ["all-steps", [1, 2, 3, 4, 5, 6]],
    ] as const) {
      const { losses } = await objectiveOf(
        { kind: "error" },
        fitness,
      )({
        generation: GENERATION,
        centre,
        parameters: members,
      });
      for (const [i, member] of members.entries()) {
        const each = await Promise.all(steps.map(async (step) => lossOf(await grown(member, step))));
        // Sums in another order.
        expect(losses[i]).toBeCloseTo(mean(each), 6);
      }
    }
  });

  it("gives a member the same loss alone as among others", async () => {
    const objective = objectiveOf({ kind: "error" }, "all-steps", 2);
    const together = await objective({ generation: GENERATION, centre, parameters: members });
    for (const [i, member] of members.entries()) {
      const alone = await objective({ generation: GENERATION, centre, parameters: [member] });
      expect(alone.losses).toEqual([together.losses[i]]);
    }
    const later = await objective({ generation: GENERATION + 1, centre, parameters: members });
    expect(later.losses).not.toEqual(together.losses);
  });

  it("is the mean over samples, each with its own fire masks", async () => {
    const { losses, final } = await objectiveOf(
      { kind: "error" },
      "final",
      3,
    )({
      generation: GENERATION,
      centre,
      parameters: members,
    });
    const own = await Promise.all(
      [0, 1, 2].map(async (sample) => lossOf(await grown(members[1], 6, sample))),
    );
    expect(new Set(own).size).toBe(3);
    expect(losses[1]).toBeCloseTo(mean(own), 6);
    expect(final).toHaveLength(3);
    expect(await final[1].read()).toEqual(await (await grown(members[1], 6, 0)).read());
  });

  it("heals damage", async () => {
    const { losses } = await objectiveOf({ kind: "recovery", damage: ["circle"], steps: 4 })({
      generation: GENERATION,
      centre,
      parameters: members,
    });
    const before = await grown(members[2], 6);
    const cut = await before.read();
    applyDamage(cut, grid, rule.channels, "circle", [SEED, GENERATION, 0]);
    const healed = await grown(members[2], 4, 0, cut);
    expect(losses[2]).toBeCloseTo(mean([await lossOf(before), await lossOf(healed)]), 6);
  });

  it("starts from what the centre has grown into, as old as it is good", async () => {
    const errors = await Promise.all(
      Array.from({ length: 7 }, async (_, step) => lossOf(await grown(centre, step))),
    );
    const empty = imageLoss(new Float32Array(7 * 7 * rule.channels), target, conventions);
    const lossesOf = async (below: number, chance = 1) => {
      const objective = pictureObjective({
        engine,
        ...conventions,
        grid,
        target,
        objective: { kind: "error" },
        fitness: "final",
        rollout: 6,
        samples: 1,
        seed: SEED,
        aged: { chance, steps: [6, 6], below },
      });
      const own = { generation: GENERATION, centre };
      const aborted = objective({ ...own, parameters: members, signal: AbortSignal.abort() });
      await expect(aborted).rejects.toThrow();
      const { losses } = await objective({ ...own, parameters: members });
      // In another call, as groups are.
      expect((await objective({ ...own, parameters: [members[2]] })).losses).toEqual([losses[2]]);
      return losses;
    };
    expect(await lossesOf(1e3)).toEqual(await errorsFrom(6));
    const young = await errorsFrom(0);
    expect(await lossesOf(0)).toEqual(young);
    expect(await lossesOf(1e3, 0)).toEqual(young);
    const least = Math.min(...errors.slice(1));
    const last = errors.findLastIndex((error, step) => step > 0 && error <= 1.001 * least);
    expect(await lossesOf((1.001 * least) / empty)).toEqual(await errorsFrom(last));
  });

  it("adds penalties over the steps of the fitness, with the weight of the generation", async () => {
    const penalties = { overflow: { from: 0, to: 2, over: 2 * GENERATION } };
    const options = {
      engine,
      ...conventions,
      grid,
      target,
      fitness: "last:2",
      rollout: 6,
      samples: 2,
      seed: SEED,
    };
    const candidates = { generation: GENERATION, centre, parameters: members };
    const objective = { kind: "error" } as const;
    const bare = await pictureObjective({ ...options, objective })(candidates);
    const { losses } = await pictureObjective({ ...options, objective, penalties })(candidates);
    const overflow = overflowLoss(rule, grid);
    for (const [i, member] of members.entries()) {
      const states = [0, 1].flatMap((sample) => [5, 6].map((step) => grown(member, step, sample)));
      const added = (await Promise.all(states)).map(async (state) =>
        overflow({ ...wholeBox(grid), data: await state.read() }),
      );
      expect(losses[i]).toBeCloseTo(bare.losses[i] + mean(await Promise.all(added)), 9);
    }
    expect(losses).not.toEqual(bare.losses);
  });

  it("counts wrong pixels, and living cells of those that are good enough", async () => {
    const wrong = await objectiveOf({ kind: "wrong-pixels" })({
      generation: GENERATION,
      centre,
      parameters: members,
    });
    // A random picture is nowhere right to 8 bits; all 49 cells show something.
    expect(wrong.losses).toEqual([1, 1, 1]);
    const errors = await objectiveOf({ kind: "error" })({
      generation: GENERATION,
      centre,
      parameters: members,
    });
    const empty = imageLoss(new Float32Array(7 * 7 * rule.channels), target, conventions);
    // A little above the second best, for the sake of rounding.
    const quality = (1.000001 * [...errors.losses].toSorted((a, b) => a - b)[1]) / empty;
    const cells = await objectiveOf({ kind: "cells", quality })({
      generation: GENERATION,
      centre,
      parameters: members,
    });
    const bound = quality * empty;
    for (const [i, error] of errors.losses.entries()) {
      const { livingCells } = await cells.final[i].stats();
      const expected = error <= bound ? livingCells / 49 : 1 + error - bound;
      expect(cells.losses[i]).toBeCloseTo(expected, 12);
    }
    expect(cells.losses.filter((loss) => loss < 1)).toHaveLength(2);
  });

  it("ranks a member behind that is good enough in one sample only", async () => {
    const errors = await Promise.all([0, 1].map(async (own) => lossOf(await grown(members[0], 6, own))));
    const empty = imageLoss(new Float32Array(7 * 7 * rule.channels), target, conventions);
    const quality = (0.75 * Math.min(...errors) + 0.25 * Math.max(...errors)) / empty;
    const { losses } = await objectiveOf(
      { kind: "cells", quality },
      "final",
      2,
    )({
      generation: GENERATION,
      centre,
      parameters: [members[0]],
    });
    expect(losses[0]).toBeCloseTo(1 + mean(errors) - quality * empty, 6);
    expect(losses[0]).toBeGreaterThan(1);
  });
});

describe("fitness", () => {
  it("names steps, never the seed's", () => {
    expect(fitnessSteps("final", 5)).toEqual([5]);
    expect(fitnessSteps("last:2", 5)).toEqual([4, 5]);
    expect(fitnessSteps("last:9", 3)).toEqual([1, 2, 3]);
    expect(fitnessSteps("all-steps", 3)).toEqual([1, 2, 3]);
  });

  it.each(["last", "last:0", "last:1.5", "all", "Final", "last:100000", ""])("refuses %j", (text) => {
    expect(fitnessSchema.safeParse(text).success).toBe(false);
  });
});
