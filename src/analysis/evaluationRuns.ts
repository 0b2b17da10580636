/** Runs that are rolled out together, and what is measured of them. */
import type { Engine, RolloutRequest, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import type { StateWindow } from "../engine/window.ts";
import type { Rule } from "../rule/rule.ts";

/** Mean squared error over all cells and image channels: its mean over the runs and the largest. Null where a run diverged. */
export type Errors = Readonly<{ mean: number | null; worst: number | null }>;

/**
 * Shares of runs, 0 to 1, of which this was so at any step at which they were measured. Under a rule without a mask
 * every cell lives, and the first two are null.
 */
export type Outcomes = Readonly<{
  /** No cell lived. */
  died: number | null;
  /** More than twice as many cells lived as the target has. */
  overgrown: number | null;
  /** The error exceeded 100, or was not a number. */
  diverged: number;
}>;

/** What is known of a run at one step. */
export type Measurement = Readonly<{ error: number; livingCells: number }>;

/** Most steps between two reports of progress. */
const STRIDE = 100;
/** Ten times beyond any picture, everywhere. */
const MAX_ERROR = 100;
/** So many times the living cells of the target are too many. */
const OVERGROWTH = 2;

export type RollOn = Omit<RolloutRequest, "steps" | "firstStep"> &
  Readonly<{
    engine: Engine;
    /** Called with the steps taken, those of all samples added up. */
    onSteps: (count: number) => void;
  }>;

/**
 * Rolls samples on together and shows their states at each stop, good until the next.
 *
 * @param from steps that they have behind them.
 * @param stops steps from `from` on, ascending.
 */
export async function* rollOn(
  { engine, onSteps, ...request }: RollOn,
  from: number,
  stops: readonly number[],
): AsyncGenerator<{ step: number; states: readonly State[] }, void> {
  // Arrays become states of the engine.
  let { final: states } = await engine.rollout({ ...request, steps: 0 });
  let at = from;
  try {
    for (const stop of stops) {
      while (at < stop) {
        const steps = Math.min(STRIDE, stop - at);
        const { final } = await engine.rollout({ ...request, states, steps, firstStep: at });
        disposeStates(states);
        states = final;
        at += steps;
        onSteps(steps * states.length);
      }
      yield { step: stop, states };
    }
  } finally {
    disposeStates(states);
  }
}

/** What is known of each run in these states of the engine. */
export async function measureRuns(
  engine: Engine,
  states: readonly State[],
  loss: (window: StateWindow) => number,
): Promise<readonly Measurement[]> {
  const readings = await engine.read(states);
  return readings.map((reading) => ({ error: loss(reading), livingCells: reading.livingCells }));
}

/** Errors of runs at one step. */
export function errorsOf(measurements: readonly Measurement[]): Errors {
  if (measurements.some(diverged)) return { mean: null, worst: null };
  const errors = measurements.map(({ error }) => error);
  return { mean: errors.reduce((sum, error) => sum + error, 0) / errors.length, worst: Math.max(...errors) };
}

/**
 * What became of runs.
 *
 * @param measurements at each step those at all runs, in the same order.
 * @param livingCells of the target.
 */
export function outcomesOf(
  measurements: readonly (readonly Measurement[])[],
  { alive }: Rule,
  livingCells: number,
): Outcomes {
  const runs = measurements[0].length;
  const share = (is: (measurement: Measurement) => boolean) =>
    measurements[0].filter((_, run) => measurements.some((atStep) => is(atStep[run]))).length / runs;
  const masked = alive.mask !== "none";
  return {
    died: masked ? share((measurement) => measurement.livingCells === 0) : null,
    overgrown: masked ? share((measurement) => measurement.livingCells > OVERGROWTH * livingCells) : null,
    diverged: share(diverged),
  };
}

function diverged({ error }: Measurement): boolean {
  return !(error <= MAX_ERROR);
}
