/** The way back through a rollout: cotangents, what cells send each other, and sums of gradients. */
import type { Gradients, RolloutRequest } from "../../engine.ts";
import { parameterCount } from "../../rule/parameters.ts";
import { parametersOf } from "../request.ts";
import { Commands } from "./commands.ts";
import type { Buffers, Context } from "./context.ts";
import type { GivenCotangents } from "./cotangents.ts";
import type { Plan } from "./layout.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { pullInput, unpack, unpadState } from "./plan.ts";
import type { Program } from "./program.ts";

type BackwardPipelines = Readonly<{
  pull: GPUComputePipeline;
  gather: GPUComputePipeline;
  reduce: GPUComputePipeline;
}>;

/** What a pass back has of its rollout. */
export type Sizes = Readonly<{
  batch: number;
  cells: number;
  groups: number;
  steps: number;
  /** Where the words begin that say who sent something back. */
  acting: number;
  buffers: Pick<Buffers, "grid" | "samples" | "weights" | "tape" | "life">;
}>;

/** One pass back: cotangents, what cells send, and sums of gradients. */
export class Pull {
  readonly commands: Commands;
  /** The last step with a cotangent. */
  readonly last: number;
  readonly #context: Context;
  readonly #plan: Plan;
  readonly #request: RolloutRequest;
  readonly #wantStates: boolean;
  readonly #sizes: Sizes;
  readonly #back: GPUBuffer;
  readonly #partials: GPUBuffer;
  readonly #group: GPUBindGroup;
  #half = 0;
  #first = true;

  constructor(
    context: Context,
    plan: Plan,
    request: RolloutRequest,
    wantStates: boolean,
    given: GivenCotangents,
    sizes: Sizes,
  ) {
    const { device, programs, pace } = context;
    const { batch, cells, groups, buffers } = sizes;
    this.#context = context;
    this.#plan = plan;
    this.#request = request;
    this.#wantStates = wantStates;
    this.#sizes = sizes;
    this.last = given.last;
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
      given.numbers,
      given.places,
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
    for (const buffer of [this.#back, this.#partials]) this.#context.device.recycle(buffer);
    this.commands.close();
  }
}
