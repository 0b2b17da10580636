/** Runs that are rolled out together, and what is measured of them. */
import type { Engine, RolloutRequest, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { expandWindow, type StateWindow } from "../engine/window.ts";
import { applyDamage, type DamageKind } from "../edit/damage.ts";
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

/** Step after which runs are damaged, and the one at which they should have healed. */
export const DAMAGED_AT = 200;
export const RECOVERED_AT = 400;

/**
 * Runs, which are at step `DAMAGED_AT`, damaged.
 *
 * @param request its states stay as they are; so many of them in a row, `runs`, differ in the circle that damage takes.
 * @param kept channels that damage leaves.
 * @returns states of the engine, in the same order.
 */
export async function damageRuns(
  { engine, ...request }: RollOn & Readonly<{ states: readonly State[] }>,
  runs: number,
  damage: DamageKind,
  kept: readonly number[],
): Promise<readonly State[]> {
  const { rule, grid, seed, states } = request;
  const damaged = (await engine.read(states)).map((window, sample) => {
    const cells = expandWindow(window, grid, rule.channels);
    applyDamage(cells, grid, rule.channels, damage, [seed, DAMAGED_AT, sample % runs], kept);
    return cells;
  });
  // As the engine keeps them, states take less memory.
  return (await engine.rollout({ ...request, states: damaged, steps: 0 })).final;
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
