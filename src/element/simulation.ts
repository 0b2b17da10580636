import type { Engine, State } from "../engine.ts";
import type { Model } from "../io/model.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { plantSeed, seedState } from "../rule/seed.ts";
import { type Place, eraseStroke } from "./brush.ts";
import { Pacer } from "./pacer.ts";

/** Without a frame for so many milliseconds nobody is looking, and no work is done. */
const UNSEEN = 100;

export type SimulationOptions = Readonly<{
  engine: Engine;
  model: Model;
  /** Told of a rollout that failed; play has stopped then. */
  onError: (error: unknown) => void;
  /** Milliseconds. Default `performance.now`. */
  clock?: () => number;
}>;

/**
 * One automaton at play. Whoever shows it calls `frame` once a frame; the work is done between frames, one rollout at
 * a time, and edits wait for the rollout in flight.
 */
export class Simulation {
  /** May be exchanged at any time for one that the same parameters fit: another angle, another fire rate. */
  rule: Rule;
  readonly grid: Grid;
  playing = false;
  readonly #engine: Engine;
  readonly #parameters: Float32Array;
  readonly #inputs: Float32Array[];
  readonly #onError: (error: unknown) => void;
  readonly #clock: () => number;
  readonly #pacer = new Pacer();
  #state: Float32Array | State;
  #steps = 0;
  #revision = 0;
  /** Counts resets. It seeds the fire masks, so that each growth takes a course of its own. */
  #run = 0;
  #edits: ((state: Float32Array) => void)[] = [];
  #stepsAsked = 0;
  #lastFrame = -Infinity;
  #work: Promise<void> | undefined;

  constructor({ engine, model, onError, clock = () => performance.now() }: SimulationOptions) {
    this.rule = model.rule;
    this.grid = model.provenance.grid;
    this.#engine = engine;
    this.#parameters = model.parameters;
    this.#inputs = model.rule.inputSize > 0 ? [new Float32Array(model.rule.inputSize)] : [];
    this.#onError = onError;
    this.#clock = clock;
    this.#state = seedState(model.rule, this.grid);
  }

  /** Steps made since the seed. */
  get steps(): number {
    return this.#steps;
  }

  /** Grows with every change of the state. */
  get revision(): number {
    return this.#revision;
  }

  /** Steps a second while playing; Infinity for as many as the machine can make. */
  get rate(): number {
    return this.#pacer.rate;
  }

  set rate(stepsPerSecond: number) {
    this.#pacer.rate = stepsPerSecond;
  }

  /** A fresh array of shape (H, W, C). */
  async read(): Promise<Float32Array> {
    return this.#state instanceof Float32Array ? this.#state.slice() : this.#state.read();
  }

  /** Does what is due. To be called once a frame; resolves when there is nothing more to do until the next. */
  frame(): Promise<void> {
    this.#lastFrame = this.#clock();
    this.#work ??= this.#catchUp()
      .catch((error: unknown) => {
        this.playing = false;
        this.#onError(error);
      })
      .finally(() => (this.#work = undefined));
    return this.#work;
  }

  /** Pauses, and makes one step with the next frame. */
  step(): void {
    this.playing = false;
    this.#stepsAsked++;
  }

  /** Begins again from one seed cell. */
  reset(): void {
    this.#state = seedState(this.rule, this.grid);
    this.#edits = [];
    this.#stepsAsked = 0;
    this.#steps = 0;
    this.#run++;
    this.#revision++;
  }

  /** Erases along a line with a round brush; lengths in cells. */
  erase(from: Place, to: Place, radius: number): void {
    this.#edits.push((state) => eraseStroke(state, this.grid, this.rule.channels, from, to, radius));
  }

  /** Plants a seed in the cell at a place; beyond the edge, in the nearest. */
  plant({ x, y }: Place): void {
    const at = [nearestCell(y, this.grid[0]), nearestCell(x, this.grid[1])] as const;
    this.#edits.push((state) => plantSeed(state, this.rule, this.grid, at));
  }

  async #catchUp(): Promise<void> {
    do {
      const steps = this.#takeDue();
      if (steps === 0 && this.#edits.length === 0) return;
      await this.#advance(steps);
    } while (this.playing && this.#pacer.behind && this.#clock() - this.#lastFrame < UNSEEN);
  }

  #takeDue(): number {
    const asked = this.#stepsAsked;
    this.#stepsAsked = 0;
    if (this.playing) return asked + this.#pacer.due(this.#clock());
    this.#pacer.rest();
    return asked;
  }

  async #advance(steps: number): Promise<void> {
    const run = this.#run;
    const edits = this.#edits.splice(0);
    let state = this.#state;
    if (edits.length > 0) {
      const edited = await this.read();
      for (const edit of edits) edit(edited);
      state = edited;
    }
    if (steps > 0) {
      const begin = this.#clock();
      const { final } = await this.#engine.rollout({
        rule: this.rule,
        grid: this.grid,
        parameters: this.#parameters,
        states: [state],
        inputs: this.#inputs,
        steps,
        seed: run,
        firstStep: this.#steps,
      });
      this.#pacer.took(steps, this.#clock() - begin);
      state = final[0];
    }
    if (run !== this.#run) return;
    this.#state = state;
    this.#steps += steps;
    this.#revision++;
  }
}

function nearestCell(coordinate: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(coordinate)));
}
