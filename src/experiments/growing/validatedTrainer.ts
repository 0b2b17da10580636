/** Training that ends when it is good: validated along the way, and taken back to its best model where it loses it. */
import type { State } from "../../engine.ts";
import { FormatError } from "../../errors.ts";
import { describeFault } from "../../config/schema.ts";
import type { BpttProgress, BpttTrainer } from "../../train/bptt/bptt.ts";
import { objectOf, prefixed, withPrefix } from "../../train/bptt/trainState.ts";
import type { Snapshot } from "../../train/snapshot.ts";
import type { StoredState } from "../../train/memory/storedStates.ts";
import { DivergedError, exclusively, type Trainer } from "../../train/trainer.ts";
import {
  type Course,
  afterReturn,
  courseAfter,
  courseSchema,
  hasArrived,
  hasEnough,
  initialCourse,
  isSteady,
  learningRateScale,
  MAX_RETURNS,
  type ReturnReason,
} from "./course.ts";
import { isWithin, largestError, type Validation, type ValidationSettings, worseOf } from "./validation.ts";

/** What a training step did, and what is known of the model before it. */
export type ValidatedProgress = BpttProgress &
  Readonly<{
    /** Largest relative error of the latest validation; absent before the first. */
    validated?: number;
    /** Why training went back to its best model before this step. */
    returned?: ReturnReason;
  }>;

/** How closely a model is looked at: as ever; in more runs, where it was found good; and, if it still is, for longer. */
export type Look = "first" | "closer" | "longer";

/** A model to be validated. */
export type ValidationCall = Readonly<{
  parameters: Float32Array;
  /** Training steps that made it: what its fire masks are drawn by. */
  step: number;
  look: Look;
  signal: AbortSignal | undefined;
}>;

export type ValidatedTrainerOptions = Readonly<{
  trainer: BpttTrainer;
  settings: ValidationSettings;
  validate: (request: ValidationCall) => Promise<Validation>;
}>;

/** The best model, and all of training as it stood then. */
type Best = Readonly<{ model: Float32Array; snapshot: Snapshot }>;

/**
 * Trains by gradients and validates the model every so many steps: grown from the seed, in several runs. Training ends
 * when a validation, a closer and a longer one meet its aim and do not drift, when it has taken long enough and the best
 * model is good, or when all steps are made; the model is the best that was validated. Where validations stay far worse than
 * the best, do not get better, or numbers explode, training goes back to its best model and on from there, with new random
 * draws and half the learning rate.
 */
export class ValidatedTrainer implements Trainer<ValidatedProgress> {
  readonly #options: ValidatedTrainerOptions;
  readonly #trainer: BpttTrainer;
  #course: Course = initialCourse;
  /** Before the first validation, how training began. */
  #best: Best | undefined;
  #returned: ReturnReason | undefined;
  readonly #exclusively = exclusively();

  constructor(options: ValidatedTrainerOptions) {
    this.#options = options;
    this.#trainer = options.trainer;
  }

  get step(): number {
    return this.#trainer.step;
  }

  get skipped(): number {
    return this.#trainer.skipped;
  }

  get finished(): boolean {
    const { settings } = this.#options;
    if (this.#isDue) return false;
    return this.#trainer.finished || hasArrived(this.#course, settings) || hasEnough(this.#course, settings);
  }

  /** The best model that was validated; before the first validation, the latest. A copy. */
  get model(): Float32Array {
    return this.#course.best && this.#best ? this.#best.model.slice() : this.#trainer.model;
  }

  /** The model that the latest training step made, however good. A copy. */
  get current(): Float32Array {
    return this.#trainer.model;
  }

  /** What was validated so far. @internal */
  get course(): Course {
    return this.#course;
  }

  get starts(): readonly (Float32Array | State)[] {
    return this.#trainer.starts;
  }

  get latest(): readonly State[] {
    return this.#trainer.latest;
  }

  remembered(count: number): readonly StoredState[] {
    return this.#trainer.remembered(count);
  }

  [Symbol.asyncIterator](): AsyncGenerator<ValidatedProgress, void> {
    return this.run();
  }

  /** Trains until it is finished, an event a step. @throws DivergedError where going back no longer helps; the signal's reason when aborted, also in a validation. */
  async *run(signal?: AbortSignal): AsyncGenerator<ValidatedProgress, void> {
    this.#best ??= await this.#exclusively(() => this.#snapshot());
    let steps = this.#trainer.run(signal);
    while (!this.finished) {
      if (this.#isDue) {
        await this.#exclusively(() => this.#validate(signal));
        continue;
      }
      const event = await this.#next(steps);
      if (!event) {
        steps = this.#trainer.run(signal);
        continue;
      }
      const { latest } = this.#course;
      const returned = this.#returned;
      this.#returned = undefined;
      yield {
        ...event,
        ...(latest && { validated: largestError(latest.validation) }),
        ...(returned && { returned }),
      };
    }
  }

  save(): Promise<Snapshot> {
    return this.#exclusively(async () => {
      const best = this.#best ?? (await this.#snapshot());
      const inner = await this.#trainer.save();
      return {
        meta: {
          trainer: "validated",
          course: { ...this.#course },
          inner: inner.meta,
          best: best.snapshot.meta,
        },
        tensors: {
          ...prefixed("inner", inner.tensors),
          ...prefixed("best", best.snapshot.tensors),
          model: { shape: [best.model.length], data: best.model },
        },
      };
    });
  }

  restore({ meta, tensors }: Snapshot): Promise<void> {
    return this.#exclusively(async () => {
      if (meta.trainer !== "validated") {
        throw new FormatError("this checkpoint is not one of training that is validated");
      }
      const course = courseSchema.safeParse(meta.course);
      if (!course.success) throw new FormatError(describeFault(course.error, meta.course, "course"));
      const part = (name: string) => ({ meta: objectOf(meta, name), tensors: withPrefix(name, tensors) });
      const model = tensors.model?.data;
      if (!(model instanceof Float32Array) || model.length !== this.#trainer.model.length) {
        throw new FormatError("this checkpoint has no best model that fits the rule");
      }
      // The best is what may be gone back to, so it has to fit, too.
      await this.#trainer.restore(part("best"));
      await this.#trainer.restore(part("inner"));
      this.#best = { model, snapshot: part("best") };
      this.#setCourse(course.data);
      this.#returned = undefined;
    });
  }

  /** Whether the model of the latest step is to be validated before training goes on. */
  get #isDue(): boolean {
    const { step, finished } = this.#trainer;
    if (step === 0 || step === this.#course.latest?.step) return false;
    const { every, enough } = this.#options.settings;
    return finished || step === enough || step % every === 0;
  }

  async #validate(signal: AbortSignal | undefined): Promise<void> {
    const { settings, validate } = this.#options;
    const { step } = this.#trainer;
    const model = { parameters: this.#trainer.model, step, signal };
    let validation = await validate({ ...model, look: "first" });
    if (isWithin(validation, settings.aim)) {
      validation = worseOf(validation, await validate({ ...model, look: "closer" }));
    }
    if (settings.last > 0 && isSteady(validation, settings)) {
      validation = worseOf(validation, await validate({ ...model, look: "longer" }));
    }
    const { course, best, back } = courseAfter(this.#course, { step, validation }, settings);
    if (best) this.#best = await this.#snapshot();
    if (back) await this.#goBack(course, back);
    else this.#setCourse(course);
  }

  /** The next training step; undefined where numbers exploded, and training went back to its best model. */
  async #next(steps: AsyncGenerator<BpttProgress, void>): Promise<BpttProgress | undefined> {
    try {
      return (await steps.next()).value ?? undefined;
    } catch (error) {
      if (!(error instanceof DivergedError) || this.#course.returns >= MAX_RETURNS) throw error;
      await this.#exclusively(() => this.#goBack(afterReturn(this.#course), "diverged"));
      return undefined;
    }
  }

  /** To the best model, its pool and its optimiser; steps go on counting, and so do the draws. */
  async #goBack(course: Course, reason: ReturnReason): Promise<void> {
    const { step, skipped } = this.#trainer;
    const { meta, tensors } = this.#best!.snapshot;
    await this.#trainer.restore({ meta: { ...meta, step, skipped }, tensors });
    this.#setCourse(course);
    this.#returned = reason;
  }

  #setCourse(course: Course): void {
    this.#course = course;
    this.#trainer.learningRateScale = learningRateScale(course);
  }

  async #snapshot(): Promise<Best> {
    return { model: this.#trainer.model, snapshot: await this.#trainer.save() };
  }
}
