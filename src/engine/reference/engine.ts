import type {
  Cotangent,
  Engine,
  GradientRequest,
  Gradients,
  Rollout,
  RolloutRequest,
  State,
  StateReading,
  StateStats,
} from "../../engine.ts";
import { type Grid, wholeBox } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { checkCotangents, checkRequest, keptSteps, parametersOf, stepsOf } from "../request.ts";
import { DISPOSED } from "../states.ts";
import { expandWindow } from "../window.ts";
import { compareState } from "./comparison.ts";
import { type Floats, type Precision, addTo, toPrecision, zerosLike } from "../../step/floats.ts";
import { countLiving, fireMask } from "../../step/masks.ts";
import { updateNoise } from "../../step/noise.ts";
import { type Automaton, stepBackward, stepForward } from "../../step/step.ts";

/** Longest time without a look at other tasks, in milliseconds. */
const SLICE = 20;

/** One sample of a rollout. */
type Run = {
  readonly automaton: Automaton;
  readonly steps: number;
  /** The fire mask of step t = 0, 1, ... of this rollout. */
  readonly firedAt: (t: number) => Uint8Array;
  /** The noise of its updates in step t, in the precision of `like`. */
  readonly noiseAt: (t: number, like: Floats) => Floats | undefined;
  /** Its states after 0, 1, ... steps, as far as they are remembered. */
  readonly states: Map<number, Floats>;
};

/** A state in the precision of its engine, which `owner` stands for. */
class ValueState implements State {
  readonly owner: object;
  readonly grid: Grid;
  readonly channels: number;
  readonly #rule: Rule;
  #values: Floats | undefined;

  constructor(owner: object, rule: Rule, grid: Grid, values: Floats) {
    this.owner = owner;
    this.grid = grid;
    this.channels = rule.channels;
    this.#rule = rule;
    this.#values = values;
  }

  /** Not a copy. @throws Error once it was disposed of. */
  get values(): Floats {
    if (!this.#values) throw new Error(DISPOSED);
    return this.#values;
  }

  async read(): Promise<Float32Array> {
    return new Float32Array(this.values);
  }

  async readWindow(): Promise<StateReading> {
    const { values, grid } = this;
    return {
      ...wholeBox(grid),
      data: new Float32Array(values),
      livingCells: countLiving(this.#rule, values),
    };
  }

  async stats(): Promise<StateStats> {
    return { box: wholeBox(this.grid), livingCells: countLiving(this.#rule, this.values) };
  }

  share(): ValueState {
    return new ValueState(this.owner, this.#rule, this.grid, this.values);
  }

  dispose(): void {
    this.#values = undefined;
  }
}

/** The gradient of one sample. */
type SampleGradient = Readonly<{ parameters: Floats; state: Floats; input: Floats | undefined }>;

/**
 * The oracle: plain loops over every cell, in the order of the equations, one sample after the other. What it records
 * of a rollout is the states alone; the backward pass does each step again before it pulls back through it.
 *
 * @param precision of all arithmetic, default "float32"; results are handed out as float32 in either case.
 *
 * @example
 * ```ts
 * import { initialParameters, picturePresets, referenceEngine, splitRule, startState } from "neoblast";
 *
 * // The gradient of the sum of all numbers after two steps.
 * const conventions = splitRule(picturePresets.distill);
 * const { rule } = conventions;
 * const grid = [5, 5] as const;
 * const parameters = initialParameters(rule, 0);
 * const states = [startState(conventions, grid)];
 * const engine = referenceEngine();
 * const rollout = await engine.rollout({ rule, grid, parameters, states, steps: 2, seed: 0, record: true });
 * const data = new Float32Array(5 * 5 * 16).fill(1);
 * const gradients = await rollout.backward({ cotangents: [{ sample: 0, step: 2, data }] });
 * console.log(gradients.parameters.length); // 8336
 * rollout.dispose();
 * ```
 */
export function referenceEngine({ precision = "float32" }: { precision?: Precision } = {}): Engine {
  const owner = {};
  let disposed = false;

  const copy = (values: Float32Array) => toPrecision(precision, values);

  function own(state: State): ValueState {
    if (state instanceof ValueState && state.owner === owner) return state;
    throw new RangeError("a state of another engine was given; read() it first");
  }

  function toValues(state: Float32Array | State): Floats {
    return state instanceof Float32Array ? copy(state) : own(state).values;
  }

  async function rollout(request: RolloutRequest): Promise<Rollout> {
    if (disposed) throw new Error("the engine was disposed");
    checkRequest(request);
    const { rule, grid, graft, compare: asked, seed, firstStep = 0, record = false, signal } = request;
    signal?.throwIfAborted();
    const pause = pacer(signal);
    const ownGraft = graft && { parameters: graft.parameters.map(copy), cells: graft.cells.slice() };
    const compare = asked && { ...asked, target: asked.target.slice(), steps: [...asked.steps] };
    const runs = request.states.map((state, sample): Run => {
      const id = request.sampleIds?.[sample] ?? sample;
      const input = request.inputs && copy(request.inputs[sample]);
      return {
        automaton: { rule, grid, parameters: copy(parametersOf(request, sample)), input, graft: ownGraft },
        steps: stepsOf(request, sample),
        firedAt: (t) => fireMask(rule, grid, seed, id, firstStep + t),
        noiseAt: (t, like) => updateNoise(like, rule, grid, { seed, sample: id, step: firstStep + t }),
        states: new Map([[0, toValues(state)]]),
      };
    });
    const keep = runs.map((_, sample) => new Set(keptSteps(request, sample)));

    let cellUpdates = 0;
    const compared: Float64Array[] = [];
    for (const [sample, { automaton, steps, firedAt, noiseAt, states }] of runs.entries()) {
      const measured: number[] = [];
      const measure = (t: number) => {
        if (compare?.steps.includes(t)) measured.push(compareState(rule, states.get(t)!, compare));
      };
      measure(0);
      for (let t = 0; t < steps; t++) {
        await pause();
        const S = states.get(t)!;
        const step = stepForward(automaton, S, firedAt(t), noiseAt(t, S));
        states.set(t + 1, step.next);
        cellUpdates += step.cellUpdates;
        measure(t + 1);
        if (!record && !keep[sample].has(t)) states.delete(t);
      }
      if (compare) compared.push(Float64Array.from(measured));
    }

    const stateAt = (sample: number, step: number) =>
      new ValueState(owner, rule, grid, runs[sample].states.get(step)!);
    const kept = keep.map(
      (steps, sample) => new Map([...steps].map((step) => [step, stateAt(sample, step)])),
    );
    let recorded = record;
    return {
      final: runs.map(({ steps }, sample) => stateAt(sample, steps)),
      kept(sample, step) {
        const state = kept[sample]?.get(step);
        if (!state) throw new RangeError(`the state of sample ${sample} after step ${step} was not kept`);
        return state;
      },
      stats: () => Promise.resolve({ cellUpdates, compared }),
      async backward(gradientRequest) {
        if (disposed) throw new Error("the engine was disposed");
        if (!recorded) throw new Error("backward needs a rollout that was recorded and not disposed");
        checkCotangents(request, gradientRequest.cotangents);
        return pullBack(runs, request.parameters instanceof Float32Array, gradientRequest);
      },
      dispose() {
        recorded = false;
        for (const { states } of runs) states.clear();
      },
    };
  }

  return {
    name: "reference",
    build: precision,
    declines: () => undefined,
    rollout,
    read: (states) => Promise.all(states.map(async (state) => own(state).readWindow())),
    dispose() {
      disposed = true;
      return Promise.resolve();
    },
  };
}

/** @param shared whether all samples have the same parameters, whose gradients then add up. */
async function pullBack(
  runs: readonly Run[],
  shared: boolean,
  { cotangents, states, signal }: GradientRequest,
): Promise<Gradients> {
  signal?.throwIfAborted();
  const pause = pacer(signal);
  const gradients: SampleGradient[] = [];
  for (const [sample, run] of runs.entries()) {
    const own = cotangents.filter((cotangent) => cotangent.sample === sample);
    gradients.push(await pullBackSample(run, own, pause));
  }
  const handOut = (pick: (gradient: SampleGradient) => Floats) =>
    gradients.map((gradient) => new Float32Array(pick(gradient)));
  const [{ parameters: total, input }] = gradients;
  if (shared) for (const { parameters } of gradients.slice(1)) addTo(total, parameters);
  return {
    parameters: shared ? new Float32Array(total) : handOut(({ parameters }) => parameters),
    ...(states && { states: handOut(({ state }) => state) }),
    ...(input && { inputs: handOut((gradient) => gradient.input!) }),
  };
}

/** A cotangent of shape (...grid, C). */
function wholeOf({ data, box }: Cotangent, { grid, rule }: Automaton): Float32Array {
  return box ? expandWindow({ ...box, data }, grid, rule.channels) : data;
}

async function pullBackSample(
  { automaton, firedAt, noiseAt, states }: Run,
  cotangents: readonly Cotangent[],
  pause: () => Promise<void>,
): Promise<SampleGradient> {
  const { parameters, input } = automaton;
  const dParameters = zerosLike(parameters, parameters.length);
  const dInput = input && zerosLike(input, input.length);
  const initial = states.get(0)!;
  let dS = zerosLike(initial, initial.length);
  const add = (step: number) => {
    for (const cotangent of cotangents) if (cotangent.step === step) addTo(dS, wholeOf(cotangent, automaton));
  };
  for (let step = Math.max(0, ...cotangents.map((cotangent) => cotangent.step)); step > 0; step--) {
    await pause();
    add(step);
    const S = states.get(step - 1)!;
    const done = stepForward(automaton, S, firedAt(step - 1), noiseAt(step - 1, S));
    const dNext = dS;
    dS = zerosLike(initial, initial.length);
    stepBackward(automaton, done, dNext, dS, dParameters, dInput);
  }
  add(0);
  return { parameters: dParameters, state: dS, input: dInput };
}

/** To be called between steps: throws once the signal is aborted, and lets other tasks run now and then. */
function pacer(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since > SLICE) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    signal?.throwIfAborted();
  };
}
