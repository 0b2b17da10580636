/** What benchmarks run: the article's default training step on a fully grown pattern, and how it is checked. */
import type { Engine } from "../engine.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { growingDefaults } from "../experiments/growing.ts";
import { STREAM, uniform } from "../random.ts";
import { initialParameters, layerSizes, parameterTable, parameterViews } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { type Grid, type Rule, stateSize } from "../rule/rule.ts";
import { imageLoss } from "../train/loss.ts";
import { BpttTrainer } from "../train/trainer.ts";

export type Workload = Readonly<{
  rule: Rule;
  grid: Grid;
  /** Steps of the rollout. */
  steps: number;
  /** Flat, as `parameterTable` says. */
  parameters: Float32Array;
  /** Initial state of each sample, shape (H, W, C). */
  states: readonly Float32Array[];
  /** Shape (H, W, 4). */
  target: Float32Array;
}>;

export type WorkloadOptions = Readonly<{
  /** Default 72x72: the article's picture of 40 cells with 16 around it. */
  grid?: Grid;
  /** Samples, default 8. */
  batch?: number;
  /** Default 80. */
  steps?: number;
  /** Default 0.5. */
  fireRate?: number;
  /** What lives: a disc of radius 14 in the middle (default; the article's lizard is as large), or every cell. */
  pattern?: "disc" | "full";
}>;

const SEED = 1;
const RADIUS = 14;

/** A uniform number in [0, 1) that is the same on every machine. */
const draw = (what: number, index: number) => uniform(SEED, STREAM.data, what, index);

/**
 * The Distill rule on a pattern that neither grows nor dies, so that every step of every repetition is the same
 * work: the last layer leaves alpha alone and moves the other channels little.
 */
export function benchWorkload(options: WorkloadOptions = {}): Workload {
  const { grid = [72, 72], batch = 8, steps = 80, fireRate = 0.5, pattern = "disc" } = options;
  const rule: Rule = { ...rulePresets.distill, fireRate };
  const { channels, alive } = rule;
  const living = cellsOf(grid, pattern);
  const states = Array.from({ length: batch }, (_, sample) => {
    const state = new Float32Array(stateSize(rule, grid));
    living.forEach((cell, i) => {
      for (let c = 0; c < channels; c++) {
        const value = draw(sample, i * channels + c);
        state[cell * channels + c] = c === alive.channel ? 0.5 + 0.5 * value : value;
      }
    });
    return state;
  });
  const target = new Float32Array(grid[0] * grid[1] * 4);
  living.forEach((cell, i) => {
    for (let k = 0; k < 4; k++) target[cell * 4 + k] = draw(batch, i * 4 + k);
  });
  return { rule, grid, steps, parameters: stillParameters(rule), states, target };
}

/** The living cells of a pattern, in order. */
function cellsOf([height, width]: Grid, pattern: "disc" | "full"): number[] {
  const all = Array.from({ length: height * width }, (_, cell) => cell);
  if (pattern === "full") return all;
  return all.filter((cell) => {
    const down = Math.floor(cell / width) - (height - 1) / 2;
    const right = (cell % width) - (width - 1) / 2;
    return down * down + right * right < RADIUS * RADIUS;
  });
}

/** Parameters that keep about half of the hidden units busy and change a state by about 0.01 a step. */
function stillParameters(rule: Rule): Float32Array {
  const parameters = initialParameters(rule, SEED);
  const views = parameterViews(rule, parameters);
  const last = rule.hidden.length;
  parameterTable(rule).forEach(({ name }, index) => {
    if (name.endsWith(".weight") && name !== `update.${last}.weight`) return;
    const bound = name.startsWith(`update.${last}.`) ? 0.002 : 0.1;
    views[name].forEach((_, i, view) => (view[i] = bound * (2 * draw(-1 - index, i) - 1)));
  });
  for (const kind of ["weight", "bias"]) {
    const view = views[`update.${last}.${kind}`];
    for (let i = rule.alive.channel; i < view.length; i += rule.channels) view[i] = 0;
  }
  return parameters;
}

/** Floating-point operations of the matrix products that one updated cell needs, forward and backward. */
export function trainingFlopsPerCell(rule: Rule): number {
  const sizes = layerSizes(rule);
  const products = sizes.slice(1).reduce((sum, outputs, layer) => sum + sizes[layer] * outputs, 0);
  // Two for each multiply-add; one product forward, two backward (to the input and to the weight).
  return 2 * 3 * products;
}

/**
 * A trainer whose every step is `workload` once: rollout, loss, gradient, its normalisation and Adam, at a learning
 * rate of 0, so that the next step finds the same parameters.
 */
export function benchTrainer(engine: Engine, { rule, grid, steps, ...workload }: Workload): BpttTrainer {
  const { training } = growingDefaults("distill", "growing");
  return new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: workload.parameters,
    seed: SEED,
    settings: {
      ...training,
      steps: Infinity,
      batch: workload.states.length,
      rollout: [steps, steps],
      learningRate: 0,
      schedule: { kind: "constant" },
      optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    },
    task: {
      batch: () => ({
        states: workload.states,
        loss: (_sample, state, sink) => {
          const error = imageLoss(state, workload.target, rule, sink);
          return { error, objective: error };
        },
        accept: () => {},
        reject: () => {},
      }),
      save: async () => ({ meta: {}, tensors: {} }),
      restore: () => {},
    },
  });
}

/** What a workload comes to: final states, shape (H, W, C) each, and the gradient of the mean image loss. */
export type Outcome = Readonly<{ states: Float32Array[]; gradient: Float32Array }>;

export async function outcomeOf(engine: Engine, workload: Workload): Promise<Outcome> {
  const { rule, grid, parameters, states: initial, steps, target } = workload;
  const request = { rule, grid, parameters, states: initial, steps, seed: SEED, record: true };
  const rollout = await engine.rollout(request);
  const states = await Promise.all(rollout.final.map((state) => state.read()));
  const cotangents = states.map((state, sample) => {
    const data = new Float32Array(state.length);
    imageLoss(state, target, rule, { data, scale: 1 / states.length });
    return { sample, step: steps, data };
  });
  const gradients = await rollout.backward({ cotangents });
  rollout.dispose();
  const [gradient] = [gradients.parameters].flat();
  return { states, gradient };
}

/**
 * Largest deviation that passes. Float32 sums in another order are off by 1e-7 to 1e-6 of the largest number, and
 * rollouts pass that on; one cell, tap or weight left out shows as 1e-3.
 */
export const TOLERANCE = 1e-4;

/**
 * Largest difference between two outcomes, in units of the largest number of the tensor it occurs in.
 * @throws Error where it exceeds {@link TOLERANCE}.
 */
export function verify(actual: Outcome, expected: Outcome, rule: Rule, who: string): number {
  const table = parameterTable(rule);
  const tensors = ({ states, gradient }: Outcome) => [
    ...states,
    ...table.map(({ offset, size }) => gradient.subarray(offset, offset + size)),
  ];
  const others = tensors(expected);
  const deviations = tensors(actual).map((tensor, i) => deviation(tensor, others[i]));
  const largest = Math.max(...deviations);
  if (!(largest <= TOLERANCE)) {
    throw new Error(`${who} deviates by ${largest.toExponential(1)}; at most ${TOLERANCE} is allowed`);
  }
  return largest;
}

function deviation(actual: Float32Array, expected: Float32Array): number {
  let scale = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  }
  return actual.length === expected.length ? largest / scale : NaN;
}

/** Verifies an engine against the reference on a slice of the workload: fewer cells, samples and steps. */
export async function verifyAgainstReference(engine: Engine): Promise<number> {
  const slice = benchWorkload({ grid: [40, 40], batch: 2, steps: 6 });
  const expected = await outcomeOf(referenceEngine(), slice);
  return verify(await outcomeOf(engine, slice), expected, slice.rule, `the ${engine.name} engine`);
}

/** Middle, lowest and highest of some measurements. */
export type Spread = Readonly<{ median: number; low: number; high: number }>;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, low: sorted[0], high: sorted.at(-1)! };
}
