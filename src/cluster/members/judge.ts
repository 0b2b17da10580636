/**
 * Has a population judged by an executor: a generation is cut into ranges of members, and what comes back is put in order.
 * Ranges that are late are asked for a second time, and whoever is first counts. Where asked to, some members are judged
 * by two workers, and this process says which of the two lies where they differ.
 */
import { parseConfig } from "../../config/config.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { evolutionConfigSchema } from "../../experiments/evolution/evolution.ts";
import type { Judging } from "../../experiments/experiment.ts";
import { fitSeeds } from "../../experiments/picture.ts";
import type { Judge } from "../../train/evolution/trainer.ts";
import { type Done, type Executor, JobFailure, WorkFailure } from "../executor.ts";
import { localExecutor } from "../local.ts";
import {
  type Centre,
  centreOf,
  type Members,
  membersKind,
  type MembersJudged,
  type Setting,
} from "./kind.ts";
import { type Range, rangesOf } from "./ranges.ts";

export type JudgeOptions = Readonly<{
  executor: Executor;
  /** Of the members, the part from 0 to 1 that is judged twice. Default 0. */
  verify?: number | undefined;
  /** Draws numbers from 0 to 1, which members are judged twice; no worker should know them. Default: cryptographic. */
  draw?: () => number;
  /** Is told, in a line, who lies. */
  say: (line: string) => void;
}>;

/** Seconds of work that a range is to be at least: messages take milliseconds of who asks, who is one for all. */
export const SHORTEST = 0.05;
/** A range is late once it takes so many times as long as expected; and where nobody else has anything to do. */
const LATE = 4;
const LATE_AND_LAST = 2;
/** Seconds that are not late. */
const IN_TIME = 0.5;
/** Times that a range is asked for, at most, at once. */
const COPIES = 3;
/** Ranges by which it is known how long a member takes. */
const REMEMBERED = 32;
/** Milliseconds between two looks at what is late. */
const LOOK = 100;
/** Times that one range may come back unusable. */
const MOST_FAULTS = 20;

/** What makes the judge of an evolution, for `Experiment.create`. */
export function judgingBy(options: JudgeOptions): Judging {
  return ({ engine, config, grid, target }) => {
    const parsed = parseConfig(evolutionConfigSchema, config);
    const fitted = fitSeeds(parsed, [{ grid, data: target }]);
    return new Judges({ config: fitted, grid, target }, engine, options).judge;
  };
}

/** When a range was asked for, and when somebody began with it. */
type Asked = { readonly at: number; begun: number | undefined };

type Generation = Readonly<{
  number: number;
  centre: Centre;
  signal: AbortSignal;
  losses: Float64Array;
  livingCells: Int32Array;
  /** Cell updates of each range that was accepted, by its first member. */
  cellUpdates: Map<number, number>;
  /** Who did each range. */
  by: Map<number, Readonly<{ range: Range; worker: string }>>;
}>;

class Judges {
  readonly #setting: Setting;
  readonly #options: JudgeOptions;
  /** Judges in this process: who is asked last. */
  readonly #referee: Executor;
  /** Seconds that a member took, of the latest ranges. */
  readonly #pace: number[] = [];
  readonly #liars = new Set<string>();
  /** So that no two checks are one job. */
  #checks = 1000;
  /** Ranges that somebody has to begin yet. */
  #unbegun = 0;

  constructor(setting: Setting, engine: Engine, options: JudgeOptions) {
    this.#setting = setting;
    this.#options = options;
    this.#referee = localExecutor([engine]);
  }

  readonly judge: Judge = async ({ search, generation, signal: asked }) => {
    const { population } = this.#setting.config.training;
    const stopped = new AbortController();
    const signal = asked ? AbortSignal.any([asked, stopped.signal]) : stopped.signal;
    const state: Generation = {
      number: generation,
      centre: centreOf(this.#setting, search),
      signal,
      losses: new Float64Array(population),
      livingCells: new Int32Array(population),
      cellUpdates: new Map(),
      by: new Map(),
    };
    const { slots } = this.#options.executor;
    const seconds = this.#secondsOf(1);
    const shortest = seconds === undefined ? 1 : Math.ceil(SHORTEST / seconds);
    try {
      let ranges = rangesOf(population, slots, shortest);
      // What a liar said before it was found out is asked for again.
      while (ranges.length > 0) {
        await Promise.all(ranges.map((range) => this.#range(state, range)));
        ranges = [...state.by.values()]
          .filter(({ worker }) => this.#liars.has(worker))
          .map(({ range }) => range);
      }
    } catch (error) {
      stopped.abort(error);
      throw error;
    }
    return {
      losses: state.losses,
      livingCells: state.livingCells.reduce(sum, 0),
      cellUpdates: [...state.cellUpdates.values()].reduce(sum, 0),
    };
  };

  async #range(state: Generation, range: Range): Promise<void> {
    for (let faults = 0; faults < MOST_FAULTS; faults++) {
      const { output, worker } = await this.#inTime(state, range);
      if (this.#liars.has(worker)) continue;
      if (output.losses.length !== range.count) {
        this.#accuse(worker, `judged ${output.losses.length} members where ${range.count} were asked for`);
        continue;
      }
      if (!(await this.#checked(state, range, output, worker))) continue;
      state.losses.set(output.losses, range.first);
      state.livingCells.set(output.livingCells, range.first);
      state.cellUpdates.set(range.first, output.cellUpdates);
      state.by.set(range.first, { range, worker });
      return;
    }
    throw new WorkFailure(
      `members ${range.first} to ${range.first + range.count - 1} could not be judged by anybody who can be trusted`,
    );
  }

  /** Asks for a range, and once more where it is late; judges it here where a worker cannot. */
  async #inTime(state: Generation, range: Range): Promise<Done<MembersJudged>> {
    const over = new AbortController();
    const signal = AbortSignal.any([state.signal, over.signal]);
    const asked: Asked[] = [];
    const timers: NodeJS.Timeout[] = [];
    try {
      return await new Promise((resolve, reject) => {
        const ask = () => {
          const one: Asked = { at: performance.now(), begun: undefined };
          asked.push(one);
          this.#unbegun++;
          this.#ask(state, range, signal, asked.length - 1, one).then(resolve, reject);
        };
        ask();
        const look = () => {
          const { begun } = asked[asked.length - 1];
          const expected = this.#secondsOf(range.count);
          if (begun === undefined || expected === undefined || asked.length >= COPIES) return;
          const patience = Math.max(IN_TIME, expected * (this.#unbegun > 0 ? LATE : LATE_AND_LAST));
          if (performance.now() - begun > patience * 1000) ask();
        };
        timers.push(setInterval(look, LOOK));
      });
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      this.#options.say(`${error.message}; that is judged here.`);
      return await this.#referee.submit(membersKind, this.#members(state, range), { signal: state.signal });
    } finally {
      timers.forEach(clearInterval);
      over.abort(new UserError("somebody else was first"));
    }
  }

  async #ask(state: Generation, range: Range, signal: AbortSignal, copy: number, one: Asked) {
    const begins = () => {
      if (one.begun === undefined) this.#unbegun--;
      one.begun = performance.now();
    };
    try {
      const done = await this.#options.executor.submit(membersKind, this.#members(state, range), {
        signal,
        onStart: begins,
        copy,
        not: [...this.#liars],
      });
      this.#pace.push((performance.now() - (one.begun ?? one.at)) / 1000 / range.count);
      if (this.#pace.length > REMEMBERED) this.#pace.shift();
      return done;
    } finally {
      begins();
    }
  }

  /** Has some of what a worker judged judged by another one. @returns whether what it said can be used. */
  async #checked(state: Generation, range: Range, output: MembersJudged, worker: string): Promise<boolean> {
    const { verify = 0, draw = drawn } = this.#options;
    const chosen = Array.from({ length: range.count }, (_, i) => i).filter(() => draw() < verify);
    const outcomes = await Promise.all(
      chosen.map(async (i) => {
        const only = { first: range.first + i, count: 1 };
        const said = { loss: output.losses[i], living: output.livingCells[i] };
        const other = await this.#secondOpinion(state, only, worker);
        if (isSame(said, other)) return true;
        const right = other.worker === undefined ? other : await this.#refereed(state, only);
        const where = `member ${only.first} of generation ${state.number}`;
        const isLiar = !isSame(said, right);
        if (isLiar) this.#accuse(worker, `says of ${where} ${inWords(said)}, and it is ${inWords(right)}`);
        if (other.worker !== undefined && !isSame(other, right)) {
          this.#accuse(other.worker, `says of ${where} ${inWords(other)}, and it is ${inWords(right)}`);
        }
        return !isLiar;
      }),
    );
    return outcomes.every(Boolean);
  }

  /** What somebody else says of a member; this process where there is nobody, or nobody in time. */
  async #secondOpinion(state: Generation, only: Range, worker: string): Promise<Said> {
    const { executor } = this.#options;
    if (executor.slots - this.#liars.size < 2) return this.#refereed(state, only);
    const over = new AbortController();
    const patience = Math.max(
      2 * IN_TIME,
      LATE * (this.#secondsOf(this.#setting.config.training.population) ?? 1),
    );
    const timer = setTimeout(() => over.abort(), patience * 1000);
    try {
      const done = await executor.submit(membersKind, this.#members(state, only), {
        signal: AbortSignal.any([state.signal, over.signal]),
        copy: this.#checks++,
        not: [...this.#liars, worker],
      });
      const { losses, livingCells } = done.output;
      return { loss: losses[0], living: livingCells[0], worker: done.worker };
    } catch (error) {
      if (!over.signal.aborted || state.signal.aborted) throw error;
      return this.#refereed(state, only);
    } finally {
      clearTimeout(timer);
    }
  }

  async #refereed(state: Generation, only: Range): Promise<Said> {
    const { output } = await this.#referee.submit(membersKind, this.#members(state, only), {
      signal: state.signal,
    });
    return { loss: output.losses[0], living: output.livingCells[0] };
  }

  #accuse(worker: string, sentence: string): void {
    if (this.#liars.has(worker)) return;
    this.#liars.add(worker);
    this.#options.say(
      `${worker} ${sentence}; what it judged in this generation, and whatever it sends, is left out and asked for again.`,
    );
  }

  #members({ number, centre }: Generation, range: Range): Members {
    return { setting: this.#setting, centre, generation: number, ...range };
  }

  /** What so many members take a worker, about: by the median. Undefined before anybody was done. */
  #secondsOf(members: number): number | undefined {
    const sorted = this.#pace.toSorted((a, b) => a - b);
    return sorted.length === 0 ? undefined : members * sorted[sorted.length >> 1];
  }
}

/** What a worker says of a member; without a worker where it was this process. */
type Said = Readonly<{ loss: number; living: number; worker?: string }>;

function isSame(a: Said, b: Said): boolean {
  return Object.is(a.loss, b.loss) && a.living === b.living;
}

function inWords({ loss, living }: Said): string {
  return `loss ${loss} with ${living} living cells`;
}

function sum(total: number, value: number): number {
  return total + value;
}

function drawn(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
}
