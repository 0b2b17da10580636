/** Training by backpropagation through time: roll out, compare, pull the cotangents back, update. */
import type { Engine, State } from "../../engine.ts";
import { disposeStates, shareStart } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import { pcg4d, STREAM, uniformInteger } from "../../random.ts";
import { layoutTable, type ParameterEntry, parameterTable } from "../../rule/parameters.ts";
import type { Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { norm } from "../optim/gradient.ts";
import {
  initialTrainState,
  type TrainState,
  objectOf,
  prefixed,
  restoreTrainState,
  saveTrainState,
  updateTrainState,
  wholeOf,
  withPrefix,
} from "./trainState.ts";
import { measure, type Measured } from "../loss/measure.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { createOptimizer } from "../optim/settings.ts";
import { rampAt, rangeAt } from "../ramp.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { type BpttSettings, lossSteps } from "./settings.ts";
import type { Snapshot } from "../snapshot.ts";
import type { StoredState } from "../memory/storedStates.ts";
import type { Task } from "../task.ts";
import { DivergedError, exclusively, type Progress, type Trainer } from "../trainer.ts";

/** What one training step did. Losses and norm of a skipped step may be NaN. */
export type BpttProgress = Progress &
  Readonly<{
    /** Mean of what is minimised: penalties included, at the steps the settings name. */
    objective: number;
    /** Norm of the raw gradient. */
    gradientNorm: number;
  }>;

/** What `BpttTrainer` trains, for what, and how. */
export type BpttOptions<M extends object = object> = Readonly<{
  engine: Engine;
  rule: Rule;
  grid: Grid;
  /** To start from: flat, as `parameterTable` says. */
  parameters: Float32Array;
  task: Task<M>;
  settings: BpttSettings;
  /** In place of the one that the settings name. */
  optimizer?: Optimizer;
  /** Of all random draws: an unsigned 32-bit integer. */
  seed: number;
  /** Milliseconds, for `Progress.seconds` only. Default `performance.now`. */
  clock?: () => number;
}>;

/** Skipped steps in a row after which training stops. */
const MAX_FAILURES = 10;

/**
 * Trains one parameter set by its gradients, and with it the network that its task may have. The loss it reports is the
 * mean error at the end of the rollout.
 *
 * @template M what its task measures beside.
 */
export class BpttTrainer<M extends object = object> implements Trainer<BpttProgress & Partial<M>> {
  readonly #options: BpttOptions<M>;
  /** Of the automaton's numbers, and after them the network's. */
  readonly #table: readonly ParameterEntry[];
  /** How many are the automaton's. */
  readonly #own: number;
  readonly #optimizer: Optimizer;
  /** Factor on the learning rate of the settings, above 0. No part of the saved state. */
  learningRateScale = 1;
  #step = 0;
  #skipped = 0;
  #failures = 0;
  #learned: TrainState;
  /** What the last accepted step ran with, and ran well. */
  #good: TrainState;
  /** Arrays to use again: to make new ones for millions of numbers takes as long as to fill them. */
  #spare: TrainState | undefined;
  /** The same, good for one step. */
  readonly #gradient: Float32Array;
  #starts: readonly (Float32Array | State)[] = [];
  #latest: readonly State[] = [];
  readonly #exclusively = exclusively();

  constructor(options: BpttOptions<M>) {
    const { rule, parameters, task, settings } = options;
    this.#options = options;
    this.#own = parameters.length;
    this.#table = layoutTable([...parameterTable(rule), ...(task.network?.table ?? [])]);
    this.#optimizer = options.optimizer ?? createOptimizer(settings.optimizer);
    const { initial: network = new Float32Array(0) } = task.network ?? {};
    const initial = new Float32Array(parameters.length + network.length);
    initial.set(parameters);
    initial.set(network, this.#own);
    this.#gradient = new Float32Array(initial.length);
    this.#learned = initialTrainState(initial, this.#table, this.#optimizer, settings);
    this.#good = this.#learned;
  }

  get step(): number {
    return this.#step;
  }

  get finished(): boolean {
    return this.#step >= this.#options.settings.steps;
  }

  get skipped(): number {
    return this.#skipped;
  }

  /**
   * The model as trained so far: the parameters, or their running mean where the settings ask for it. While steps
   * are being skipped, those of the last good step. A copy.
   */
  get model(): Float32Array {
    return this.#shown.slice(0, this.#own);
  }

  /** The network's numbers, of which the same holds; empty where the task has none. */
  get network(): Float32Array {
    return this.#shown.slice(this.#own);
  }

  get #shown(): Float32Array {
    const { average, parameters } = this.#failures > 0 ? this.#good : this.#learned;
    return average ?? parameters;
  }

  /** The automaton's parameters being trained. A copy. */
  get parameters(): Float32Array {
    return this.#learned.parameters.slice(0, this.#own);
  }

  /**
   * What the latest batch started from, damaged where it was: a state, or an array of shape (...grid, C), not to be changed.
   * States are the trainer's, good until its next step.
   */
  get starts(): readonly (Float32Array | State)[] {
    return this.#starts;
  }

  /** Up to so many states that batches are drawn from, always the same places of a pool; none where all start anew. */
  remembered(count: number): readonly StoredState[] {
    return this.#options.task.remembered?.(count) ?? [];
  }

  /** States of the latest batch; the trainer's, good until its next step. */
  get latest(): readonly State[] {
    return this.#latest;
  }

  [Symbol.asyncIterator](): AsyncGenerator<BpttProgress & Partial<M>, void> {
    return this.run();
  }

  /** Trains until it is finished, an event a step. @throws DivergedError after ten skipped steps in a row; the signal's reason when aborted. */
  async *run(signal?: AbortSignal): AsyncGenerator<BpttProgress & Partial<M>, void> {
    while (!this.finished) {
      const event = await this.#exclusively(() => this.#trainStep(signal));
      yield event;
      if (this.#failures >= MAX_FAILURES) throw this.#diverged(event);
    }
  }

  save(): Promise<Snapshot> {
    return this.#exclusively(async () => {
      const current = saveTrainState(this.#learned);
      const good = saveTrainState(this.#good);
      const task = await this.#options.task.save();
      return {
        meta: {
          trainer: "bptt",
          step: this.#step,
          skipped: this.#skipped,
          failures: this.#failures,
          current: current.meta,
          good: good.meta,
          task: task.meta,
        },
        tensors: {
          ...prefixed("current", current.tensors),
          ...prefixed("good", good.tensors),
          ...prefixed("task", task.tensors),
        },
      };
    });
  }

  restore({ meta, tensors }: Snapshot): Promise<void> {
    return this.#exclusively(async () => {
      if (meta.trainer !== "bptt") throw new FormatError("this checkpoint is not one of a BPTT trainer");
      const part = (name: string): Snapshot => ({
        meta: objectOf(meta, name),
        tensors: withPrefix(name, tensors),
      });
      const learned = restoreTrainState(part("current"), this.#learned);
      const good = restoreTrainState(part("good"), this.#good);
      const [step, skipped, failures] = ["step", "skipped", "failures"].map((key) => wholeOf(meta, key));
      this.#options.task.restore(part("task"));
      [this.#step, this.#skipped, this.#failures] = [step, skipped, failures];
      [this.#learned, this.#good] = [learned, good];
      this.#show([], []);
    });
  }

  async #trainStep(signal: AbortSignal | undefined): Promise<BpttProgress & Partial<M>> {
    signal?.throwIfAborted();
    const { engine, rule, grid, task, settings, seed, clock = () => performance.now() } = this.#options;
    const began = clock();
    const step = this.#step;
    const learningRate = this.learningRateScale * learningRateAt(settings, step);
    const parameters = this.#learned.parameters.slice(0, this.#own);
    const network = this.#learned.parameters.subarray(this.#own);
    const batch = await task.batch(step, rampAt(settings.batch, step), network);
    const { conditioning } = batch;
    const steps = uniformInteger(...rangeAt(settings.rollout, step), seed, STREAM.rolloutLength, step, 0);
    const places = batch.states.map((_, sample) => lossSteps(settings.loss, steps, [seed, step, sample]));
    const ends = places.map((own) => Math.max(...own.map((place) => place.step)));
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters,
      states: batch.states,
      ...(conditioning && { inputs: conditioning.inputs }),
      steps: ends,
      seed: pcg4d(seed, STREAM.fire, step, 0),
      keep: (sample) => places[sample].map((place) => place.step).filter((place) => place < ends[sample]),
      record: true,
      ...(signal && { signal }),
    });
    let loss: Measured<M>;
    let measured: Partial<M> | undefined;
    let gradient: Float32Array | undefined;
    let length = NaN;
    let updated: TrainState | undefined;
    let living: number;
    let cellUpdates: number;
    const { final } = rollout;
    try {
      loss = await measure(engine, batch, rollout, places);
      if (loss.diverged.length === 0) {
        const gradients = await loss.backward({
          states: batch.pullbackStates !== undefined,
          ...(signal && { signal }),
        });
        const [own] = [gradients.parameters].flat();
        gradient = this.#whole(own);
        if (gradients.states) batch.pullbackStates?.(gradients.states, gradient.subarray(this.#own));
        if (gradients.inputs) await conditioning?.pullback?.(gradients.inputs, gradient.subarray(this.#own));
        length = norm(gradient);
        updated = Number.isFinite(length) ? this.#updated(gradient, length, learningRate) : undefined;
      }
      const stats = await Promise.all(final.map((state) => state.stats()));
      living = mean(stats.map(({ livingCells }) => livingCells));
      ({ cellUpdates } = await rollout.stats());
    } catch (error) {
      disposeStates(final);
      throw error;
    } finally {
      rollout.dispose();
    }
    // Before the task may dispose of what the batch started from.
    this.#show(batch.states.map(shareStart), final);
    if (updated) {
      measured = await batch.accept({ final, errors: loss.errors });
      if (this.#good !== this.#learned) this.#spare = this.#good;
      this.#good = this.#learned;
      this.#learned = updated;
      this.#failures = 0;
    } else {
      const everyone = batch.states.map((_, sample) => sample);
      await batch.reject(loss.diverged.length > 0 ? loss.diverged : everyone);
      this.#skipped++;
      this.#failures++;
    }
    this.#step++;
    const progress: BpttProgress = {
      step,
      loss: mean(loss.errors),
      objective: mean(loss.objectives) + (conditioning?.penalty ?? 0),
      learningRate,
      gradientNorm: length,
      livingCells: living,
      seconds: (clock() - began) / 1000,
      cellUpdates,
      ...(!updated && { skipped: true as const }),
    };
    return Object.assign({}, progress, loss.measures, measured);
  }

  /** Takes the place of what was shown before. */
  #show(starts: readonly (Float32Array | State)[], latest: readonly State[]): void {
    disposeStates([...this.#starts, ...this.#latest]);
    this.#starts = starts;
    this.#latest = latest;
  }

  /**
   * What one update makes of the parameters; undefined where a number is not finite, or where the automaton's gradient is
   * 0 throughout: then every cell died, and no later step could learn otherwise.
   */
  #updated(gradient: Float32Array, length: number, learningRate: number): TrainState | undefined {
    const { settings } = this.#options;
    if (gradient.subarray(0, this.#own).every((value) => value === 0)) return undefined;
    return updateTrainState(
      this.#learned,
      gradient,
      length,
      this.#table,
      this.#optimizer,
      learningRate,
      settings,
      this.#takeSpare(),
    );
  }

  /** The gradient of the automaton's numbers, and room for that of its network's. */
  #whole(own: Float32Array): Float32Array {
    if (this.#gradient.length === own.length) return own;
    this.#gradient.fill(0);
    this.#gradient.set(own);
    return this.#gradient;
  }

  #takeSpare(): TrainState | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #diverged({ step }: BpttProgress): DivergedError {
    const { settings } = this.#options;
    this.#learned = this.#good;
    this.#failures = 0;
    return new DivergedError(
      `training diverged: ${MAX_FAILURES} steps in a row up to step ${step} gave numbers that are not finite or far ` +
        `too large, or killed every cell; the last good parameters are kept. Try a learning rate below ${settings.learningRate}, more warm-up or shorter rollouts`,
    );
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
