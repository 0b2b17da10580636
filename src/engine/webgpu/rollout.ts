/** One rollout on the device: its buffers, its steps, and the way back. */
import type {
  Cotangent,
  GradientRequest,
  Gradients,
  Rollout,
  RolloutRequest,
  RolloutStats,
  State,
} from "../../engine.ts";
import { parameterCount } from "../../rule/parameters.ts";
import { cellCount, planeOf } from "../../rule/grid.ts";
import { fireLimit } from "../../random.ts";
import { axesOf } from "../../rule/rule.ts";
import { pinnedMask } from "../../step/step.ts";
import { noiseKey } from "../../step/noise.ts";
import { comparisonScale } from "../comparison.ts";
import { checkCotangents, keptSteps, parametersOf, stepsOf } from "../request.ts";
import { Commands, type Pace } from "./commands.ts";
import type { Device, SharedBuffer } from "./device.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { firstBias, pack, padState, type Plan, pullInput, unpack, unpadState } from "./plan.ts";
import type { Program, Programs } from "./program.ts";
import { GRID_WORDS, type GridFields, gridWords } from "./shaders/common.ts";
import { TILE } from "./sizes.ts";
import { emptyLives } from "./shaders/forward.ts";
import { DeviceState } from "./state.ts";

/** Workgroups that share a rollout's tiles, at most, unless there are more samples: each keeps sums of gradients. */
const MOST_GROUPS = 1024;
const MOST_SAMPLES = 65535;
const NOWHERE = 0xffffffff;
/** 32-bit words of a tile, a bit for each cell. */
const TILE_WORDS = TILE / 32;

export type Context = Readonly<{ device: Device; programs: Programs; pace: Pace; memoryBudget: number }>;

/** Where states lie on the tape: each checkpoint has a slot, and so have the states between two of them. */
export type TapePlan = Readonly<{ slots: number; segment: number; slotOf: (t: number) => number }>;

/** @param fit slots that there is room for; where even the fewest are more, it is these. */
export function tapePlan(steps: number, record: boolean, fit: number): TapePlan {
  if (!record) return { slots: Math.min(2, steps + 1), segment: steps + 1, slotOf: (t) => t % 2 };
  const slotsOf = (segment: number) => Math.floor(steps / segment) + segment;
  let segment = steps + 1;
  if (slotsOf(segment) > fit) {
    segment = Math.max(1, Math.ceil(Math.sqrt(steps)));
    while (slotsOf(segment + 1) <= fit) segment++;
  }
  const checkpoints = Math.floor(steps / segment) + 1;
  return {
    slots: slotsOf(segment),
    segment,
    slotOf: (t) => (t % segment === 0 ? t / segment : checkpoints + (t % segment) - 1),
  };
}

type Buffers = Readonly<
  Record<"grid" | "samples" | "weights" | "sets" | "tape" | "marks" | "life" | "updates", GPUBuffer>
>;

/** What a rollout has on the device, from the call on: nothing of the caller's is looked at later. */
export class DeviceRollout implements Rollout {
  readonly final: readonly State[] = [];
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
  readonly #picture: GPUBuffer | undefined;
  readonly #measured: GPUBuffer | undefined;
  /** What measured sums are divided by: the picture is not looked at later. */
  readonly #scale: number;
  readonly #commands: Commands;
  readonly #forward: GPUBindGroup;
  #stats: Promise<RolloutStats> | undefined;
  #live = true;
  /** Which segment's states the tape holds. */
  #resident = -1;
  /** Backward passes take turns. */
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
    this.#request = {
      ...request,
      steps,
      parameters:
        request.parameters instanceof Float32Array
          ? request.parameters.slice()
          : request.parameters.map((set) => set.slice()),
      ...(request.inputs && { inputs: request.inputs.map((input) => input.slice()) }),
      ...(compare && { compare: { ...compare, steps: [...compare.steps] } }),
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
      grid: device.uniform(GRID_WORDS * 4),
      samples: device.filled(
        Uint32Array.from(steps.flatMap((count, s) => [count, request.sampleIds?.[s] ?? s])),
      ),
      weights: device.filled(weights.numbers),
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
      gridWords({ ...ruleFields(plan), ...gridFields(request), ...shares, grafts, sets, biases }),
    );
    this.#commands = new Commands(device, pace);
    this.#commands.clear(this.#buffers.updates, this.#batch * 8);
    this.#begin();
    this.#scale = compare ? comparisonScale(compare) : 1;
    if (compare) {
      this.#picture = device.filled(Float32Array.from(compare.target));
      this.#measured = device.storage(Math.max(1, compare.steps.length * this.#batch) * 4);
    }
    const { samples, tape, marks, life, updates } = this.#buffers;
    this.#forward = programs.bind("forward", [
      this.#buffers.grid,
      this.#commands.step,
      samples,
      this.#buffers.weights,
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

  /** Words of {@link Buffers.life} a step. */
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
        const { buffer, offset, size } = (state as DeviceState).extract;
        this.#commands.copy(buffer, offset, tape, at, size);
      }
    }
    // What was asked for before a state is disposed of is served.
    this.#commands.submit();
  }

  /** Runs all steps: submitted when it resolves, and perhaps not done. */
  async run(): Promise<void> {
    const { rule, states, keep, compare, signal } = this.#request;
    const commands = this.#commands;
    try {
      const pipelines = await this.#forwardPipelines();
      const comparing = compare && (await this.#comparer(compare));
      const wanted = states.map((_, sample) => new Set(keep ? keptSteps(this.#request, sample) : []));
      const kept = states.map(() => new Map<number, DeviceState>());
      const at = (t: number) => {
        if (compare?.steps.includes(t)) comparing?.(t, compare.steps.indexOf(t));
        for (const [sample, steps] of wanted.entries()) {
          if (steps.has(t)) kept[sample].set(t, this.#stateAt(sample, t));
        }
      };
      signal?.throwIfAborted();
      for (let t = 0; t < this.#steps; t++) {
        at(t);
        this.#step(pipelines, t, t === 0, true);
        await commands.breathe(signal);
      }
      at(this.#steps);
      this.#resident = Math.floor(this.#steps / this.#tape.segment);
      (this.final as State[]).push(...states.map((_, sample) => this.#stateAt(sample, this.#steps)));
      this.#kept.push(...kept);
      commands.submit();
      if (!this.#request.record) this.dispose();
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      if (rule && this.#picture) this.#context.device.recycle(this.#picture);
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
    const { compare } = this.#request;
    const measuredBytes = compare ? compare.steps.length * this.#batch * 4 : 0;
    const [updates, measured] = await this.#context.device.read([
      { buffer: this.#buffers.updates, offset: 0, size: this.#batch * 8 },
      { buffer: this.#measured ?? this.#buffers.updates, offset: 0, size: measuredBytes },
    ]);
    const words = new Uint32Array(updates);
    let cellUpdates = 0;
    for (let i = 0; i < words.length; i += 2) cellUpdates += words[i] + words[i + 1] * 2 ** 32;
    if (!compare) return { cellUpdates, compared: [] };
    const sums = compare.measure === "squared-error" ? new Float32Array(measured) : new Uint32Array(measured);
    return {
      cellUpdates,
      compared: this.#request.states.map((_, sample) =>
        Float64Array.from(compare.steps, (_step, i) => sums[i * this.#batch + sample] / this.#scale),
      ),
    };
  }

  async backward(request: GradientRequest): Promise<Gradients> {
    this.#refuseIfDisposed();
    if (!this.#request.record || !this.#live) {
      throw new Error("backward needs a rollout that was recorded and not disposed");
    }
    checkCotangents(this.#request, request.cotangents);
    request.signal?.throwIfAborted();
    const pull = new Pull(this.#context, this.#plan, this.#request, request, this.#sizes);
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

  async #pull(pull: Pull, { signal }: GradientRequest): Promise<Gradients> {
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
      for (const buffer of Object.values(rest)) device.recycle(buffer);
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

  async #comparer(compare: NonNullable<RolloutRequest["compare"]>) {
    const pipeline = await this.#program.compare(compare);
    const group = this.#context.programs.bind("compare", [
      this.#buffers.grid,
      this.#commands.step,
      this.#buffers.tape,
      this.#picture!,
      this.#measured!,
    ]);
    return (t: number, index: number) => {
      const before = this.#tape.slotOf(t) * this.#slotVectors;
      const offset = this.#commands.stepOffset({ t, before, a: index * this.#batch });
      this.#commands.dispatch(pipeline, group, offset, [1, this.#batch]);
    };
  }
}

type ForwardPipelines = Readonly<{
  update: GPUComputePipeline;
  masking: GPUComputePipeline | undefined;
  sense: GPUComputePipeline | undefined;
}>;

type BackwardPipelines = Readonly<{
  pull: GPUComputePipeline;
  gather: GPUComputePipeline;
  reduce: GPUComputePipeline;
}>;

type Sizes = Readonly<{
  batch: number;
  cells: number;
  groups: number;
  steps: number;
  /** Where the words begin that say who sent something back. */
  acting: number;
  buffers: Pick<Buffers, "grid" | "samples" | "weights" | "tape" | "life">;
}>;

/** One pass back: cotangents, what cells send, and sums of gradients. */
class Pull {
  readonly commands: Commands;
  /** The last step with a cotangent. */
  readonly last: number;
  readonly #context: Context;
  readonly #plan: Plan;
  readonly #request: RolloutRequest;
  readonly #wantStates: boolean;
  readonly #sizes: Sizes;
  readonly #given: GPUBuffer;
  readonly #places: GPUBuffer;
  readonly #back: GPUBuffer;
  readonly #partials: GPUBuffer;
  readonly #group: GPUBindGroup;
  #half = 0;
  #first = true;

  constructor(context: Context, plan: Plan, request: RolloutRequest, asked: GradientRequest, sizes: Sizes) {
    const { device, programs, pace } = context;
    const { batch, cells, groups, buffers } = sizes;
    this.#context = context;
    this.#plan = plan;
    this.#request = request;
    this.#wantStates = asked.states ?? false;
    this.#sizes = sizes;
    this.last = Math.max(...asked.cotangents.map(({ step }) => step));
    const { numbers, places } = givenOf(plan, request, asked.cotangents, this.last, cells);
    this.#given = device.filled(numbers);
    this.#places = device.filled(places);
    const sent = deviceKind(plan.rule)!.sent(plan.rule);
    this.#back = device.storage((1 + 2 * sent) * batch * cells * plan.C * 4);
    const partialBytes = batch * groups * plan.trained * 16;
    this.#partials = device.storage(partialBytes);
    this.commands = new Commands(device, pace);
    this.commands.clear(this.#partials, partialBytes);
    this.#group = programs.bind("backward", [
      buffers.grid,
      this.commands.step,
      buffers.samples,
      buffers.weights,
      buffers.tape,
      buffers.life,
      this.#given,
      this.#places,
      this.#back,
      this.#partials,
    ]);
  }

  async pipelines(program: Program): Promise<BackwardPipelines> {
    const [pull, gather, reduce] = await Promise.all([
      program.pull(),
      program.gather(),
      this.#context.programs.reduce(),
    ]);
    return { pull, gather, reduce };
  }

  /** Pulls step t back. @param before where its state begins on the tape, in vectors. @param life likewise who lived on. */
  step({ pull }: BackwardPipelines, t: number, before: number, life: number, work: number): void {
    const { batch, groups } = this.#sizes;
    const offset = this.#stepOffset(t, { before, life });
    this.commands.dispatch(pull, this.#group, offset, [groups, batch], work);
    this.#half = 1 - this.#half;
    this.#first = false;
  }

  #stepOffset(t: number, places: { before?: number; life?: number }): number {
    return this.commands.stepOffset({
      t,
      number: (this.#request.firstStep ?? 0) + t,
      half: this.#half,
      first: Number(this.#first),
      d: this.#sizes.acting,
      ...places,
    });
  }

  /** Adds everything up, and reads it. */
  async finish({ gather, reduce }: BackwardPipelines): Promise<Gradients> {
    const { device } = this.#context;
    const { rule, C4, C, trained, layers } = this.#plan;
    const { batch, cells, groups } = this.#sizes;
    const { parameters: asked, inputs } = this.#request;
    const population = !(asked instanceof Float32Array);
    if (this.#wantStates) {
      const offset = this.#stepOffset(-1, {});
      this.commands.dispatch(gather, this.#group, offset, [groups, batch]);
    }
    const sets = population ? batch : 1;
    const bias =
      inputs && !population ? { first: layers[0].bias!, length: layers[0].outputs / 4 } : undefined;
    const sums = device.storage((sets * trained + (bias ? batch * bias.length : 0)) * 16);
    const uniforms: GPUBuffer[] = [];
    const add = (first: number, length: number, terms: number, count: number, to: number) => {
      const uniform = device.uniform(32);
      uniforms.push(uniform);
      device.write(uniform, 0, Uint32Array.of(trained, first, length, terms, count, to));
      const group = device.gpu.createBindGroup({
        layout: reduce.getBindGroupLayout(0),
        entries: [uniform, this.#partials, sums].map((buffer, binding) => ({
          binding,
          resource: { buffer },
        })),
      });
      this.commands.dispatch(reduce, group, undefined, [Math.ceil(length / 64), Math.min(count, 65535)]);
    };
    if (trained > 0) add(0, trained, (batch * groups) / sets, sets, 0);
    if (bias) add(bias.first, bias.length, groups, batch, sets * trained);
    this.commands.submit();
    const stateBytes = cells * C * 4;
    const sent = deviceKind(rule)!.sent(rule);
    const half = batch * cells * C4 * 16;
    const results = half * (1 + (1 - this.#half) * sent);
    const [numbers, biases, states] = await device.read([
      { buffer: sums, offset: 0, size: sets * trained * 16 },
      { buffer: sums, offset: sets * trained * 16, size: bias ? batch * bias.length * 16 : 0 },
      { buffer: this.#back, offset: results, size: this.#wantStates ? batch * stateBytes : 0 },
    ]);
    for (const buffer of [sums, ...uniforms]) device.recycle(buffer);

    const gradients = Array.from({ length: sets }, (_, set) => {
      const flat = new Float32Array(parameterCount(rule));
      unpack(this.#plan, new Float32Array(numbers, set * trained * 16, trained * 4), flat);
      return flat;
    });
    const dInputs = inputs?.map((input, sample) => {
      const set = population ? sample : 0;
      const { outputs, bias: place } = layers[0];
      const dBias = population
        ? new Float32Array(numbers, (set * trained + place!) * 16, outputs)
        : new Float32Array(biases, sample * outputs * 4, outputs);
      return pullInput(this.#plan, dBias, parametersOf(this.#request, sample), input, gradients[set]);
    });
    return {
      parameters: population ? gradients : gradients[0],
      ...(this.#wantStates && {
        states: Array.from({ length: batch }, (_, sample) =>
          unpadState(rule.channels, new Float32Array(states, sample * stateBytes, cells * C).slice()),
        ),
      }),
      ...(dInputs && { inputs: dInputs }),
    };
  }

  close(): void {
    for (const buffer of [this.#given, this.#places, this.#back, this.#partials]) {
      this.#context.device.recycle(buffer);
    }
    this.commands.close();
  }
}

/** Cotangents as the device wants them: whole states, added up by sample and step, and where each begins. */
function givenOf(
  plan: Plan,
  { grid, states: { length: batch } }: RolloutRequest,
  cotangents: readonly Cotangent[],
  last: number,
  cells: number,
): { numbers: Float32Array<ArrayBuffer>; places: Uint32Array<ArrayBuffer> } {
  const { C, C4, rule } = plan;
  const places = new Uint32Array((last + 1) * batch).fill(NOWHERE);
  let count = 0;
  for (const { step, sample } of cotangents) {
    const at = step * batch + sample;
    if (places[at] === NOWHERE) places[at] = count++ * cells * C4;
  }
  const numbers = new Float32Array(count * cells * C);
  const [rows, columns] = planeOf(grid);
  for (const { step, sample, data, box } of cotangents) {
    const base = places[step * batch + sample] * 4;
    const { top, left, height, width } = box ?? { top: 0, left: 0, height: rows, width: columns };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const to = base + ((top + y) * columns + left + x) * C;
        const from = (y * width + x) * rule.channels;
        for (let c = 0; c < rule.channels; c++) numbers[to + c] += data[from + c];
      }
    }
  }
  return { numbers, places };
}

function gridFields({ grid, seed }: RolloutRequest) {
  const [depth, height, width] = [1, 1, ...grid].slice(-3);
  return { depth, height, width, cells: cellCount(grid), seed, noiseKey: noiseKey(seed) };
}

/** What shaders read of a rule. */
function ruleFields({ rule, C, size }: Plan) {
  const { alive, channels, fireRate, noise = 0 } = rule;
  const axes = axesOf(rule);
  const reach = alive.reach ?? 1;
  const limit = fireLimit(fireRate);
  const pinned = pinnedMask(rule);
  const word = (first: number) => {
    let bits = 0;
    for (let c = first; c < first + 32; c++)
      if (c < C && (c >= channels || pinned[c] === 1)) bits |= 1 << (c - first);
    return bits >>> 0;
  };
  return {
    channels,
    stride: size,
    taps: deviceKind(rule)!.taps(rule),
    wraps: Number(rule.boundary === "wrap"),
    fireLimit: Math.max(0, limit),
    fires: Number(limit >= 0),
    masked: Number(alive.mask !== "none"),
    both: Number(alive.mask === "both"),
    aliveVector: alive.channel >> 2,
    alivePart: alive.channel & 3,
    alivePinned: pinned[alive.channel],
    around: reach === 0 ? 1 : 3 ** axes,
    middleDepth: reach * Number(axes === 3),
    middleHeight: reach * Number(axes >= 2),
    middleWidth: reach,
    pinnedLow: word(0),
    pinnedHigh: word(32),
    threshold: alive.threshold,
    stepSize: rule.stepSize,
    sigma: noise,
  } satisfies Partial<GridFields>;
}

/** Parameter sets, those of samples first and grafted ones after them, and then first biases where there is an input. */
function weightsOf(plan: Plan, request: RolloutRequest) {
  const { parameters, graft, inputs, states } = request;
  const own = parameters instanceof Float32Array ? [parameters] : parameters;
  const grafted = graft?.parameters ?? [];
  const sets = [...own, ...grafted].map((flat) => pack(plan, flat));
  const biases = inputs
    ? states.flatMap((_, sample) =>
        [parametersOf(request, sample), ...grafted].map((flat) => firstBias(plan, flat, inputs[sample])),
      )
    : [];
  const numbers = new Float32Array(sets.length * plan.size * 4 + biases.length * plan.layers[0].outputs);
  [...sets, ...biases].reduce((at, part) => {
    numbers.set(part, at);
    return at + part.length;
  }, 0);
  return { numbers, grafts: own.length, biases: sets.length * plan.size };
}

function wordsOf(cells: Uint8Array): Uint32Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(cells.length / 4) * 4);
  bytes.set(cells);
  return new Uint32Array(bytes.buffer);
}

function mebibytes(bytes: number): string {
  return String(Math.ceil(bytes / 2 ** 20));
}
