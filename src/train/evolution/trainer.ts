import type { State } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { FormatError } from "../../errors.ts";
import { learningRateAt, type Schedule } from "../optim/schedule.ts";
import { prefixed, wholeOf, withPrefix } from "../bptt/trainState.ts";
import type { Snapshot } from "../snapshot.ts";
import { DivergedError, exclusively, type Progress, type Trainer } from "../trainer.ts";
import type { PopulationLoss, Objective } from "./objective.ts";
import { restoreSearch, saveSearch, type SearchState, type Strategy } from "./strategy.ts";

/** What one generation did; `loss` is the median of the members that did not fail, as one that explodes makes the mean. */
export type EvolutionProgress = Progress &
  Readonly<{
    /** Lowest loss of a member; like the others NaN where all failed. */
    best: number;
    /** Mean loss of the members that did not fail. */
    mean: number;
    /** Members whose loss was not finite. */
    failed: number;
  }>;

/** What `EvolutionTrainer` searches, by which strategy, and how far. */
export type EvolutionOptions = Readonly<{
  strategy: Strategy;
  /** To start from: flat, as `parameterTable` says. */
  parameters: Float32Array;
  /** Members of a generation. */
  population: number;
  /** Rollouts that the objective makes of each. Default 1. */
  samples?: number;
  objective: Objective;
  /** Who judges the members in place of `objective`; there are no states to be shown then. */
  judge?: Judge | undefined;
  settings: Readonly<{ generations: number; learningRate: number; schedule: Schedule; warmup: number }>;
  /** Milliseconds, for `Progress.seconds` only. Default `performance.now`. */
  clock?: () => number;
}>;

/** Rollouts at once, so that a population of any size needs the same memory; and how many such groups are under way. */
const GROUP = 128;
const GROUPS_AT_ONCE = 2;
/** States kept of each generation, those of the best members. */
const SHOWN = 8;
/** Generations without a single finite member after which training stops. */
const MAX_FAILURES = 10;

/** What a generation came to. */
export type Judged = Readonly<{
  /** Of each member, in their order. */
  losses: ArrayLike<number>;
  /** Living cells at the end of each member's first sample, summed over the members. */
  livingCells: number;
  cellUpdates: number;
}>;

/**
 * Judges all members of a generation, wherever that is done: `strategy.ask(search, generation, member)` makes each, and
 * `objective` says its loss.
 */
export type Judge = (
  request: Readonly<{ search: SearchState; generation: number; signal?: AbortSignal | undefined }>,
) => Promise<Judged>;

type Shown = Readonly<{ loss: number; state: State }>;

/** Trains one parameter set by an evolution strategy: the model is the centre of its search. */
export class EvolutionTrainer implements Trainer<EvolutionProgress> {
  readonly #options: EvolutionOptions;
  readonly #exclusively = exclusively();
  #step = 0;
  #skipped = 0;
  #failures = 0;
  #search: SearchState;
  #latest: readonly State[] = [];

  constructor(options: EvolutionOptions) {
    this.#options = options;
    this.#search = options.strategy.init(options.parameters);
  }

  /** Generations made. */
  get step(): number {
    return this.#step;
  }

  get finished(): boolean {
    return this.#step >= this.#options.settings.generations;
  }

  get skipped(): number {
    return this.#skipped;
  }

  get model(): Float32Array {
    return this.#search.mean.slice();
  }

  /** States of the best members, the best first; the trainer's, good until its next generation. */
  get latest(): readonly State[] {
    return this.#latest;
  }

  [Symbol.asyncIterator](): AsyncGenerator<EvolutionProgress, void> {
    return this.run();
  }

  /** Searches until it is finished, an event a generation. @throws DivergedError after ten generations in a row in which every member failed; the signal's reason when aborted. */
  async *run(signal?: AbortSignal): AsyncGenerator<EvolutionProgress, void> {
    while (!this.finished) {
      const progress = await this.#exclusively(() => this.#generation(signal));
      yield progress;
      if (this.#failures >= MAX_FAILURES) {
        this.#failures = 0;
        throw new DivergedError(
          `evolution failed: in ${MAX_FAILURES} generations in a row up to ${progress.step}, no member had a finite loss, or the search left the numbers; the parameters before them are kept. Try a smaller sigma or learning rate, or a shorter rollout`,
        );
      }
    }
  }

  save(): Promise<Snapshot> {
    return this.#exclusively(async () => {
      const search = saveSearch(this.#search);
      return {
        meta: {
          trainer: "evolution",
          step: this.#step,
          skipped: this.#skipped,
          failures: this.#failures,
          count: search.meta.count,
        },
        tensors: prefixed("search", search.tensors),
      };
    });
  }

  restore({ meta, tensors }: Snapshot): Promise<void> {
    return this.#exclusively(async () => {
      if (meta.trainer !== "evolution") throw new FormatError("this checkpoint is not one of evolution");
      const [step, skipped, failures] = ["step", "skipped", "failures"].map((key) => wholeOf(meta, key));
      const snapshot = { meta: { count: meta.count }, tensors: withPrefix("search", tensors) };
      this.#search = restoreSearch(snapshot, this.#search);
      [this.#step, this.#skipped, this.#failures] = [step, skipped, failures];
      this.#show([]);
    });
  }

  async #generation(signal: AbortSignal | undefined): Promise<EvolutionProgress> {
    signal?.throwIfAborted();
    const { strategy, settings, population, clock = () => performance.now() } = this.#options;
    const began = clock();
    const step = this.#step;
    const learningRate = learningRateAt({ ...settings, steps: settings.generations }, step);
    const { losses, livingCells, cellUpdates, shown } = await this.#judged(signal);
    const finite = losses.filter(Number.isFinite).toSorted();
    const updated = finite.length > 0 ? strategy.tell(this.#search, step, losses, learningRate) : undefined;
    const skipped = !updated || !isFinite(updated);
    if (skipped) {
      this.#skipped++;
      this.#failures++;
    } else {
      this.#search = updated;
      this.#failures = 0;
    }
    this.#step++;
    this.#show(shown.map(({ state }) => state));
    return {
      step,
      loss: finite.length > 0 ? (finite[(finite.length - 1) >> 1] + finite[finite.length >> 1]) / 2 : NaN,
      best: finite.length > 0 ? finite[0] : NaN,
      mean: finite.reduce((sum, loss) => sum + loss, 0) / finite.length,
      failed: population - finite.length,
      learningRate,
      livingCells: livingCells / population,
      seconds: (clock() - began) / 1000,
      cellUpdates,
      ...(skipped && { skipped: true as const }),
    };
  }

  async #judged(
    signal: AbortSignal | undefined,
  ): Promise<Omit<Judged, "losses"> & Readonly<{ losses: Float64Array; shown: readonly Shown[] }>> {
    const { population, judge } = this.#options;
    if (judge) {
      const judged = await judge({ search: this.#search, generation: this.#step, signal });
      return { ...judged, losses: Float64Array.from(judged.losses), shown: [] };
    }
    const losses = new Float64Array(population);
    let shown: Shown[] = [];
    let livingCells = 0;
    let cellUpdates = 0;
    await this.#evaluate(signal, (first, evaluated, living) => {
      losses.set(evaluated.losses, first);
      const members = [
        ...shown,
        ...evaluated.final.map((state, i) => ({ loss: evaluated.losses[i], state })),
      ];
      shown = best(members);
      disposeStates(members.filter((member) => !shown.includes(member)).map(({ state }) => state));
      cellUpdates += evaluated.cellUpdates;
      livingCells += living;
    });
    return { losses, livingCells, cellUpdates, shown };
  }

  /** Takes the place of what was shown before. */
  #show(latest: readonly State[]): void {
    disposeStates(this.#latest);
    this.#latest = latest;
  }

  /** Judges a generation by groups; while one runs, the next is made, so that no thread waits. */
  async #evaluate(
    signal: AbortSignal | undefined,
    collect: (first: number, judgement: PopulationLoss, living: number) => void,
  ): Promise<void> {
    const { strategy, population, samples = 1, objective } = this.#options;
    const group = Math.max(1, Math.floor(GROUP / samples));
    const generation = this.#step;
    const stopped = new AbortController();
    const either = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
    const waiting: [first: number, judgement: PopulationLoss, living: number][] = [];
    let next = 0;
    let collected = 0;
    const work = async () => {
      while (next < population) {
        const first = next;
        next = Math.min(population, first + group);
        const parameters = Array.from({ length: next - first }, (_, i) =>
          strategy.ask(this.#search, generation, first + i),
        );
        const evaluated = await objective({
          generation,
          centre: this.#search.mean,
          parameters,
          signal: either,
        });
        const stats = await Promise.all(evaluated.final.map((state) => state.stats()));
        const living = stats.reduce((sum, { livingCells }) => sum + livingCells, 0);
        waiting.push([first, evaluated, living]);
        // In order, so that sums have the same bits whoever is done first.
        for (;;) {
          const at = waiting.findIndex(([own]) => own === collected);
          if (at < 0) break;
          const [[own, judgement, cells]] = waiting.splice(at, 1);
          collect(own, judgement, cells);
          collected += judgement.losses.length;
        }
      }
    };
    const outcomes = await Promise.allSettled(
      Array.from({ length: GROUPS_AT_ONCE }, () =>
        work().catch((error: unknown) => {
          stopped.abort(error);
          throw error;
        }),
      ),
    );
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (!failed) return;
    disposeStates(waiting.flatMap(([, { final }]) => final));
    throw failed.reason;
  }
}

function isFinite({ mean, tensors }: SearchState): boolean {
  return [mean, ...Object.values(tensors)].every((tensor) => tensor.every(Number.isFinite));
}

/** Those of lowest loss, the lowest first; equals keep their order. */
function best(members: readonly Shown[]): Shown[] {
  const key = ({ loss }: Shown) => (Number.isFinite(loss) ? loss : Infinity);
  return members.toSorted((a, b) => (key(a) === key(b) ? 0 : key(a) - key(b))).slice(0, SHOWN);
}
