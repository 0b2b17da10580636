/** Networks with exact gradients in plain loops, and a small world for them: what tests of reinforcement share. */
import { wholeBox } from "../../rule/grid.ts";
import type { Engine, Rollout, State } from "../../engine.ts";
import { cropState, type StateWindow } from "../../engine/window.ts";
import { uniform } from "../../random.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import type { Plane } from "../../rule/grid.ts";
import { evaluateStates } from "../loss/measure.ts";
import { lossSteps } from "../bptt/settings.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Batch, Visit } from "../task.ts";
import type { NetworkTraining } from "./trainedNetwork.ts";
import type { CriticTraining } from "./critic.ts";
import type { Autoencoder, ValueFunction } from "../../nets/networks.ts";
import { ReinforcementTask, type ReinforcementTaskOptions } from "./task.ts";

export const GRID: Plane = [6, 6];
export const CELLS = 36;
const conventions: PictureRule = {
  ...picturePresets.distill,
  channels: 6,
  hidden: [8],
  fireRate: 1,
  seed: { from: 3, to: 6 },
};
export const { rule, readout, start } = splitRule(conventions);
export const SEED = 5;

/** Numbers in [-0.5, 0.5). */
export function draws(count: number, index: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => uniform(3, 0, index, i) - 0.5);
}

/** A picture that is neither empty nor full. */
export const target = draws(CELLS * 4, 1).map((value) => Math.max(0, value) * 1.5);

export const networkTraining: NetworkTraining = {
  learningRate: 1e-2,
  schedule: { kind: "constant" },
  warmup: 0,
  optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  gradient: { normalize: false, clip: null },
};

export const criticSettings: CriticTraining = {
  ...networkTraining,
  updates: 1,
  states: null,
  follow: 1,
  trust: null,
  bootstrap: 1,
};

/** A call of `regress`, or of what asks for values. */
export type Call = Readonly<{
  what: "values" | "differentiate" | "regress";
  parameters: Float32Array;
  observations: readonly Float32Array[];
  targets?: Float32Array;
}>;

/** What may be done to results before they are handed out. */
export type Spoil = Readonly<{
  values?: (values: Float32Array) => void;
  slopes?: (slopes: Float32Array[]) => void;
  gradient?: (gradient: Float32Array) => void;
}>;

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** V(x) = sum of w (x + x^2 / 2). */
export const valueOf = (w: Float32Array, x: Float32Array) =>
  w.reduce((sum, weight, i) => sum + weight * (x[i] + (x[i] * x[i]) / 2), 0);

/** {@link valueOf}, which notes all calls. */
export function fakeValue(length: number, spoil: Spoil = {}, initial = draws(length, 2)) {
  const calls: Call[] = [];
  const note = (what: Call["what"], parameters: Float32Array, rest: Pick<Call, "observations" | "targets">) =>
    calls.push({ what, parameters: parameters.slice(), ...rest });
  const value: ValueFunction = {
    table: [{ name: "w", shape: [length], offset: 0, size: length }],
    initial,
    async values(w, observations) {
      note("values", w, { observations });
      const values = Float32Array.from(observations, (x) => valueOf(w, x));
      spoil.values?.(values);
      return values;
    },
    async differentiate(w, observations) {
      note("differentiate", w, { observations });
      const values = Float32Array.from(observations, (x) => valueOf(w, x));
      const gradients = observations.map((x) => x.map((own, i) => w[i] * (1 + own)));
      spoil.values?.(values);
      spoil.slopes?.(gradients);
      return { values, gradients };
    },
    async regress(w, observations, targets, gradient) {
      note("regress", w, { observations, targets: targets.slice() });
      gradient.fill(0);
      let loss = 0;
      for (const [k, x] of observations.entries()) {
        const error = targets[k] - valueOf(w, x);
        loss += error ** 2 / observations.length;
        x.forEach((own, i) => (gradient[i] -= (2 * error * (own + (own * own) / 2)) / observations.length));
      }
      spoil.gradient?.(gradient);
      return loss;
    },
  };
  return { value, calls };
}

const bent = (picture: Float32Array) => picture.map((p) => p + (p * p) / 2);

/** z_k = sum over i of A_ki (p_i + p_i^2 / 2); "reconstructs" by moving z + noise to 1, and "diverges" by z^2 / 2. */
export function fakeAutoencoder(latent = 3, length = CELLS * 4) {
  const row = (a: Float32Array, k: number) => a.subarray(k * length, (k + 1) * length);
  const encodeOne = (a: Float32Array, picture: Float32Array) =>
    Float32Array.from({ length: latent }, (_, k) => dot(row(a, k), bent(picture)));
  const fits: { parameters: Float32Array; pictures: readonly Float32Array[]; noise: Float32Array }[] = [];
  const network: Autoencoder = {
    table: [{ name: "a", shape: [latent, length], offset: 0, size: latent * length }],
    initial: draws(latent * length, 3),
    latent,
    encode: async (a, pictures) => pictures.map((picture) => encodeOne(a, picture)),
    pullback: async (a, pictures, cotangents) =>
      pictures.map((picture, sample) =>
        picture.map((p, i) => cotangents[sample].reduce((sum, c, k) => sum + c * row(a, k)[i], 0) * (1 + p)),
      ),
    async fit(parameters, pictures, noise, gradient) {
      fits.push({ parameters: parameters.slice(), pictures, noise: noise.slice() });
      gradient.fill(0);
      let [reconstruction, divergence] = [0, 0];
      for (const [sample, picture] of pictures.entries()) {
        const z = encodeOne(parameters, picture);
        for (let k = 0; k < latent; k++) {
          const error = z[k] + noise[sample * latent + k] - 1;
          reconstruction += error ** 2 / 2 / pictures.length;
          divergence += z[k] ** 2 / 2 / pictures.length;
          bent(picture).forEach((p, i) => (row(gradient, k)[i] += ((error + z[k]) * p) / pictures.length));
        }
      }
      return { reconstruction, divergence };
    },
  };
  return { network, fits, encodeOne };
}

export const taskOptions: ReinforcementTaskOptions = {
  rule,
  readout,
  start,
  grid: GRID,
  target,
  settings: {
    steps: 100,
    horizon: 4,
    every: 1,
    penalties: {},
    discount: 0.9,
    reward: { kind: "decrease", scale: 1 },
    returns: { kind: "lambda", lambda: 0.8 },
    memory: { kind: "buffer", size: 20, reseed: 1, every: 1 },
  },
  critic: null,
  autoencoder: null,
  seed: SEED,
};

export function taskOf(
  settings: Partial<ReinforcementTaskOptions["settings"]> = {},
  changes: Partial<ReinforcementTaskOptions> = {},
): ReinforcementTask {
  return new ReinforcementTask({
    ...taskOptions,
    ...changes,
    settings: { ...taskOptions.settings, ...settings },
  });
}

/** Every step of a rollout counts, as `createReinforcement` has it. */
export const placement = { placement: "mean", from: 0, every: 1 } as const;

/** What a task says of a rollout that an engine made of its batch. */
export function evaluated<M extends object>(
  engine: Engine,
  batch: Batch<M>,
  rollout: Rollout,
  horizon: number,
  every = 1,
) {
  const places = batch.states.map(() => lossSteps({ ...placement, every }, horizon, [0, 0, 0]));
  return evaluateStates(engine, batch, rollout, places);
}

/** States of shape (H, W, C) of each sample after each step, from the first step on, as visits: the last comes first. */
export function visitsOf(
  states: readonly (readonly Float32Array[])[],
  windowed: (state: Float32Array) => StateWindow = (data) => ({ ...wholeBox(GRID), data }),
): Visit[] {
  return states.flatMap((steps, sample) =>
    steps
      .map((state, i) => ({
        sample,
        step: i + 1,
        weight: 1 / steps.length,
        last: i + 1 === steps.length,
        state: windowed(state),
      }))
      .toReversed(),
  );
}

export const cropped = (state: Float32Array) => cropState(state, GRID, rule.channels);

/** Initial states that are arrays. */
export function arraysOf(states: readonly (Float32Array | State)[]): Float32Array[] {
  return states.map((state) => {
    if (state instanceof Float32Array) return state;
    throw new TypeError("an engine has this state");
  });
}

/** Through text and back, as a file would. */
export function throughText({ meta, tensors }: Snapshot): Snapshot {
  return {
    meta: JSON.parse(JSON.stringify(meta)),
    tensors: Object.fromEntries(
      Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    ),
  };
}
