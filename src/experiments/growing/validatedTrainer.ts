/** Training that ends when it is good: validated along the way, and taken back to its best model where it loses it. */
import type { State } from "../../engine.ts";
import { FormatError } from "../../errors.ts";
import * as z from "zod/mini";
import { describeFault } from "../../config/schema.ts";
import type { GivenCoordinates } from "../../model/start.ts";
import type { BpttProgress, BpttTrainer } from "../../train/bptt/bptt.ts";
import { objectOf, prefixed, withPrefix } from "../../train/bptt/trainState.ts";
import type { Json, Snapshot } from "../../train/snapshot.ts";
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
  isSurelyGood,
  MAX_RETURNS,
  needsCoordinates,
  type ReturnReason,
  type Validated,
} from "./course.ts";
import { isBetter, largestError, type Validation, type ValidationSettings, worseOf } from "./validation.ts";

/** What a training step did, and what is known of the model before it. */
export type ValidatedProgress = BpttProgress &
  Readonly<{
    /** Largest relative error of the latest validation; absent before the first. */
    validated?: number;
    /** Why training went back to its best model before this step. */
    returned?: ReturnReason;
    /** Present where training began anew before this step, with coordinates that cells are given. */
    begunAnew?: true;
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

/** What trains, how its models are validated, and the coordinates that its cells are given. */
export type Attempt = Readonly<{
  trainer: BpttTrainer;
  settings: ValidationSettings;
  validate: (request: ValidationCall) => Promise<Validation>;
  coordinates: GivenCoordinates | undefined;
}>;

export type ValidatedTrainerOptions = Readonly<{
  first: Attempt;
  /** What follows where that needs coordinates (`giveCoordinatesFrom`). @param made training steps until then. */
  second?: ((made: number) => Attempt) | undefined;
}>;

/** The best model, and all of training as it stood then. */
type Best = Readonly<{ model: Float32Array; snapshot: Snapshot }>;

const earlierSchema = z.object({
  step: z.int().check(z.minimum(0)),
  skipped: z.int().check(z.minimum(0)),
  course: courseSchema,
});
/** What came of the first attempt. */
type Earlier = Readonly<z.infer<typeof earlierSchema> & { model: Float32Array }>;

/**
 * Trains by gradients and validates the model every so many steps: grown from the seed, in several runs. Training ends
 * when a validation, a closer and a longer one meet its aim and do not drift, when it has taken long enough and the best
 * model is good, or when all steps are made; the model is the best that was validated. Where validations stay far worse than
 * the best, do not get better, or numbers explode, training goes back to its best model and on from there, with new random
 * draws and half the learning rate. Where the best model is not good when it is late (`giveCoordinatesFrom`), a second attempt
 * follows, if there is one.
 */
export class ValidatedTrainer implements Trainer<ValidatedProgress> {
  readonly #options: ValidatedTrainerOptions;
  #attempt: Attempt;
  /** Present in the second attempt. */
  #earlier: Earlier | undefined;
  #course: Course = initialCourse;
  /** Before the first validation, how training began. */
  #best: Best | undefined;
  /** What the next event is to say. */
  #news: Pick<ValidatedProgress, "returned" | "begunAnew"> = {};
  readonly #exclusively = exclusively();

  constructor(options: ValidatedTrainerOptions) {
    this.#options = options;
    this.#attempt = options.first;
  }

  get #trainer(): BpttTrainer {
    return this.#attempt.trainer;
  }

  get step(): number {
    return (this.#earlier?.step ?? 0) + this.#trainer.step;
  }

  get skipped(): number {
    return (this.#earlier?.skipped ?? 0) + this.#trainer.skipped;
  }

  get finished(): boolean {
    const { settings } = this.#attempt;
    if (this.#isDue) return false;
    return this.#trainer.finished || hasArrived(this.#course, settings) || hasEnough(this.#course, settings);
  }

  /** The best model that was validated; before the first validation, the latest. A copy. */
  get model(): Float32Array {
    if (this.#isEarlierBetter) return this.#earlier!.model.slice();
    return this.#course.best && this.#best ? this.#best.model.slice() : this.#trainer.model;
  }

  /** What was found of {@link model}; null before the first validation. @internal */
  get best(): Validated | null {
    return (this.#isEarlierBetter ? this.#earlier! : { course: this.#course }).course.best;
  }

  /** The coordinates that cells of {@link model} are given. */
  get coordinates(): GivenCoordinates | undefined {
    return (this.#isEarlierBetter ? this.#options.first : this.#attempt).coordinates;
  }

  /** The coordinates that cells of {@link current} are given. */
  get currentCoordinates(): GivenCoordinates | undefined {
    return this.#attempt.coordinates;
  }

  /** Times that training went back to its best model. */
  get returns(): number {
    return (this.#earlier?.course.returns ?? 0) + this.#course.returns;
  }

  /** The model that the latest training step made, however good. A copy. */
  get current(): Float32Array {
    return this.#trainer.model;
  }

  /** What was validated so far; in a second attempt, since it began. @internal */
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
    let trainer = this.#trainer;
    let steps = trainer.run(signal);
    while (!this.finished) {
      if (this.#isDue) {
        await this.#exclusively(() => this.#validate(signal));
        continue;
      }
      if (trainer !== this.#trainer) {
        trainer = this.#trainer;
        steps = trainer.run(signal);
      }
      const event = await this.#next(steps);
      if (!event) {
        steps = trainer.run(signal);
        continue;
      }
      const { latest } = this.#course;
      const news = this.#news;
      this.#news = {};
      yield {
        ...event,
        step: this.step - 1,
        ...(latest && { validated: largestError(latest.validation) }),
        ...news,
      };
    }
  }

  save(): Promise<Snapshot> {
    return this.#exclusively(async () => {
      const best = this.#best ?? (await this.#snapshot());
      const inner = await this.#trainer.save();
      const { model: earlierModel, ...earlier } = this.#earlier ?? {};
      return {
        meta: {
          trainer: "validated",
          course: { ...this.#course },
          inner: inner.meta,
          best: best.snapshot.meta,
          ...(earlierModel && { earlier }),
        },
        tensors: {
          ...prefixed("inner", inner.tensors),
          ...prefixed("best", best.snapshot.tensors),
          model: { shape: [best.model.length], data: best.model },
          ...(earlierModel && { earlier: { shape: [earlierModel.length], data: earlierModel } }),
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
      const modelNamed = (name: string) => {
        const model = tensors[name]?.data;
        if (!(model instanceof Float32Array) || model.length !== this.#trainer.model.length) {
          throw new FormatError("this checkpoint has no best model that fits the rule");
        }
        return model;
      };
      const model = modelNamed("model");
      const earlier = meta.earlier === undefined ? undefined : earlierIn(meta.earlier, modelNamed("earlier"));
      const attempt = earlier ? this.#options.second?.(earlier.step) : this.#options.first;
      if (!attempt) throw new FormatError("in this checkpoint, cells are given their coordinates");
      // The best is what may be gone back to, so it has to fit, too.
      await attempt.trainer.restore(part("best"));
      await attempt.trainer.restore(part("inner"));
      this.#attempt = attempt;
      this.#earlier = earlier;
      this.#best = { model, snapshot: part("best") };
      this.#setCourse(course.data);
      this.#news = {};
    });
  }

  /** Whether the model of the latest step is to be validated before training goes on. */
  get #isDue(): boolean {
    const { step, finished } = this.#trainer;
    if (step === 0 || this.step === this.#course.latest?.step) return false;
    const { every, enough, giveCoordinatesFrom } = this.#attempt.settings;
    return finished || step === enough || step === giveCoordinatesFrom || step % every === 0;
  }

  get #isEarlierBetter(): boolean {
    const { best: earlier = null } = this.#earlier?.course ?? {};
    const { best } = this.#course;
    return earlier !== null && (!best || isBetter(earlier.validation, best.validation));
  }

  async #validate(signal: AbortSignal | undefined): Promise<void> {
    const { settings, validate } = this.#attempt;
    const { step } = this;
    const model = { parameters: this.#trainer.model, step, signal };
    let validation = await validate({ ...model, look: "first" });
    if (isSteady(validation, settings)) {
      validation = worseOf(validation, await validate({ ...model, look: "closer" }));
    }
    if (settings.last > 0 && isSteady(validation, settings)) {
      validation = worseOf(validation, await validate({ ...model, look: "longer" }));
    }
    const before = this.#course.best;
    const { course, best, back } = courseAfter(this.#course, { step, validation }, settings);
    let kept = best ? await this.#snapshot() : this.#best!;
    let judged = await this.#judged(course, kept.model, signal);
    const hasEnded = hasArrived(judged, settings);
    if (best && before && !hasEnded && isBetter(before.validation, judged.best!.validation)) {
      // It seemed the best only until it was looked at closely.
      kept = this.#best!;
      judged = await this.#judged({ ...judged, best: before }, kept.model, signal);
    }
    this.#best = kept;
    const mayBeginAnew = this.#options.second && !this.#earlier && !this.#trainer.finished;
    if (mayBeginAnew && needsCoordinates(judged, settings)) {
      await this.#beginAnew(back ? { ...judged, returns: judged.returns - 1 } : judged);
    } else if (back) await this.#goBack(judged, back);
    else this.#setCourse(judged);
  }

  /** What seems good enough is looked at as closely, and for as long, as what has arrived. */
  async #judged(course: Course, parameters: Float32Array, signal: AbortSignal | undefined): Promise<Course> {
    const { settings, validate } = this.#attempt;
    const { enough, giveCoordinatesFrom, last } = settings;
    const { best } = course;
    const isLate = this.step >= Math.min(enough ?? Infinity, giveCoordinatesFrom ?? Infinity);
    if (!isLate || last === 0 || !best || !isSurelyGood(best.validation, settings)) return course;
    if (best.validation.errors.some(({ step }) => step === last)) return course;
    let { validation } = best;
    for (const look of ["closer", "longer"] as const) {
      if (!isSurelyGood(validation, settings)) break;
      validation = worseOf(validation, await validate({ parameters, step: best.step, look, signal }));
    }
    return { ...course, best: { ...best, validation } };
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

  async #beginAnew(course: Course): Promise<void> {
    this.#course = course;
    const { step, skipped, model } = this;
    this.#earlier = { step, skipped, course, model };
    this.#attempt = this.#options.second!(step);
    this.#best = await this.#snapshot();
    this.#setCourse(initialCourse);
    this.#news = { begunAnew: true };
  }

  /** To the best model, its pool and its optimiser; steps go on counting, and so do the draws. */
  async #goBack(course: Course, reason: ReturnReason): Promise<void> {
    const { step, skipped } = this.#trainer;
    const { meta, tensors } = this.#best!.snapshot;
    await this.#trainer.restore({ meta: { ...meta, step, skipped }, tensors });
    this.#setCourse(course);
    this.#news = { returned: reason };
  }

  #setCourse(course: Course): void {
    this.#course = course;
    this.#trainer.learningRateScale = learningRateScale(course);
  }

  async #snapshot(): Promise<Best> {
    return { model: this.#trainer.model, snapshot: await this.#trainer.save() };
  }
}

function earlierIn(meta: Json, model: Float32Array): Earlier {
  const parsed = earlierSchema.safeParse(meta);
  if (!parsed.success) throw new FormatError(describeFault(parsed.error, meta, "earlier"));
  return { ...parsed.data, model };
}
