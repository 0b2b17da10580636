/** Comparison of an engine with the reference. */
import { expect } from "vitest";
import type { Engine, Gradients, Rollout, State } from "../engine.ts";
import { parameterTable } from "../rule/parameters.ts";
import type { Box } from "../rule/grid.ts";
import { keptSteps } from "../engine/request.ts";
import { cellRuns } from "../engine/window.ts";
import { scaleOf, type Scenario } from "./scenario.ts";

/** Largest difference that passes: `relative` of the expected number and `absolute` on top. */
export type Tolerance = Readonly<{ relative: number; absolute: number }>;

/**
 * What float32 arithmetic costs against float64. An engine may add up in any order, and a sum of n terms is off by
 * about sqrt(n) * 6e-8 of its terms; over some ten steps, each of which passes on and amplifies what the last one
 * lost, that is 1e-6 to 1e-5 of a number. Wrong code is off by far more: one cell, tap or weight left out is 1e-3.
 */
export const FLOAT32: Tolerance = { relative: 1e-4, absolute: 1e-5 };

/** Scale of a gradient that cancels altogether, under cotangents of about 1. */
const CANCELLED = 0.1;

/** Expects every number within the tolerance, and NaN exactly where it is expected. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Tolerance,
  what: string,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    if (Math.abs(actual[i] - expected[i]) <= absolute + relative * Math.abs(expected[i])) continue;
    expect.fail(`${what}: number ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

/**
 * As {@link expectClose}, with `absolute` in units of the array's largest magnitude, but at least of `scale`: states
 * are about 1, gradients have no natural scale, and long sums may come to far less than the terms that were rounded.
 */
export function expectCloseToScale(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Tolerance,
  what: string,
  scale: number,
): void {
  const unit = Math.max(scale, scaleOf(expected));
  expectClose(actual, expected, { relative, absolute: absolute * unit }, what);
}

/** Expects the same final and kept states, living cells and, where they are defined, cell updates. */
export async function expectSameStates(
  actual: Rollout,
  expected: Rollout,
  { request }: Scenario,
  tolerance: Tolerance,
): Promise<void> {
  for (const sample of request.states.keys()) {
    const steps = [...keptSteps(request, sample), undefined];
    for (const step of steps) {
      const [one, other] = [actual, expected].map((rollout) =>
        step === undefined ? rollout.final[sample] : rollout.kept(sample, step),
      );
      const what = `sample ${sample} ${step === undefined ? "in the end" : `after step ${step}`}`;
      expectCloseToScale(await one.read(), await other.read(), tolerance, what, 1);
      const [stats, expectedStats] = [await one.stats(), await other.stats()];
      expect(stats.livingCells, `${what}: living cells`).toBe(expectedStats.livingCells);
      expect(await outsideOf(stats.box, one), `${what}: numbers outside its box`).toBe(0);
    }
  }
  if (request.rule.alive.mask === "after") return;
  expect((await actual.stats()).cellUpdates).toBe((await expected.stats()).cellUpdates);
}

/** How many numbers of a state are not zero outside the box that it names. */
async function outsideOf(box: Box, state: State): Promise<number> {
  const values = await state.read();
  for (const [first, end] of cellRuns(state.grid, box)) {
    values.fill(0, first * state.channels, end * state.channels);
  }
  return values.filter((value) => value !== 0).length;
}

/** The gradients of the parameters, one for all samples or one per sample. */
export function parameterSets({ parameters }: Gradients): readonly Float32Array[] {
  return Array.isArray(parameters) ? parameters : [parameters];
}

/** Expects the same gradients: each named parameter, and each sample's state and input, on its own scale. */
export function expectSameGradients(
  actual: Gradients,
  expected: Gradients,
  { request }: Scenario,
  tolerance: Tolerance,
): void {
  expect(Array.isArray(actual.parameters)).toBe(Array.isArray(expected.parameters));
  expect(parameterSets(actual).length).toBe(parameterSets(expected).length);
  for (const [index, set] of parameterSets(expected).entries()) {
    for (const { name, offset, size } of parameterTable(request.rule)) {
      const part = (flat: Float32Array) => flat.subarray(offset, offset + size);
      expectCloseToScale(
        part(parameterSets(actual)[index]),
        part(set),
        tolerance,
        `gradient ${index} of ${name}`,
        CANCELLED,
      );
    }
  }
  for (const kind of ["states", "inputs"] as const) {
    expect(actual[kind]?.length, `${kind}: how many gradients`).toBe(expected[kind]?.length);
    expected[kind]?.forEach((values, sample) =>
      expectCloseToScale(
        actual[kind]![sample],
        values,
        tolerance,
        `gradient of ${kind} ${sample}`,
        CANCELLED,
      ),
    );
  }
}

/** What an engine makes of a scenario; the gradients are those of its cotangents, and absent with a graft. */
export type Expected = Readonly<{ scenario: Scenario; rollout: Rollout; gradients: Gradients | undefined }>;

/** Runs a scenario, forward and, without a graft, backward. */
export async function expectedOf(engine: Engine, scenario: Scenario): Promise<Expected> {
  const { graft, rule } = scenario.request;
  // An engine without a backward pass is compared forward.
  const record = !graft && engine.declines(rule, { record: true }) === undefined;
  const rollout = await engine.rollout({ ...scenario.request, record });
  const { cotangents } = scenario;
  return {
    scenario,
    rollout,
    gradients: record ? await rollout.backward({ cotangents, states: true }) : undefined,
  };
}

/** Runs the same on an engine, and expects the same of it. */
export async function expectSame(
  engine: Engine,
  { scenario, rollout, gradients }: Expected,
  tolerance: Tolerance,
): Promise<void> {
  const actual = await expectedOf(engine, scenario);
  await expectSameStates(actual.rollout, rollout, scenario, tolerance);
  if (gradients && actual.gradients) expectSameGradients(actual.gradients, gradients, scenario, tolerance);
  disposeRollout(actual.rollout, scenario.request);
}

/** Disposes of a rollout and of all its states. */
export function disposeRollout(rollout: Rollout, request: Scenario["request"]): void {
  rollout.dispose();
  for (const [sample, state] of rollout.final.entries()) {
    state.dispose();
    for (const step of keptSteps(request, sample)) rollout.kept(sample, step).dispose();
  }
}
