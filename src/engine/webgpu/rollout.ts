/** One rollout on the device: its buffers, its steps, and the way back. */
import type {
  GradientRequest,
  Gradients,
  Losses,
  LossVisit,
  Rollout,
  RolloutRequest,
  RolloutStats,
  State,
} from "../../engine.ts";
import { cellCount } from "../../rule/grid.ts";
import { parameterCount } from "../../rule/parameters.ts";
import { checkCotangents, checkVisit, keptSteps, stepsOf } from "../request.ts";
import { Commands } from "./commands.ts";
import { Comparing } from "./comparing.ts";
import type { Buffers, Context } from "./context.ts";
import {
  fitTogether,
  type GivenCotangents,
  takeLosses,
  type TapeStates,
  uploadCotangents,
} from "./cotangents.ts";
import type { SharedBuffer } from "./device.ts";
import type { Plan } from "./layout.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { padState } from "./plan.ts";
import type { Program } from "./program.ts";
import { Pull, type Sizes } from "./pull.ts";
import { roundWeights } from "./rounding.ts";
import { gridBytes, gridWords } from "./shaders/common.ts";
import { emptyLives } from "./shaders/forward.ts";
import { TILE } from "./sizes.ts";
import { DeviceState } from "./state.ts";
import { type TapePlan, tapePlan } from "./tape.ts";
import { constantsOf, gridFields, ruleFields, weightsOf, wordsOf } from "./upload.ts";

/** Workgroups that share a rollout's tiles, at most, unless there are more samples: each keeps sums of gradients. */
const MOST_GROUPS = 1024;
const MOST_SAMPLES = 65535;
/** 32-bit words of a tile, a bit for each cell. */
const TILE_WORDS = TILE / 32;

/** What a rollout has on the device, from the call on: nothing of the caller's is looked at later. */
export class DeviceRollout implements Rollout {
  readonly final: DeviceState[] = [];
  readonly #context: Context;
  readonly #program: Program;
  readonly #plan: Plan;
  readonly #request: RolloutRequest;
  readonly #refuseIfDisposed: () => void;
  readonly #kept: ReadonlyMap<number, DeviceState>[] = [];
  readonly #batch: number;
  readonly #cells: number;
  readonly #tiles: number;
  readonly #groups: number;
  /** Most steps of any sample. */
  readonly #steps: number;
  readonly #tape: TapePlan;
  readonly #buffers: Buffers;
  readonly #comparing: Comparing | undefined;
  readonly #commands: Commands;
  readonly #forward: GPUBindGroup;
  #stats: Promise<RolloutStats> | undefined;
  #live = true;
  /** Which segment's states the tape holds. */
  #resident = -1;
  /** Cotangents of losses taken. */
  readonly #taken: GPUBuffer[] = [];
  /** Losses and backward passes take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Takes all it needs of the request.
   *
   * @throws RangeError where the device has not the room.
   */
  constructor(context: Context, request: RolloutRequest, refuseIfDisposed: () => void) {
    const { device, programs, pace, memoryBudget } = context;
    const { rule, grid, states, graft, compare } = request;
    this.#context = context;
    this.#refuseIfDisposed = refuseIfDisposed;
    this.#program = programs.of(rule);
    const plan = this.#program.plan;
    this.#plan = plan;
    this.#batch = states.length;
    if (this.#batch > MOST_SAMPLES) {
      throw new RangeError(
        `the webgpu engine rolls out at most ${MOST_SAMPLES} samples at once, not ${this.#batch}`,
      );
    }
    this.#cells = cellCount(grid);
    this.#tiles = Math.ceil(this.#cells / TILE);
    this.#groups = Math.max(1, Math.min(this.#tiles, Math.floor(MOST_GROUPS / this.#batch)));
    const steps = states.map((_, sample) => stepsOf(request, sample));
    this.#steps = Math.max(...steps);
    const { inputs, ...rest } = request;
    this.#request = {
      ...rest,
      ...(inputs && rule.inputSize > 0 && { inputs: inputs.map((input) => input.slice()) }),
      steps,
      parameters:
        request.parameters instanceof Float32Array
          ? request.parameters.slice()
          : request.parameters.map((set) => set.slice()),
    };

    const { limits } = device.gpu;
    const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
    const slotBytes = this.#slotVectors * 16;
    const room = request.record ? Math.min(memoryBudget, most) : most;
    this.#tape = tapePlan(this.#steps, request.record ?? false, Math.floor(room / slotBytes));
    const lifeSlots = (request.record ? this.#steps : 1) + 2;
    const sent = deviceKind(rule)!.sent(rule);
    for (const bytes of [
      this.#tape.slots * slotBytes,
      lifeSlots * this.#lifeWords * 4,
      ...(request.record ? [(1 + 2 * sent) * slotBytes, this.#batch * this.#groups * plan.trained * 16] : []),
    ]) {
      if (bytes > most) {
        throw new RangeError(
          `the rollout needs ${mebibytes(bytes)} MiB in one piece, and the graphics device has at most ${mebibytes(most)}`,
        );
      }
    }

    const weights = weightsOf(plan, this.#request);
    this.#buffers = {
      grid: device.uniform(gridBytes(plan)),
      samples: device.filled(
        Uint32Array.from(steps.flatMap((count, s) => [count, request.sampleIds?.[s] ?? s])),
      ),
      weights: device.filled(weights.numbers),
      ...(plan.precision === "f16" && { rounded: device.storage(weights.numbers.byteLength / 2) }),
      sets: graft ? device.filled(wordsOf(graft.cells)) : device.storage(4),
      tape: device.storage(this.#tape.slots * slotBytes),
      marks: device.storage(rule.alive.mask === "none" ? 4 : this.#batch * this.#cells * 3 * 4),
      life: device.storage(lifeSlots * this.#lifeWords * 4),
      updates: device.storage(this.#batch * 8),
    };
    const population = request.parameters instanceof Float32Array ? 0 : 1;
    const { grafts, biases } = weights;
    const sets = 1 + (graft?.parameters.length ?? 0);
    const shares = { batch: this.#batch, tiles: this.#tiles, groups: this.#groups, population };
    device.write(
      this.#buffers.grid,
      0,
      gridWords(
        { ...ruleFields(plan), ...gridFields(request), ...shares, grafts, sets, biases },
        constantsOf(plan, grid),
      ),
    );
    this.#commands = new Commands(device, pace);
    this.#commands.clear(this.#buffers.updates, this.#batch * 8);
    this.#begin();
    if (compare) this.#comparing = new Comparing(context, compare, this.#batch);
    const { samples, tape, marks, life, updates, rounded } = this.#buffers;
    this.#forward = programs.bind("forward", [
      this.#buffers.grid,
      this.#commands.step,
      samples,
      rounded ?? this.#buffers.weights,
      this.#buffers.sets,
      tape,
      marks,
      life,
      updates,
    ]);
  }

  get #slotVectors(): number {
    return this.#batch * this.#cells * this.#plan.C4;
  }

  /** Words of `Buffers.life` a step. */
  get #lifeWords(): number {
    return this.#batch * this.#tiles * TILE_WORDS;
  }

  get #stateBytes(): number {
    return this.#cells * this.#plan.C * 4;
  }

  get #stepWork(): number {
    return 2 * this.#batch * this.#cells * parameterCount(this.#plan.rule);
  }

  /** Initial states into the first slot of the tape. */
  #begin(): void {
    const { device } = this.#context;
    const { tape } = this.#buffers;
    for (const [sample, state] of this.#request.states.entries()) {
      const at = sample * this.#stateBytes;
      if (state instanceof Float32Array) {
        device.write(tape, at, padState(this.#plan, state));
      } else {
        if (!(state instanceof DeviceState)) throw new TypeError("states were checked before");
        const { buffer, offset, size } = state.extract;
        this.#commands.copy(buffer, offset, tape, at, size);
      }
    }
    // What was asked for before a state is disposed of is served.
    this.#commands.submit();
  }

  /** Runs all steps: submitted when it resolves, and perhaps not done. */
  async run(): Promise<void> {
    const { states, keep, signal } = this.#request;
    const commands = this.#commands;
    try {
      const pipelines = await this.#forwardPipelines();
      const compare = await this.#comparing?.ready(this.#program, commands, this.#buffers);
      const wanted = states.map((_, sample) => new Set(keep ? keptSteps(this.#request, sample) : []));
      const kept = states.map(() => new Map<number, DeviceState>());
      const at = (t: number) => {
        compare?.(t, this.#tape.slotOf(t) * this.#slotVectors);
        for (const [sample, steps] of wanted.entries()) {
          if (steps.has(t)) kept[sample].set(t, this.#stateAt(sample, t));
        }
      };
      signal?.throwIfAborted();
      await roundWeights(this.#context, commands, this.#buffers);
      for (let t = 0; t < this.#steps; t++) {
        at(t);
        this.#step(pipelines, t, t === 0, true);
        await commands.breathe(signal);
      }
      at(this.#steps);
      this.#resident = Math.floor(this.#steps / this.#tape.segment);
      this.final.push(...states.map((_, sample) => this.#stateAt(sample, this.#steps)));
      this.#kept.push(...kept);
      commands.submit();
      if (!this.#request.record) this.dispose();
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      this.#comparing?.end();
    }
  }

  kept(sample: number, step: number): State {
    const state = this.#kept[sample]?.get(step);
    if (!state) throw new RangeError(`the state of sample ${sample} after step ${step} was not kept`);
    return state;
  }

  stats(): Promise<RolloutStats> {
    this.#stats ??= this.#readStats();
    return this.#stats;
  }

  async #readStats(): Promise<RolloutStats> {
    const comparing = this.#comparing;
    const [updates, sums] = await this.#context.device.read([
      { buffer: this.#buffers.updates, offset: 0, size: this.#batch * 8 },
      ...(comparing ? [comparing.extract] : []),
    ]);
    const words = new Uint32Array(updates);
    let cellUpdates = 0;
    for (let i = 0; i < words.length; i += 2) cellUpdates += words[i] + words[i + 1] * 2 ** 32;
    return { cellUpdates, compared: comparing?.resultsOf(sums) ?? [] };
  }

  async losses(visits: readonly LossVisit[], bound: number): Promise<Losses | undefined> {
    this.#refuseUnlessRecorded("losses need");
    for (const { sample, step } of visits) checkVisit(this.#request, "loss", sample, step);
    const { device } = this.#context;
    const { maxStorageBufferBindingSize: most } = device.gpu.limits;
    if (visits.length * this.#stateBytes > most) return undefined;
    if (!fitTogether(this.#context, visits, this.#batch, this.#cells)) return undefined;
    const taking = this.#turn.then(async () => {
      if (!visits.every(({ step }) => this.#holds(step))) return undefined;
      const losses = await takeLosses(this.#context, this.#tapeStates, visits, bound);
      this.#taken.push(losses.given.numbers, losses.given.places);
      return losses;
    });
    this.#turn = taking.catch(() => {});
    const taken = await taking;
    if (!taken) return undefined;
    const { given } = taken;
    const results = await taken.results;
    visits.forEach(({ sample, step }, i) => {
      if (step === stepsOf(this.#request, sample)) this.final[sample].livingCells = results[i].living;
    });
    return {
      values: results.map(({ values }) => values),
      bounded: results.map(({ beyond }) => beyond === 0),
      backward: async (request) => {
        this.#refuseUnlessRecorded("backward needs");
        return this.#backward(given, request);
      },
    };
  }

  get #tapeStates(): TapeStates {
    const { grid, tape } = this.#buffers;
    return {
      program: this.#program,
      commands: this.#commands,
      grid,
      tape,
      batch: this.#batch,
      cells: this.#cells,
      at: (sample, step) =>
        this.#tape.slotOf(step) * this.#slotVectors + sample * this.#cells * this.#plan.C4,
    };
  }

  /** Whether the tape holds the states after a step. */
  #holds(t: number): boolean {
    const { segment } = this.#tape;
    return t % segment === 0 || Math.floor(t / segment) === this.#resident;
  }

  async backward({ cotangents, ...request }: GradientRequest): Promise<Gradients> {
    this.#refuseUnlessRecorded("backward needs");
    checkCotangents(this.#request, cotangents);
    request.signal?.throwIfAborted();
    const { device } = this.#context;
    const given = uploadCotangents(this.#context, this.#plan, this.#request, cotangents);
    return this.#backward(given, request).finally(() => {
      for (const buffer of [given.numbers, given.places]) device.recycle(buffer);
    });
  }

  #refuseUnlessRecorded(what: string): void {
    this.#refuseIfDisposed();
    if (!this.#request.record || !this.#live) {
      throw new Error(`${what} a rollout that was recorded and not disposed`);
    }
  }

  #backward(given: GivenCotangents, request: Omit<GradientRequest, "cotangents">): Promise<Gradients> {
    request.signal?.throwIfAborted();
    const { states = false } = request;
    const pull = new Pull(this.#context, this.#plan, this.#request, states, given, this.#sizes);
    const turn = this.#turn.then(() => this.#pull(pull, request));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  get #sizes(): Sizes {
    const { grid, samples, weights, tape, life } = this.#buffers;
    return {
      batch: this.#batch,
      cells: this.#cells,
      groups: this.#groups,
      steps: this.#steps,
      acting: this.#steps * this.#lifeWords,
      buffers: { grid, samples, weights, tape, life },
    };
  }

  async #pull(pull: Pull, { signal }: Omit<GradientRequest, "cotangents">): Promise<Gradients> {
    try {
      const [forward, pipelines] = await Promise.all([
        this.#forwardPipelines(),
        pull.pipelines(this.#program),
      ]);
      for (let t = pull.last - 1; t >= 0; t--) {
        const segment = Math.floor(t / this.#tape.segment);
        if (segment !== this.#resident) {
          // What is to be pulled back of the states on the tape comes before they are written over.
          pull.commands.submit();
          await this.#makeResident(forward, segment, signal);
        }
        pull.step(
          pipelines,
          t,
          this.#tape.slotOf(t) * this.#slotVectors,
          t * this.#lifeWords,
          3 * this.#stepWork,
        );
        await pull.commands.breathe(signal);
      }
      return await pull.finish(pipelines);
    } finally {
      pull.close();
    }
  }

  /** Computes the states of a segment again. */
  async #makeResident(pipelines: ForwardPipelines, segment: number, signal?: AbortSignal): Promise<void> {
    this.#resident = -1;
    const first = segment * this.#tape.segment;
    const last = Math.min(first + this.#tape.segment - 1, this.#steps);
    for (let t = first; t < last; t++) {
      this.#step(pipelines, t, t === first, false);
      await this.#commands.breathe(signal);
    }
    this.#commands.submit();
    this.#resident = segment;
  }

  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    const { device } = this.#context;
    const { updates: _, ...rest } = this.#buffers;
    void this.#turn.then(() => {
      for (const buffer of [...Object.values(rest), ...this.#taken]) device.recycle(buffer);
      this.#commands.close();
    });
  }

  async #forwardPipelines(): Promise<ForwardPipelines> {
    const program = this.#program;
    const { mask } = this.#plan.rule.alive;
    const [update, masking, sense] = await Promise.all([
      program.update(this.#request.graft !== undefined),
      mask === "none" ? undefined : program.mask(),
      mask === "both" ? program.sense() : undefined,
    ]);
    return { update, masking, sense };
  }

  /** @param senses whether who may live is not known yet. @param counts whether its cells are work done. */
  #step({ update, masking, sense }: ForwardPipelines, t: number, senses: boolean, counts: boolean): void {
    const commands = this.#commands;
    const offset = commands.stepOffset({
      t,
      number: (this.#request.firstStep ?? 0) + t,
      before: this.#tape.slotOf(t) * this.#slotVectors,
      after: this.#tape.slotOf(t + 1) * this.#slotVectors,
      life: this.#request.record ? t * this.#lifeWords : 0,
      counts: Number(counts),
      half: t % 2,
    });
    const size = [this.#groups, this.#batch] as const;
    if (sense && (senses || emptyLives(this.#plan.rule)))
      commands.dispatch(sense, this.#forward, offset, size);
    commands.dispatch(update, this.#forward, offset, size, this.#stepWork);
    if (masking) commands.dispatch(masking, this.#forward, offset, size);
  }

  /** A state of its own of what the tape holds of a sample after step t. */
  #stateAt(sample: number, t: number): DeviceState {
    const { device } = this.#context;
    const held: SharedBuffer = device.shared(this.#stateBytes);
    const from = this.#tape.slotOf(t) * this.#slotVectors * 16 + sample * this.#stateBytes;
    this.#commands.copy(this.#buffers.tape, from, held.buffer, 0, this.#stateBytes);
    return new DeviceState(device, this.#plan.rule, this.#request.grid, held, 0);
  }
}

type ForwardPipelines = Readonly<{
  update: GPUComputePipeline;
  masking: GPUComputePipeline | undefined;
  sense: GPUComputePipeline | undefined;
}>;

function mebibytes(bytes: number): string {
  return String(Math.ceil(bytes / 2 ** 20));
}
