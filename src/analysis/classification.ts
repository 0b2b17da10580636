/** How well cells say what they are part of: long after they were asked, and when the picture under them changes. */
import * as z from "zod/mini";
import { kindsOf, type Labelled } from "../data/pictureSet.ts";
import { copyChannels } from "../edit/channels.ts";
import type { Engine, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { expandWindow } from "../engine/window.ts";
import { UserError } from "../errors.ts";
import type { Model, PictureModel } from "../model/model.ts";
import { type Classes, classOf } from "../model/readout.ts";
import { pictureState } from "../model/start.ts";
import { STREAM, uniformInteger } from "../random.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";

const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.int().check(z.minimum(0));

const sharesFields = {
  /** Of living cells, those that name the right class. */
  cells: share,
  /** Of pictures, those whose living cells all name one class, and those where it is the right one. */
  agreed: share,
  right: share,
};

/** What cells say at one moment, over all pictures. Plain JSON. */
export const agreementSchema = z.object({
  /** Steps since the start, and whether the picture was changed on the way. */
  step: count,
  changed: z.boolean(),
  ...sharesFields,
  /** The same of the pictures of each class. */
  classes: z.array(z.object({ name: z.string(), pictures: count, ...sharesFields })),
  /** Living cells in pictures of each class (rows) that name each class (columns). */
  confusion: z.array(z.array(count)),
});
/** How right cells are, as shares from 0 to 1, and what they take for what. Plain JSON. */
export type Agreement = Readonly<z.infer<typeof agreementSchema>>;

/** A model whose cells name classes. */
export type Classifier = PictureModel & Readonly<{ readout: Readonly<{ classes: Classes }> }>;

/** @throws UserError, one sentence, for a model whose cells name no classes. */
export function asClassifier(model: Model): Classifier {
  const { readout } = model;
  if (readout?.classes) return { ...model, readout: { ...readout, classes: readout.classes } };
  throw new UserError("the cells of this model name no classes; train one with neoblast classify");
}

export type ShowRequest = Readonly<{
  engine: Engine;
  model: Pick<Classifier, "rule" | "parameters" | "readout">;
  grid: Plane;
  /** What each sample is shown at first, and from some step on: shape (H, W, K) each, K channels of the readout's. */
  pictures: readonly Float32Array[];
  others: readonly Float32Array[];
  /** The step after which each picture is replaced: pinned channels become the other's, all else stays. */
  change: number;
  /** Steps whose states are wanted; at `change` it is the state before that. */
  stops: Iterable<number>;
  /** Of the fire masks, and each sample's number in them; default 0, 1, 2, ... */
  seed: number;
  ids?: readonly number[];
  signal?: AbortSignal | undefined;
}>;

/**
 * Shows pictures to the cells of a model, and then others in their place.
 *
 * @yields at every stop, in order, the state of each sample, of shape (H, W, C), not to be changed.
 * @throws what `Engine.rollout` throws.
 */
export async function* showPictures({
  engine,
  model: { rule, parameters, readout },
  grid,
  pictures,
  others,
  change,
  stops,
  seed,
  ids,
  signal,
}: ShowRequest): AsyncGenerator<{ step: number; states: readonly Float32Array[] }, void> {
  const startOf = (picture: Float32Array) => pictureState(picture, { rule, readout });
  let states: readonly (Float32Array | State)[] = pictures.map(startOf);
  const wanted = new Set(stops);
  const all = [...new Set([...wanted, change])].toSorted((a, b) => a - b);
  let at = 0;
  try {
    for (const step of all) {
      if (step > Math.max(...wanted)) return;
      const { final } = await engine.rollout({
        rule,
        grid,
        parameters,
        states,
        steps: step - at,
        seed,
        firstStep: at,
        ...(ids && { sampleIds: ids }),
        ...(signal && { signal }),
      });
      disposeStates(states);
      states = final;
      at = step;
      const windows = await engine.read(final);
      const numbers = windows.map((window) => expandWindow(window, grid, rule.channels));
      if (wanted.has(step)) yield { step, states: numbers };
      if (step !== change) continue;
      disposeStates(states);
      states = numbers.map((data, i) => {
        const changed = data.slice();
        copyChannels(changed, startOf(others[i]), rule.channels, rule.pinned ?? []);
        return changed;
      });
    }
  } finally {
    disposeStates(states);
  }
}

/** What `measureAgreement` shows to the cells of a model, and when it asks them. */
export type AgreementRequest = Pick<ShowRequest, "engine" | "model" | "signal"> &
  Readonly<{
    /** The first so many are shown. */
    pictures: Labelled;
    count: number;
    /** Steps at which cells are asked, ascending; after the last, each picture becomes one of another class. */
    steps: readonly number[];
    /** Steps after that change at which they are asked again. */
    stepsAfter: number;
    /** Of fire masks, and of which picture takes the place of which. */
    seed: number;
    onProgress?: ((done: number, total: number) => void) | undefined;
  }>;

/** Pictures that are rolled out at once. */
const BATCH = 50;

/**
 * Asks all cells of pictures what they are part of, as the article does: after some steps, and again after each picture
 * was replaced by another while the channels that are not pinned stay as they are.
 *
 * Source: Randazzo et al., "Self-classifying MNIST Digits", Distill 2020.
 * @returns one for each of the steps, and one for the time after the change.
 * @throws what `Engine.rollout` throws.
 */
export async function measureAgreement(request: AgreementRequest): Promise<Agreement[]> {
  const { engine, model, pictures, steps, stepsAfter, seed, onProgress, signal } = request;
  const total = Math.min(request.count, pictures.count);
  const names = kindsOf(pictures);
  const change = steps.at(-1) ?? 0;
  const moments = [...steps, change + stepsAfter].map(
    (step) => new Tally(names, model.readout.classes, step, change),
  );
  for (let first = 0; first < total; first += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, total - first) }, (_, i) => first + i);
    const otherIds = ids.map((id) => otherClass(pictures, id, total, seed));
    const shown = showPictures({
      engine,
      model,
      grid: pictures.grid,
      pictures: ids.map((id) => pictures.picture(id)),
      others: otherIds.map((id) => pictures.picture(id)),
      change,
      stops: moments.map(({ step }) => step),
      seed,
      ids,
      signal,
    });
    for await (const { step, states } of shown) {
      const moment = moments.find((each) => each.step === step)!;
      const labels = moment.changed ? otherIds : ids;
      for (const [i, state] of states.entries()) moment.add(state, model.rule, pictures.label(labels[i]));
    }
    onProgress?.(first + ids.length, total);
  }
  return moments.map((moment) => moment.agreement());
}

/** The number of a picture of another class among the first so many; where all are of one, any. */
export function otherClass(pictures: Labelled, index: number, among: number, seed: number): number {
  const first = uniformInteger(0, among - 1, seed, STREAM.goal, 0, index);
  for (let i = 0; i < among; i++) {
    const other = (first + i) % among;
    if (pictures.label(other) !== pictures.label(index)) return other;
  }
  return first;
}

type Counts = { pictures: number; agreed: number; right: number };

/** What is counted at one moment. */
class Tally {
  readonly step: number;
  readonly changed: boolean;
  readonly #names: readonly string[];
  readonly #classes: Classes;
  readonly #counts: Counts[];
  readonly #living: number[];
  readonly #confusion: number[][];

  constructor(names: readonly string[], classes: Classes, step: number, change: number) {
    this.step = step;
    this.changed = step > change;
    this.#names = names;
    this.#classes = classes;
    this.#counts = names.map(() => ({ pictures: 0, agreed: 0, right: 0 }));
    this.#living = names.map(() => 0);
    this.#confusion = names.map(() => names.map(() => 0));
  }

  add(state: Float32Array, { channels, alive }: Rule, label: number): void {
    const said = new Set<number>();
    const threshold = Math.fround(alive.threshold);
    for (let cell = 0; cell < state.length; cell += channels) {
      if (!(state[cell + alive.channel] > threshold)) continue;
      const named = classOf(state, cell, this.#classes);
      said.add(named);
      this.#living[label]++;
      if (named >= 0) this.#confusion[label][named]++;
    }
    const counts = this.#counts[label];
    counts.pictures++;
    if (said.size > 1 || said.has(-1)) return;
    counts.agreed++;
    if (said.size === 0 || said.has(label)) counts.right++;
  }

  agreement(): Agreement {
    const all = this.#names.map((_, label) => label);
    return {
      step: this.step,
      changed: this.changed,
      ...this.#shares(all),
      classes: all.map((label) => ({
        name: this.#names[label],
        pictures: this.#counts[label].pictures,
        ...this.#shares([label]),
      })),
      confusion: this.#confusion,
    };
  }

  /** Of the pictures of some classes; of none, 1. */
  #shares(labels: readonly number[]): Pick<Agreement, "cells" | "agreed" | "right"> {
    const sum = (of: (label: number) => number) => labels.reduce((total, label) => total + of(label), 0);
    const pictures = sum((label) => this.#counts[label].pictures);
    return {
      cells: per(
        sum((label) => this.#confusion[label][label]),
        sum((label) => this.#living[label]),
      ),
      agreed: per(
        sum((label) => this.#counts[label].agreed),
        pictures,
      ),
      right: per(
        sum((label) => this.#counts[label].right),
        pictures,
      ),
    };
  }
}

function per(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
