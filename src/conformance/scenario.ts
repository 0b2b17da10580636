/** Rollouts and cotangents drawn at random, away from where rounding decides. */
import type { Cotangent, RolloutRequest } from "../engine.ts";
import { STREAM, uniform } from "../random.ts";
import { layerSizes, parameterCount, parameterTable } from "../rule/parameters.ts";
import { cellCount, type Grid, type Plane, planeOf, stateSize } from "../rule/grid.ts";
import { PERCEIVE_WEIGHT } from "../rule/parts/depthwise.ts";
import { FILTER_FEATURES } from "../rule/parts/filter.ts";
import { featureCount } from "../rule/parts/perceive.ts";
import { kernelTaps } from "../rule/kernels.ts";
import { axesOf, type Rule } from "../rule/rule.ts";
import type { Floats } from "../step/floats.ts";
import { fireMask } from "../step/masks.ts";
import { firedOf, layersOf, linear } from "../step/network.ts";
import { perceive } from "../step/perception.ts";
import { updateNoise } from "../step/noise.ts";
import { moved, stepForward } from "../step/step.ts";
import { parametersOf, stepsOf } from "../engine/request.ts";

/** The next number of a sequence, uniform in [0, 1). */
export type Random = () => number;

export function drawing(seed: number): Random {
  let index = 0;
  return () => uniform(seed, STREAM.noise, 0, index++);
}

/** An initial state: shape (...grid, C). */
export type StateMaker = (rule: Rule, grid: Grid, draw: Random) => Float32Array;

/** Which parameter set the cell in a row and column of the plane runs: 0 is the sample's own. */
export type Membership = (y: number, x: number, plane: Plane, draw: Random) => number;

/** What to run. Everything left open is drawn from a seed by {@link drawScenario}. */
export type Case = Readonly<{
  rule: Rule;
  grid: Grid;
  /** One a sample. */
  starts: readonly StateMaker[];
  /** Default 6. */
  steps?: number | readonly number[];
  /** Default 0. */
  firstStep?: number;
  /** Whether each sample has parameters of its own. Default false. */
  population?: boolean;
  /** Other parameters for some cells; such a case runs forward only. Default none. */
  graft?: Readonly<{ sets: number; cells: Membership }>;
  /** Factor on the parameters. Default 1: an update of some 0.2 a step, so that cells come and go. */
  gain?: number;
  /** The alive channel's output bias, in place of a random one: in a population, of each sample in turn; grafts follow the first. */
  aliveBias?: readonly number[];
  /** The first seed to try; default 1. */
  seed?: number;
}>;

export type Scenario = Readonly<{
  request: Omit<RolloutRequest, "states"> & Readonly<{ states: readonly Float32Array[] }>;
  cotangents: readonly Cotangent[];
}>;

export function randomArray(length: number, draw: Random): Float32Array {
  return Float32Array.from({ length }, () => 2 * draw() - 1);
}

/** Weights uniform with a variance of 1 / inputs, a tenth of that in the last layer; biases up to 0.1. */
export function randomParameters(rule: Rule, draw: Random, gain = 1): Float32Array {
  const flat = randomArray(parameterCount(rule), draw);
  const lastLayer = layerSizes(rule).length - 2;
  for (const { name, shape, offset, size } of parameterTable(rule)) {
    const last = name === `update.${lastLayer}.weight`;
    // Of a depthwise kernel (K, size, ..., size, C), the inputs are its taps.
    const inputs =
      name === PERCEIVE_WEIGHT ? shape.slice(1, -1).reduce((taps, side) => taps * side, 1) : shape[0];
    const bound = shape.length === 1 ? 0.1 : Math.sqrt(3 / inputs) * (last ? 0.3 : 1);
    for (let i = offset; i < offset + size; i++) flat[i] *= gain * bound;
  }
  return flat;
}

function drawGraft({ grid, graft }: Case, draw: Random, parametersFor: (set: number) => Float32Array) {
  if (!graft) return undefined;
  const parameters = Array.from({ length: graft.sets }, (_, set) => parametersFor(1 + set));
  const plane = planeOf(grid);
  const [height, width] = plane;
  const cells = Uint8Array.from({ length: height * width }, (_, n) =>
    graft.cells(Math.floor(n / width), n % width, plane, draw),
  );
  return { parameters, cells };
}

/**
 * Keeps each sample's first, middle and last state. Of every three samples, the first has cotangents at those steps,
 * two of them at the last, the second has one a step before its last, and the third none.
 */
export function drawScenario(what: Case, seed: number): Scenario {
  const { rule, grid, starts, steps = 6, firstStep = 0, population = false, gain, aliveBias } = what;
  const draw = drawing(seed);
  const states = starts.map((start) => start(rule, grid, draw));
  const parametersFor = (sample: number) => {
    const parameters = randomParameters(rule, draw, gain);
    if (!aliveBias) return parameters;
    parameters[parameters.length - rule.channels + rule.alive.channel] = aliveBias[sample % aliveBias.length];
    return parameters;
  };
  const parameters = population ? states.map((_, sample) => parametersFor(sample)) : parametersFor(0);
  const graft = drawGraft(what, draw, parametersFor);
  const request = {
    rule,
    grid,
    states,
    steps,
    firstStep,
    parameters,
    ...(graft && { graft }),
    ...(rule.inputSize > 0 && { inputs: states.map(() => randomArray(rule.inputSize, draw)) }),
    seed: Math.floor(draw() * 2 ** 32),
    keep: (sample: number) => {
      const last = typeof steps === "number" ? steps : steps[sample];
      return [0, last >> 1, last];
    },
  };
  const cotangents = states.flatMap((_, sample): Cotangent[] => {
    const last = stepsOf(request, sample);
    const at = [[0, last >> 1, last, last], [Math.max(0, last - 1)], []][sample % 3];
    return at.map((step) => ({ sample, step, data: randomArray(stateSize(rule, grid), draw) }));
  });
  return { request, cotangents };
}

/** Whether some number but 0 itself, from `first` on in strides, is this near to a value. */
function anyNear(values: Floats, value: number, distance: number, first = 0, stride = 1): boolean {
  for (let i = first; i < values.length; i += stride) {
    if (values[i] !== 0 && Math.abs(values[i] - value) < distance) return true;
  }
  return false;
}

/**
 * Whether a number lies so near to 0 of which cells perceive the magnitude: their own, or the sum that a filter makes. That of
 * nothing but zeros is 0 everywhere.
 */
function atMagnitude(rule: Rule, grid: Grid, P: Floats, S: Floats): boolean {
  if (rule.perceive?.kind !== "filter") return false;
  const kernels = rule.kernels.map((kernel) => ({
    taps: kernelTaps(kernel, axesOf(rule)).map(({ offset, weight }) => ({
      offset,
      weight: Math.abs(weight),
    })),
  }));
  const size = perceive({ ...rule, inputSize: 0, kernels }, grid, S.map(Math.abs), undefined);
  const features = featureCount(rule);
  const own = rule.channels * FILTER_FEATURES;
  const distance = 2e-6 * Math.max(1, scaleOf(S));
  for (let i = 0; i < size.length; i++) {
    if (i % FILTER_FEATURES > 1 || size[i] === 0) continue;
    if (Math.abs(P[Math.floor(i / own) * features + (i % own)]) < distance) return true;
  }
  return false;
}

/** How near an alpha may be to the threshold where an engine rounds as float32 does. */
export const MARGIN = 1e-5;

/**
 * Whether rounding could decide what happens: some alpha lies within `margin` of the threshold at some step, or, unless
 * `kinks` is false, what enters some ReLU lies within 2e-6 of 0, in units of its layer's largest, or so does a number of
 * which cells perceive the magnitude.
 * Exact zeros are zero in every engine.
 */
export function isDelicate({ request }: Scenario, { kinks = true, margin = MARGIN } = {}): boolean {
  const { rule, grid, states, seed, firstStep = 0 } = request;
  const { mask, channel, threshold } = rule.alive;
  const cells = request.graft?.cells ?? new Uint8Array(cellCount(grid));
  const grafted = request.graft?.parameters.map((set) => new Float64Array(set)) ?? [];
  const graft = { parameters: grafted, cells };
  const atThreshold = (S: Floats) => mask !== "none" && anyNear(S, threshold, margin, channel, rule.channels);
  return states.some((state, sample) => {
    const parameters = new Float64Array(parametersOf(request, sample));
    const input = request.inputs && new Float64Array(request.inputs[sample]);
    const hidden = [parameters, ...grafted].map((set) => layersOf(rule, set).slice(0, -1));
    let S: Floats = new Float64Array(state);
    if (atThreshold(S)) return true;
    for (let t = 0; t < stepsOf(request, sample); t++) {
      const draw = { seed, sample: request.sampleIds?.[sample] ?? sample, step: firstStep + t };
      const fired = fireMask(rule, grid, seed, draw.sample, draw.step);
      const noise = updateNoise(S, rule, grid, draw);
      const { next, activations } = stepForward({ rule, grid, parameters, input, graft }, S, fired, noise);
      const delta = activations[activations.length - 1];
      if (atThreshold(moved(rule, S, delta, fired, noise))) return true;
      const atKink = hidden.some((layers, set) =>
        layers.some((layer, index) => {
          const Y = linear(layer, activations[index], firedOf(cells, set, fired));
          return anyNear(Y, 0, 2e-6 * Math.max(1, scaleOf(Y)));
        }),
      );
      if (kinks && (atKink || atMagnitude(rule, grid, activations[0], S))) return true;
      S = next;
    }
    return false;
  });
}

/** The first scenario from the case's seed on that is not delicate. */
export function drawCalmScenario(what: Case, { kinks = true } = {}): Scenario {
  const { seed = 1 } = what;
  for (let offset = 0; offset < 50; offset++) {
    const scenario = drawScenario(what, seed + offset);
    if (!isDelicate(scenario, { kinks })) return scenario;
  }
  throw new Error("no scenario of 50 keeps away from the threshold; make the case smaller");
}

/** Largest magnitude; NaN does not count. */
export function scaleOf(values: ArrayLike<number>): number {
  let scale = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > scale) scale = Math.abs(values[i]);
  return scale;
}
