import { describe, expect, it } from "vitest";
import type { State } from "../engine.ts";
import { createEngine } from "../node/engine.ts";
import { parameterCount, parameterViews } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { seedState } from "../model/seed.ts";
import { applyDamage, type DamageKind } from "../edit/damage.ts";
import { imageLoss } from "../train/loss/loss.ts";
import { evaluate, type EvaluationRequest, type DamagedState } from "./evaluation.ts";

/** The same bits on all machines, and some fifty times as fast as the plain step. */
const engine = await createEngine({ threads: 0, kernels: "strict" });

/** One linear layer from what a cell sees to what is added to it. */
const { rule, readout, start } = splitRule({
  ...picturePresets.distill,
  channels: 4,
  kernels: ["identity"],
  hidden: [],
  fireRate: 1,
  seed: { from: 3, to: 4 },
});
const grid: Plane = [6, 6];
const CELLS = 36;
const SEED_CELL = 3 * 6 + 3;
const inTarget = (cell: number) => cell % 6 >= 3;

/** Dark red, a quarter transparent, in the right half: eighteen living cells. */
const target = new Float32Array(CELLS * 4);
for (let cell = 0; cell < CELLS; cell++) if (inTarget(cell)) target.set([0.25, 0, 0, 0.75], cell * 4);

/** Error of a state in which some cells are black and opaque, the others empty. All numbers are sums of powers of 2. */
function errorOf(isBlack: (cell: number) => boolean): number {
  const squares = Array.from({ length: CELLS }, (_, cell) => {
    const alpha = (isBlack(cell) ? 1 : 0) - (inTarget(cell) ? 0.75 : 0);
    return alpha ** 2 + (inTarget(cell) ? 0.25 ** 2 : 0);
  });
  return squares.reduce((sum, square) => sum + square, 0) / (CELLS * 4);
}
const EMPTY = errorOf(() => false);
const SEED = errorOf((cell) => cell === SEED_CELL);
const FULL = errorOf(() => true);

/** Parameters that add `bias`, and the weights times the kernels' views of alpha, to alpha. */
function alphaRule(weights: readonly number[], bias: number): Float32Array {
  const own = { ...rule, kernels: weights.map(() => "identity" as const) };
  const parameters = new Float32Array(parameterCount(own));
  const views = parameterViews(own, parameters);
  weights.forEach((weight, k) => (views["update.0.weight"][(3 * weights.length + k) * 4 + 3] = weight));
  views["update.0.bias"][3] = bias;
  return parameters;
}
const still = alphaRule([0], 0);
/** Alpha approaches 1 wherever a cell lives, so one more ring of cells lives after each step. */
const flooding = alphaRule([-0.5], 0.5);
const dying = alphaRule([0], -1);
/** Alpha falls to the threshold between steps 200 and 210. */
const fading = alphaRule([0], -0.0044);
const exploding = alphaRule([1 / 16], 0);
const doubling = alphaRule([1], 0);

const measure = (parameters: Float32Array, more: Partial<EvaluationRequest> = {}) =>
  evaluate({
    engine,
    rule,
    readout,
    start,
    parameters,
    grid,
    target,
    runs: 2,
    steps: [100],
    angles: [0],
    ...more,
  });
const atOneAngle = async (...args: Parameters<typeof measure>) => (await measure(...args)).angles[0];

/** Whether damage empties a cell. */
function hits(kind: DamageKind, cell: number, seed = 0, run = 0): boolean {
  const state = new Float32Array(CELLS).fill(1);
  applyDamage(state, grid, 1, kind, [seed, 200, run]);
  return state[cell] === 0;
}
/** A seed with which only the second of two circles hits the centre. */
const halfHit = Array.from({ length: 1000 }, (_, seed) => seed).find(
  (seed) => !hits("circle", SEED_CELL, seed, 0) && hits("circle", SEED_CELL, seed, 1),
)!;

describe("evaluate", () => {
  it("measures a seed that stands still, and is gone where damage hits it", async () => {
    const report = await measure(still, { seed: halfHit, steps: [30, 0, 30, 10] });
    expect(report).toMatchObject({ seed: halfHit, runs: 2, grid, livingCells: 18, damagedAt: 200 });
    const [{ growth, undamaged, recovery }] = report.angles;
    const seed = { mean: SEED, worst: SEED };
    const errors = [0, 10, 30].map((step) => ({ step, ...seed }));
    expect(growth).toEqual({ errors, died: 0, overgrown: 0, diverged: 0 });
    expect(undamaged).toEqual({ step: 400, ...seed });

    const gone: [DamageKind, number][] = [
      ["half-left", 0],
      ["half-right", 1],
      ["half-top", 0],
      ["half-bottom", 1],
      ["hole", 1],
      ["circle", 0.5],
    ];
    expect(recovery).toEqual(
      gone.map(([damage, died]) => {
        const mean = died * EMPTY + (1 - died) * SEED;
        const worst = died > 0 ? EMPTY : SEED;
        return {
          damage,
          errors: [0, 10, 50, 200].map((after) => ({ after, mean, worst })),
          ratio: mean / SEED,
          died,
          overgrown: 0,
          diverged: 0,
        };
      }),
    );
  });

  it("deals the damage that is asked for, with the same figures, and none where none is", async () => {
    const all = await atOneAngle(flooding);
    const some = await atOneAngle(flooding, { damage: ["hole", "half-left"] });
    const find = (kind: DamageKind) => all.recovery.find(({ damage }) => damage === kind);
    expect(some).toEqual({ ...all, recovery: [find("hole"), find("half-left")] });
    const calls: [number, number][] = [];
    const onProgress = (done: number, total: number) => void calls.push([done, total]);
    expect(await atOneAngle(flooding, { damage: [], onProgress })).toEqual({ ...all, recovery: [] });
    expect(calls.at(-1)).toEqual([800, 800]);
  });

  it("measures how the grid fills, and fills again after each damage", async () => {
    const { growth, recovery } = await atOneAngle(flooding);
    // As many as twice the target's living cells are not too many.
    expect(growth).toEqual({
      errors: [{ step: 100, mean: FULL, worst: FULL }],
      died: 0,
      overgrown: 0,
      diverged: 0,
    });
    for (const { damage, errors, ratio } of recovery) {
      if (damage !== "circle") {
        const damaged = errorOf((cell) => !hits(damage, cell));
        expect(errors[0]).toEqual({ after: 0, mean: damaged, worst: damaged });
      }
      expect(errors.slice(2)).toEqual([50, 200].map((after) => ({ after, mean: FULL, worst: FULL })));
      expect(ratio).toBe(1);
    }
  });

  it("calls more than twice the target's living cells overgrown", async () => {
    const smaller = target.slice();
    smaller.fill(0, SEED_CELL * 4, SEED_CELL * 4 + 4);
    const { growth, recovery } = await atOneAngle(flooding, { target: smaller });
    expect(growth).toMatchObject({ died: 0, overgrown: 1, diverged: 0 });
    expect(recovery.map(({ overgrown }) => overgrown)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("does not hold against the healing what was so just after the damage", async () => {
    const { growth, recovery } = await atOneAngle(fading, { target: new Float32Array(CELLS * 4) });
    expect(growth).toMatchObject({ died: 1, overgrown: 1 });
    expect(recovery[0]).toMatchObject({ damage: "half-left", died: 1, overgrown: 0 });
  });

  it("knows what dies and what diverges, and reports no number for the latter", async () => {
    const dead = await atOneAngle(dying, { steps: [0, 1] });
    expect(dead.growth).toMatchObject({ died: 1, overgrown: 0, diverged: 0 });
    expect(dead.growth.errors.map(({ mean }) => mean)).toEqual([SEED, EMPTY]);
    expect(dead.recovery.every(({ died, ratio }) => died === 1 && ratio === 1)).toBe(true);

    const report = await measure(exploding, { steps: [3, 200] });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const [{ growth, undamaged, recovery }] = report.angles;
    const cubed = EMPTY + (((17 / 16) ** 3 - 0.75) ** 2 - 0.75 ** 2) / (CELLS * 4);
    expect(growth).toEqual({
      errors: [
        { step: 3, mean: cubed, worst: cubed },
        { step: 200, mean: null, worst: null },
      ],
      died: 0,
      overgrown: 0,
      diverged: 1,
    });
    expect(undamaged.mean).toBeNull();
    expect(recovery[0]).toMatchObject({ damage: "half-left", ratio: null, diverged: 1, died: 0 });
    expect(recovery[1]).toMatchObject({ damage: "half-right", ratio: null, diverged: 0, died: 1 });

    // Infinity becomes NaN, which is not alive.
    const burnt = await atOneAngle(doubling, { steps: [100, 150] });
    expect(burnt.growth.errors.map(({ mean }) => mean)).toEqual([null, EMPTY]);
    expect(burnt.growth).toMatchObject({ died: 1, diverged: 1 });
  });

  it("fires cells as one unbroken rollout does, with damage and without", async () => {
    const half: Rule = { ...rule, fireRate: 0.5 };
    const slow = alphaRule([-0.01], 0.01);
    const request = { rule: half, grid, parameters: slow, seed: 3, steps: 200 };
    const errorsIn = async (states: readonly State[]) => {
      const arrays = await Promise.all(states.map((state) => state.read()));
      const errors = arrays.map((state) => imageLoss(state, target, { rule: half, readout }));
      return { mean: (errors[0] + errors[1]) / 2, worst: Math.max(...errors) };
    };
    const states = [0, 1].map(() => seedState({ rule: half, readout, start }, grid));
    const { final: grown } = await engine.rollout({ ...request, states });
    const damaged = await Promise.all(grown.map((state) => state.read()));
    for (const state of damaged) applyDamage(state, grid, 4, "half-top", [3, 200, 0]);
    const { final: healed } = await engine.rollout({ ...request, states: damaged, firstStep: 200 });

    const { growth, recovery } = await atOneAngle(slow, { rule: half, seed: 3, steps: [200] });
    expect(growth.errors).toEqual([{ step: 200, ...(await errorsIn(grown)) }]);
    expect(recovery[2].damage).toBe("half-top");
    expect(recovery[2].errors[3]).toEqual({ after: 200, ...(await errorsIn(healed)) });
    expect(growth.errors[0].worst!).toBeGreaterThan(growth.errors[0].mean!);
  });

  it("has no word on life and death where no cell can die", async () => {
    const { growth } = await atOneAngle(still, { rule: { ...rule, alive: { ...rule.alive, mask: "none" } } });
    expect(growth).toMatchObject({ died: null, overgrown: null, diverged: 0 });
  });

  it("turns the target with the rule", async () => {
    // Alpha moves one cell to the right in each step.
    const moving: Rule = { ...rule, kernels: ["identity", { taps: [{ offset: [0, -1], weight: 1 }] }] };
    const dot = new Float32Array(CELLS * 4);
    dot[(3 * 6 + 5) * 4 + 3] = 1;
    const { angles, skipped } = await measure(alphaRule([-1, 1], 0), {
      rule: moving,
      target: dot,
      steps: [0, 2],
      angles: [0, 90, 180, -90, 30],
    });
    const errors = angles.map(({ growth }) => growth.errors.map(({ mean }) => mean));
    expect(errors).toEqual(Array.from({ length: 4 }, () => [2 / (CELLS * 4), 0]));
    expect(skipped).toEqual([
      { angle: 30, reason: "a kernel given by taps turns by multiples of 90 degrees only, not by 30" },
    ]);
  });

  it("starts from all seeds, turned with the rule, on a grid where the turned target has room", async () => {
    // Two dots that stand still, far to the left and to the right of the centre cell, on 3 x 9 cells.
    const wide: Plane = [3, 9];
    const dots = new Float32Array(27 * 4);
    for (const x of [1, 8]) dots[(9 + x) * 4 + 3] = 1;
    const two = {
      ...start,
      seeds: [
        [0, -3],
        [0, 4],
      ],
    } as const;
    const states: DamagedState[] = [];
    const watch = (shown: DamagedState) => states.push(shown);
    const angles = [0, 90, 180, -90];
    const report = await measure(still, {
      grid: wide,
      target: dots,
      start: two,
      angles,
      steps: [0, 40],
      watch,
    });
    const errors = report.angles.map(({ growth }) => growth.errors.map(({ mean }) => mean));
    expect(errors).toEqual(angles.map(() => [0, 0]));
    expect(report.grid).toEqual(wide);
    const grids = angles.map((angle) => states.find((shown) => shown.angle === angle)?.grid);
    expect(grids).toEqual([wide, [9, 9], wide, [9, 9]]);

    // One seed leaves one dot out, and errors are means over as many cells at every angle.
    const alone = await measure(still, {
      grid: wide,
      target: dots,
      start: { ...start, seeds: [[0, 4]] },
      angles,
    });
    for (const { growth } of alone.angles) expect(growth.errors[0].mean).toBeCloseTo(1 / (27 * 4), 15);
  });

  it("shows the run that damage harmed most", async () => {
    const states: DamagedState[] = [];
    await measure(still, { seed: halfHit, angles: [0, 90], watch: (shown) => states.push(shown) });
    expect(states).toHaveLength(2 * 6 * 5);
    const circle = states.filter(({ angle, damage }) => angle === 90 && damage === "circle");
    expect(circle.map(({ after, state }) => [after, state[SEED_CELL * 4 + 3]])).toEqual([
      [null, 1],
      [0, 0],
      [10, 0],
      [50, 0],
      [200, 0],
    ]);
  });

  it("reports its progress", async () => {
    const reported: number[] = [];
    const total = 2 * 2 * (500 + 6 * 200);
    await measure(still, {
      steps: [500],
      angles: [0, 90],
      onProgress: (done, all) => {
        expect(all).toBe(total);
        reported.push(done);
      },
    });
    expect(reported.at(-1)).toBe(total);
    expect(reported).toEqual(reported.toSorted((a, b) => a - b));
    expect(reported.length).toBeGreaterThan(10);
  });

  it("stops when it is asked to", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = () => controller.abort(reason);
    await expect(measure(still, { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });

  it("refuses a target of another grid, and an angle that is none", async () => {
    await expect(measure(still, { grid: [6, 7] })).rejects.toThrow(
      new RangeError("the target has 144 numbers; 6 x 7 x 4 are needed"),
    );
    await expect(measure(still, { angles: [NaN] })).rejects.toThrow(
      new RangeError("an angle is NaN; it must be a finite number of degrees"),
    );
  });
});
