import { firstDifference } from "../config/config.ts";
import type { Engine, Graft, RolloutRequest, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import { type Model, modelPlane } from "../model/model.ts";
import { checkSameCells } from "../model/graft.ts";
import { parameterCount } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Readout } from "../model/readout.ts";
import { checkPlace } from "../model/seed.ts";
import {
  channelsOfCoordinates,
  goalOfInput,
  groundState,
  layCoordinates,
  placeChannels,
  plantSeeds,
  type Start,
} from "../model/start.ts";
import { colourStroke, eraseStroke, fillStroke, type Place } from "../edit/stroke.ts";
import { applyDamage, type DamageKind } from "../edit/damage.ts";
import { oneHot } from "../train/goals.ts";
import { History } from "./history.ts";
import { StepScheduler } from "./stepScheduler.ts";

/** Milliseconds without a frame after which the automaton is taken to be out of sight, and no work is done. */
const OUT_OF_SIGHT = 100;

/** The ways in which people change the cells at play; `cut` is damage, `paint` makes cells run another model. */
export type EditKind = "erase" | "colour" | "plant" | "paint" | "cut";

export type SimulationOptions = Readonly<{
  /** What makes the steps; may be given later. */
  engine?: Engine;
  model: Model;
  /** Where it is played; default: as large as the model was trained on. */
  grid?: Plane;
  /** Where play begins: [row, column] of each place around which the model's seeds are planted. Default: the middle. */
  seeds?: readonly (readonly [number, number])[];
  /** What is planted there; default: the model's start. */
  start?: Start;
  /** Guest models, and the cells that run them at first. */
  graft?: Graft | undefined;
  /** Called when a rollout has failed; play has stopped then. */
  onError: (error: unknown) => void;
  /** Called for each edit when it is asked for. */
  onEdit?: (kind: EditKind) => void;
  /** Milliseconds. Default `performance.now`. */
  clock?: () => number;
}>;

/**
 * One automaton at play. Call `frame` once an animation frame; the work is done between frames, one rollout at
 * a time, and edits wait for the rollout in flight.
 */
export class Simulation {
  /** May be exchanged at any time for one that the same parameters fit: another angle, fire rate or step size. */
  rule: Rule;
  /** Which channels are the picture; null: none. That of the model. */
  readout: Readout | null;
  /**
   * The input of every cell, length `rule.inputSize`: at first the first goal, or the mean of what the model was trained
   * on, or zeros. May be exchanged at any time for another array.
   */
  input: Float32Array;
  #start: Start;
  /** What makes the steps; while there is none, steps and edits wait. To be exchanged after `settle`. */
  engine: Engine | undefined;
  /** Seed of the fire masks, an unsigned 32-bit number; each reset adds 1 to it. */
  seed = 0;
  readonly grid: Plane;
  /** Which model each cell runs, shape (H, W): 0 for the host, n for the n-th guest of the graft. */
  readonly membership: Uint8Array;
  playing = false;
  #inputKind: string;
  #parameters: Float32Array;
  readonly #places: readonly (readonly [number, number])[];
  /** Where seeds were planted since growth began. */
  #plants: (readonly [number, number])[] = [];
  #graft: Graft | undefined;
  readonly #onError: (error: unknown) => void;
  readonly #onEdit: ((kind: EditKind) => void) | undefined;
  readonly #clock: () => number;
  readonly #scheduler = new StepScheduler();
  /** Of cells that form a row. */
  readonly #history: History | undefined;
  #state: Float32Array | State;
  /** The latest state whose numbers are here whatever becomes of the engine; undefined: the seeds. */
  #known: Readonly<{ state: Float32Array; steps: number }> | undefined;
  #steps = 0;
  #revision = 0;
  /** Counts resets. It seeds the fire masks, so that each growth takes a course of its own. */
  #run = 0;
  #edits: ((state: Float32Array) => void)[] = [];
  #damages = 0;
  #stepsAsked = 0;
  #lastFrame = -Infinity;
  #awaitingFrame: (() => void)[] = [];
  #work: Promise<void> | undefined;

  constructor(options: SimulationOptions) {
    const { engine, model, grid = modelPlane(model), seeds, start, graft } = options;
    const { onError, onEdit, clock } = options;
    this.rule = model.rule;
    this.readout = model.readout;
    this.input = firstInput(model);
    this.#inputKind = inputKind(model);
    this.grid = grid;
    this.membership = graft?.cells.slice() ?? new Uint8Array(grid[0] * grid[1]);
    this.#graft = graft && { ...graft, cells: this.membership };
    this.#places = seeds ?? [[grid[0] >> 1, grid[1] >> 1]];
    for (const place of this.#places) checkPlace(place, grid);
    this.#start = start ?? model.start;
    this.engine = engine;
    this.#parameters = model.parameters;
    this.#onError = onError;
    this.#onEdit = onEdit;
    this.#clock = clock ?? (() => performance.now());
    const planted = this.#planted();
    this.#state = planted;
    this.#history = grid[0] === 1 ? new History(grid[1]) : undefined;
    this.#history?.restart(planted);
  }

  /**
   * What is planted around a place. May be exchanged at any time, with the rule: turned by another angle, and with it the
   * coordinates that cells were given.
   */
  get start(): Start {
    return this.#start;
  }

  set start(start: Start) {
    const before = this.#start.coordinates;
    this.#start = start;
    const { coordinates } = start;
    if (!coordinates || !firstDifference({ degrees: 0, ...before }, { degrees: 0, ...coordinates })) return;
    const { channels } = this.rule;
    const given = channelsOfCoordinates(coordinates);
    const places = [...this.#places, ...this.#plants];
    this.#edits.push((state) => {
      for (let i = 0; i < state.length; i += channels) for (const channel of given) state[i + channel] = 0;
      for (const at of places) layCoordinates(state, channels, this.grid, at, coordinates);
    });
  }

  /** Flat, by `parameterTable(rule)`. May be exchanged at any time; the state stays. */
  get parameters(): Float32Array {
    return this.#parameters;
  }

  /** @throws RangeError for another number of parameters than the rule has. */
  set parameters(parameters: Float32Array) {
    const count = parameterCount(this.rule);
    if (parameters.length !== count) {
      throw new RangeError(`${parameters.length} parameters do not fit the rule, which has ${count}`);
    }
    this.#parameters = parameters;
  }

  /** The old name of `membership`. @deprecated */
  get tissue(): Uint8Array {
    return this.membership;
  }

  /** Guest models beside the host; undefined where there are none. */
  get graft(): Graft | undefined {
    return this.#graft;
  }

  /**
   * Another model runs the cells as they are from now on. Their input stays, if it is of the same kind (`inputKind`).
   *
   * @param graft guest models beside it; default none.
   * @throws RangeError where channels mean something else to it (`checkSameCells`), and for a graft of another number of cells.
   */
  exchange(model: Model, graft?: Graft): void {
    checkSameCells(this, model);
    if (graft && graft.cells.length !== this.membership.length) {
      throw new RangeError(
        `the graft names ${graft.cells.length} cells; the grid has ${this.grid.join(" x ")}`,
      );
    }
    this.rule = model.rule;
    this.start = model.start;
    this.#parameters = model.parameters;
    const kind = inputKind(model);
    if (kind !== this.#inputKind) this.input = firstInput(model);
    this.#inputKind = kind;
    if (graft) this.membership.set(graft.cells);
    else this.membership.fill(0);
    this.#graft = graft && { ...graft, cells: this.membership };
    this.#revision++;
  }

  /** Steps made since the seeds. */
  get steps(): number {
    return this.#steps;
  }

  /** Counts changes of the state. */
  get revision(): number {
    return this.#revision;
  }

  /** Steps a second while playing; Infinity for as many as the machine can make. */
  get rate(): number {
    return this.#scheduler.rate;
  }

  set rate(stepsPerSecond: number) {
    this.#scheduler.rate = stepsPerSecond;
  }

  /** A fresh array of shape (H, W, C). */
  async read(): Promise<Float32Array> {
    return this.#state instanceof Float32Array ? this.#state.slice() : this.#state.read();
  }

  /** The state where it lies, to be drawn from there at once: the next step may dispose of it. */
  get held(): Float32Array | State {
    return this.#state;
  }

  /** Whether what is shown is more than the state: of cells that form a row, their last steps. */
  get hasHistory(): boolean {
    return this.#history !== undefined;
  }

  /** The grid of what is shown: of cells that form a row, a row for each of their last steps. */
  get shownGrid(): Plane {
    return this.#history?.grid ?? this.grid;
  }

  /** What is shown, as a state of shape (H, W, C) of {@link shownGrid}. */
  async shown(): Promise<Float32Array> {
    return this.#history?.plane ?? this.read();
  }

  /** Does the work that is due. To be called once a frame; resolves when there is nothing more to do until the next. */
  frame(): Promise<void> {
    this.#lastFrame = this.#clock();
    for (const seen of this.#awaitingFrame.splice(0)) seen();
    this.#work ??= this.#catchUp()
      .catch((error: unknown) => {
        this.playing = false;
        this.#onError(error);
      })
      .finally(() => (this.#work = undefined));
    return this.#work;
  }

  /** Resolves with the next frame: when somebody looks. */
  seen(): Promise<void> {
    return new Promise((resolve) => this.#awaitingFrame.push(resolve));
  }

  /** Resolves when the work in flight is done and the state is read from the engine, which may be disposed of then. */
  async settle(): Promise<void> {
    this.#lastFrame = -Infinity;
    await this.#work;
    const state = this.#state;
    if (state instanceof Float32Array) return;
    const numbers = await state.read();
    if (this.#state === state) this.#keep(numbers, this.#steps);
  }

  /**
   * Gives up an engine that has failed: its state is read if it still can be; else it is the last one that was read, or the
   * seeds. Resolves when the work in flight has ended.
   */
  async recover(): Promise<void> {
    try {
      await this.settle();
    } catch {
      const known = this.#known ?? { state: this.#planted(), steps: 0 };
      this.#keep(known.state, known.steps);
      this.#steps = known.steps;
      this.#revision++;
    }
  }

  /** What an engine is asked for, to make so many steps more. */
  request(state: Float32Array | State, steps: number): RolloutRequest {
    return {
      rule: this.rule,
      grid: this.grid,
      parameters: this.#parameters,
      states: [state],
      ...(this.input.length > 0 && { inputs: [this.input] }),
      ...(this.#graft && { graft: this.#graft }),
      steps,
      seed: (this.seed + this.#run) >>> 0,
      firstStep: this.#steps,
    };
  }

  /** Pauses, and makes one step with the next frame. */
  step(): void {
    this.playing = false;
    this.#stepsAsked++;
  }

  /** Begins again from the seeds. Cells go on running the models that they were painted with. */
  reset(): void {
    const planted = this.#planted();
    this.#take(planted);
    this.#history?.restart(planted);
    this.#known = undefined;
    this.#edits = [];
    this.#plants = [];
    this.#stepsAsked = 0;
    this.#steps = 0;
    this.#run++;
    this.#revision++;
  }

  /** Erases along a line with a round brush; lengths in cells. */
  erase(from: Place, to: Place, radius: number): void {
    const [a, b] = [this.#onGrid(from), this.#onGrid(to)];
    const kept = placeChannels(this);
    this.#edit("erase", (state) => eraseStroke(state, this.grid, this.rule.channels, a, b, radius, kept));
  }

  /** Colours the picture channels of cells along a line, red, green and blue from 0 to 1; hidden channels stay. Without a picture it does nothing. */
  colour(from: Place, to: Place, radius: number, colour: readonly [number, number, number]): void {
    const { rule, readout } = this;
    if (!readout) return;
    const [a, b] = [this.#onGrid(from), this.#onGrid(to)];
    this.#edit("colour", (state) => colourStroke(state, { rule, readout }, this.grid, a, b, radius, colour));
  }

  /** Damages the cells: zeroes those that `kind` says. Damage of random place and shape differs each time. */
  damage(kind: DamageKind): void {
    const draw = [this.seed, this.#steps, this.#damages++] as const;
    const kept = placeChannels(this);
    this.#edit("cut", (state) => applyDamage(state, this.grid, this.rule.channels, kind, draw, kept));
  }

  /** Makes the cells along a line run another model, 0 the host or n the n-th guest; their state stays. Lengths in cells. */
  paint(from: Place, to: Place, radius: number, model: number): void {
    // At once: a rollout reads its graft when it begins, so the next one uses what is painted now.
    fillStroke(this.membership, this.grid, 1, this.#onGrid(from), this.#onGrid(to), radius, model);
    this.#onEdit?.("paint");
  }

  /** Plants the model's seeds around the cell at a place, beyond the edge around the nearest; as many as lie on the grid. */
  plant({ x, y }: Place): void {
    const at = [nearestCell(y, this.grid[0]), nearestCell(x, this.grid[1])] as const;
    this.#plants.push(at);
    this.#edit("plant", (state) => plantSeeds(state, this, this.grid, at));
  }

  /** A place on the grid: all of what is shown above it was the same row. */
  #onGrid(place: Place): Place {
    return this.#history ? { ...place, y: 0.5 } : place;
  }

  #edit(kind: EditKind, edit: (state: Float32Array) => void): void {
    this.#edits.push(edit);
    this.#onEdit?.(kind);
  }

  /** Replaces the state. */
  #take(state: Float32Array | State): void {
    if (state !== this.#state) disposeStates([this.#state]);
    this.#state = state;
  }

  /** Replaces the state by one whose numbers are here. */
  #keep(state: Float32Array, steps: number): void {
    this.#take(state);
    this.#known = { state, steps };
  }

  #planted(): Float32Array {
    const state = groundState(this, this.grid, undefined, goalOfInput(this.input));
    for (const at of this.#places) plantSeeds(state, this, this.grid, at);
    return state;
  }

  async #catchUp(): Promise<void> {
    do {
      const { engine } = this;
      if (!engine) return;
      const steps = this.#takeDue();
      if (steps === 0 && this.#edits.length === 0) return;
      await this.#advance(engine, steps);
    } while (this.playing && this.#scheduler.behind && this.#clock() - this.#lastFrame < OUT_OF_SIGHT);
  }

  #takeDue(): number {
    const asked = this.#stepsAsked;
    this.#stepsAsked = 0;
    if (this.playing) return asked + this.#scheduler.due(this.#clock());
    this.#scheduler.reset();
    return asked;
  }

  async #advance(engine: Engine, steps: number): Promise<void> {
    const run = this.#run;
    const edits = this.#edits.splice(0);
    let state = this.#state;
    if (edits.length > 0) {
      const edited = await this.read();
      for (const edit of edits) edit(edited);
      state = edited;
      if (run === this.#run) {
        this.#known = { state: edited, steps: this.#steps };
        this.#history?.replace(edited);
      }
    }
    if (steps > 0) {
      const begin = this.#clock();
      const history = this.#history;
      const kept = history ? latestSteps(steps, history.grid[0]) : [];
      const rollout = await engine.rollout({ ...this.request(state, steps), keep: kept });
      const { final } = rollout;
      if (history) {
        const states = [...kept.map((step) => rollout.kept(0, step)), final[0]];
        const rows = await Promise.all(states.map((each) => each.read()));
        disposeStates(states.slice(0, -1));
        if (run === this.#run) history.add(rows);
      }
      this.#scheduler.took(steps, this.#clock() - begin);
      state = final[0];
    }
    if (run !== this.#run) return disposeStates([state]);
    this.#take(state);
    this.#steps += steps;
    this.#revision++;
  }
}

/** The last of so many steps but the very last, at most `most`. */
function latestSteps(steps: number, most: number): number[] {
  const first = Math.max(1, steps - most + 1);
  return Array.from({ length: Math.max(0, steps - first) }, (_, i) => first + i);
}

/** The kind of a model's input, a goal, an encoder's code, a latent vector or other numbers, and how many numbers it has. */
export function inputKind({ rule, encoder, provenance: { goals, latent } }: Model): string {
  const kind = goals ? "goal" : encoder ? "code" : latent ? "latent" : "numbers";
  return `${kind} ${rule.inputSize}`;
}

/** The input of cells until another is set. */
function firstInput({ rule, provenance: { goals, latent } }: Model): Float32Array {
  if (goals) return oneHot(0, goals.length);
  return latent ? Float32Array.from(latent.mean) : new Float32Array(rule.inputSize);
}

function nearestCell(coordinate: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(coordinate)));
}
