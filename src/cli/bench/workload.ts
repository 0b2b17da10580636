/** What benchmarks run: the article's default training step on a fully grown pattern. */
import { STREAM, uniform } from "../../random.ts";
import { initialParameters, layerSizes, parameterTable, parameterViews } from "../../rule/parameters.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import type { Readout } from "../../model/readout.ts";
import { type Plane, stateSize } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";

export type Workload = Readonly<{
  rule: Rule;
  readout: Readout;
  grid: Plane;
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
  grid?: Plane;
  /** Samples, default 8. */
  batch?: number;
  /** Default 80. */
  steps?: number;
  /** Default 0.5. */
  fireRate?: number;
  /** What differs from the article's rule. */
  rule?: Partial<PictureRule>;
  /** What lives: every cell, or (default) a disc of radius 14 in the middle, as large as the article's lizard. */
  pattern?: "disc" | "full";
}>;

/** Of every draw in a benchmark. */
export const SEED = 1;
const RADIUS = 14;

/** A uniform number in [0, 1) that is the same on every machine. */
const draw = (what: number, index: number) => uniform(SEED, STREAM.data, what, index);

/**
 * The Distill rule on a pattern that neither grows nor dies, so that every step of every repetition is the same
 * work: the last layer leaves alpha alone and moves the other channels little.
 */
export function benchWorkload(options: WorkloadOptions = {}): Workload {
  const { grid = [72, 72], batch = 8, steps = 80, fireRate = 0.5, pattern = "disc" } = options;
  const { rule, readout } = splitRule({ ...picturePresets.distill, ...options.rule, fireRate });
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
  return { rule, readout, grid, steps, parameters: stillParameters(rule), states, target };
}

/** The living cells of a pattern, in order. */
function cellsOf([height, width]: Plane, pattern: "disc" | "full"): number[] {
  const all = Array.from({ length: height * width }, (_, cell) => cell);
  if (pattern === "full") return all;
  return all.filter((cell) => {
    const down = Math.floor(cell / width) - (height - 1) / 2;
    const right = (cell % width) - (width - 1) / 2;
    return down * down + right * right < RADIUS * RADIUS;
  });
}

/** Parameters that keep about half of the hidden units busy and change a state little. */
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
