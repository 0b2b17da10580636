/** How `--engine auto` compares two engines: by a small piece of the work that there is to do. */
import type { Engine, Need, Rollout } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { STREAM, uniform } from "../random.ts";
import { cellCount, type Grid, positionOf } from "../rule/grid.ts";
import { initialParameters, parameterCount } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import type { Calibration, EngineName } from "../runs/record.ts";

/** Work that an engine is wanted for. */
export type Work = Readonly<{
  rule: Rule;
  grid: Grid;
  /** Computed at once. */
  samples: number;
  need: Need;
  /** Whether each sample has parameters of its own. */
  population?: boolean;
}>;

/** Milliseconds that an engine has; at least one repetition is made after the first. */
const LIMIT = 500;
/** Repetitions, at most. */
const REPETITIONS = 5;
/** Steps of a piece, at most. */
const STEPS = 8;
/** Multiplications and additions of a piece, for each thread, about. */
const OPERATIONS = 2e9;
/** Radius of what lives, where not all cells do, in sides of the grid: a pattern fills as much of its own. */
const RADIUS = 0.2;
const SEED = 1;

/** A piece of work that engines are measured by. */
type Piece = Work & Readonly<{ steps: number; state: Float32Array; parameters: Float32Array }>;

/**
 * Measures two engines by the same piece of work: some steps of all samples, which hold a disc of living cells, and where
 * training needs it the way back. Each has half a second, and what compiling takes.
 */
export async function calibrate(
  wasm: Readonly<{ engine: Engine; threads: number }>,
  webgpu: Engine,
  work: Work,
): Promise<Calibration> {
  const piece = pieceOf(work, wasm.threads);
  const { steps, samples } = piece;
  const small = pieceOf({ ...work, grid: smallGrid(work.grid), samples: 1 }, 1);
  return {
    steps,
    samples,
    seconds: {
      wasm: await secondsOf(wasm.engine, small, piece),
      webgpu: await secondsOf(webgpu, small, piece),
    },
  };
}

/** What was measured and chosen, in a line. */
export function calibrationLine(
  { steps, samples, seconds }: Calibration,
  name: EngineName,
  { need }: Work,
): string {
  const what = `${steps} ${steps === 1 ? "step" : "steps"} of ${samples} ${samples === 1 ? "sample" : "samples"}`;
  return `Engine: ${name}; ${what}${need.record ? ", forward and back," : ""} took wasm ${timeWords(seconds.wasm)} and webgpu ${timeWords(seconds.webgpu)}`;
}

function timeWords(seconds: number | null): string {
  return seconds === null ? `more than ${LIMIT} ms` : `${Number((1000 * seconds).toPrecision(2))} ms`;
}

/** @returns the shortest time in seconds; null where the first repetition was not done in time. */
async function secondsOf(engine: Engine, small: Piece, piece: Piece): Promise<number | null> {
  // Compiles, and is not measured.
  await timed(engine, small);
  const began = performance.now();
  let shortest = Infinity;
  try {
    shortest = await timed(engine, piece, AbortSignal.timeout(LIMIT));
  } catch (error) {
    if (error instanceof DOMException && /^(?:Timeout|Abort)Error$/.test(error.name)) return null;
    throw error;
  }
  for (let i = 0; i < REPETITIONS && (i === 0 || performance.now() - began < LIMIT); i++) {
    shortest = Math.min(shortest, await timed(engine, piece));
  }
  return shortest / 1000;
}

/** Does the piece of work once. @returns milliseconds. */
async function timed(engine: Engine, piece: Piece, signal?: AbortSignal): Promise<number> {
  const { rule, grid, steps, samples, state, parameters, need, population } = piece;
  const each = <T>(value: T) => Array.from({ length: samples }, () => value);
  const began = performance.now();
  const rollout = await engine.rollout({
    rule,
    grid,
    steps,
    parameters: population ? each(parameters) : parameters,
    states: each(state),
    ...(rule.inputSize > 0 && { inputs: each(new Float32Array(rule.inputSize).fill(0.1)) }),
    seed: SEED,
    record: need.record ?? false,
    ...(signal && { signal }),
  });
  try {
    if (need.compare) await rollout.stats();
    else await engine.read(rollout.final);
    if (need.record) await pullBack(rollout, piece, signal);
  } finally {
    disposeStates(rollout.final);
    rollout.dispose();
  }
  return performance.now() - began;
}

async function pullBack(
  rollout: Rollout,
  { steps, samples, state }: Piece,
  signal?: AbortSignal,
): Promise<void> {
  const data = new Float32Array(state.length).fill(1 / state.length);
  const cotangents = Array.from({ length: samples }, (_, sample) => ({ sample, step: steps, data }));
  await rollout.backward({ cotangents, ...(signal && { signal }) });
}

/** As many steps as are not too much, and fewer samples where one step would be. */
function pieceOf(work: Work, threads: number): Piece {
  const { rule, grid, need } = work;
  const living = livingCells(rule, grid);
  const sampleStep = (need.record ? 6 : 2) * living.length * parameterCount(rule);
  const fitting = Math.max(1, Math.floor((OPERATIONS * threads) / Math.max(1, sampleStep)));
  const samples = Math.min(work.samples, fitting);
  return {
    ...work,
    samples,
    steps: Math.min(STEPS, Math.max(1, Math.floor(fitting / samples))),
    state: stateOf(rule, grid, living),
    parameters: initialParameters(rule, SEED),
  };
}

function stateOf(rule: Rule, grid: Grid, living: readonly number[]): Float32Array {
  const { channels, alive } = rule;
  const state = new Float32Array(cellCount(grid) * channels);
  for (const [i, cell] of living.entries()) {
    for (let c = 0; c < channels; c++)
      state[cell * channels + c] = uniform(SEED, STREAM.data, 0, i * channels + c);
    if (alive.mask !== "none") state[cell * channels + alive.channel] = alive.threshold + 0.5;
  }
  return state;
}

/** All cells where none is masked, else those of a disc or ball in the middle. */
function livingCells({ alive }: Rule, grid: Grid): number[] {
  const all = Array.from({ length: cellCount(grid) }, (_, cell) => cell);
  if (alive.mask === "none") return all;
  const radius = Math.max(1, RADIUS * Math.min(...grid));
  return all.filter((cell) => {
    const offsets = positionOf(grid, cell).map((at, axis) => at - (grid[axis] - 1) / 2);
    return Math.hypot(...offsets) <= radius;
  });
}

/** At most eight cells along each axis. */
function smallGrid(grid: Grid): Grid {
  const [first, second, third] = grid.map((cells) => Math.min(8, cells));
  if (grid.length === 1) return [first];
  return grid.length === 2 ? [first, second] : [first, second, third];
}
