/** What the inputs of a trained automaton mean: encoding pictures, interpolating between them, drawing pictures from them. */
import type { Labelled } from "../data/pictureSet.ts";
import type { Engine, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { expandWindow } from "../engine/window.ts";
import { FormatError } from "../errors.ts";
import { type Model, type PictureModel, withPicture } from "../model/model.ts";
import type { PictureLayout } from "../model/readout.ts";
import { type Encoder, encode } from "../nets/encoder.ts";
import { pcg4d, STREAM } from "../random.ts";
import { goalOfInput, startState } from "../model/start.ts";
import { imageLoss } from "../train/loss/loss.ts";
import { fillNormal } from "../noise.ts";

/** An automaton with the encoder that makes its inputs. */
export type Drawer = PictureModel & Readonly<{ encoder: Encoder }>;

/** A model as one that draws what an encoder is shown. @throws FormatError for a model without an encoder; UserError for one without a picture. */
export function asDrawer(model: Model): Drawer {
  const { encoder } = model;
  if (encoder) return { ...withPicture(model), encoder };
  throw new FormatError(
    "this model has no encoder, so pictures mean nothing to it; train one with neoblast digits",
  );
}

/** The latent vector of a picture: the mean of its posterior. */
export function latentOf({ encoder }: Pick<Drawer, "encoder">, picture: Float32Array): Float32Array {
  return encode(encoder, picture).mean;
}

/** Mean and standard deviation of each coordinate of latent vectors. */
export type LatentStatistics = Readonly<{ mean: number[]; deviation: number[] }>;

/** Mean and standard deviation of each coordinate of some latent vectors, at least one. */
export function latentStatistics(latents: readonly Float32Array[]): LatentStatistics {
  const coordinates = Array.from(latents[0], (_, i) => latents.map((latent) => latent[i]));
  const mean = coordinates.map(average);
  const deviation = coordinates.map((values, i) =>
    Math.sqrt(average(values.map((value) => (value - mean[i]) ** 2))),
  );
  return { mean, deviation };
}

/** `(1 - t) a + t b`: a at 0, b at 1. */
export function between(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return a.map((value, i) => (1 - t) * value + t * b[i]);
}

/** Latent vectors drawn from a normal distribution; the standard one unless said otherwise. */
export function sampleLatents(
  count: number,
  length: number,
  { seed, mean, deviation }: Readonly<{ seed: number }> & Partial<LatentStatistics>,
): Float32Array[] {
  return Array.from({ length: count }, (_, i) => {
    const latent = new Float32Array(length);
    fillNormal(latent, pcg4d(seed, STREAM.latent, 1, 0), 0, i);
    return latent.map((value, j) => (mean?.[j] ?? 0) + (deviation?.[j] ?? 1) * value);
  });
}

/** What `drawInputs` draws, and at which steps. */
export type DrawOptions = Readonly<{
  engine: Engine;
  model: Pick<Model, "rule" | "readout" | "start" | "parameters" | "provenance">;
  /** The input of each sample, empty where the rule has none; each grows from the model's start for it. */
  inputs: readonly Float32Array[];
  /** Steps whose states are wanted, from 0 on. */
  stops: Iterable<number>;
  /** Of the fire masks. */
  seed: number;
  signal?: AbortSignal | undefined;
}>;

/**
 * Lets one automaton draw a picture from each input.
 *
 * @yields at every stop, in order, the state of each sample, of shape (H, W, C).
 * @throws what `Engine.rollout` throws.
 */
export async function* drawInputs({
  engine,
  model,
  inputs,
  stops,
  seed,
  signal,
}: DrawOptions): AsyncGenerator<{ step: number; states: Float32Array[] }, void> {
  const { rule, parameters, provenance } = model;
  const { grid } = provenance;
  const start = startState(model, grid);
  let states: readonly (Float32Array | State)[] = inputs.map((input) =>
    model.start.pictures ? startState(model, grid, undefined, goalOfInput(input)) : start,
  );
  let at = 0;
  try {
    for (const step of [...new Set(stops)].toSorted((a, b) => a - b)) {
      const { final } = await engine.rollout({
        rule,
        grid,
        parameters,
        states,
        ...(rule.inputSize > 0 && { inputs }),
        steps: step - at,
        seed,
        firstStep: at,
        ...(signal && { signal }),
      });
      disposeStates(states);
      states = final;
      at = step;
      const windows = await engine.read(final);
      yield { step, states: windows.map((window) => expandWindow(window, grid, rule.channels)) };
    }
  } finally {
    disposeStates(states);
  }
}

/** Mean squared error of each state's picture against the picture that its input encodes, shape (H, W, K). */
export function drawingErrors(
  layout: PictureLayout,
  states: readonly Float32Array[],
  pictures: readonly Float32Array[],
): number[] {
  return states.map((state, i) => imageLoss(state, pictures[i], layout));
}

/**
 * How well the latent space keeps kinds of pictures apart: the share of held-out pictures whose latent vector is nearest
 * to the mean of their own kind, means being taken over known pictures. Labels serve this alone.
 *
 * @param known the first `count` are used; `heldOut` likewise.
 */
export function nearestMeanAccuracy(model: Drawer, known: Labelled, heldOut: Labelled, count = 1000): number {
  const kinds = new Map<number, Float32Array[]>();
  for (let i = 0; i < Math.min(count, known.count); i++) {
    const label = known.label(i);
    kinds.set(label, [...(kinds.get(label) ?? []), latentOf(model, known.picture(i))]);
  }
  const means = [...kinds].map(([label, latents]) => ({ label, ...latentStatistics(latents) }));
  const tested = Math.min(count, heldOut.count);
  let right = 0;
  for (let i = 0; i < tested; i++) {
    const latent = latentOf(model, heldOut.picture(i));
    const distances = means.map(({ mean }) =>
      mean.reduce((sum, value, j) => sum + (value - latent[j]) ** 2, 0),
    );
    if (means[distances.indexOf(Math.min(...distances))].label === heldOut.label(i)) right++;
  }
  return right / tested;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
