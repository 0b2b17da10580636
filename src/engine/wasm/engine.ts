import type {
  Cotangent,
  Engine,
  GradientRequest,
  Gradients,
  Rollout,
  RolloutRequest,
  RolloutStats,
  State,
  StateReading,
} from "../../engine.ts";
import { parameterCount } from "../../rule/parameters.ts";
import { perceiveName } from "../../rule/parts/perceive.ts";
import { type Box, planeOf } from "../../rule/grid.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import { checkCotangents, checkRequest, keptSteps, parametersOf, stepsOf } from "../request.ts";
import { WindowState } from "../states.ts";
import { boxOf, cropState, cutWindow, expandWindow, type StateWindow } from "../window.ts";
import { workerSource } from "./generated/kernels.ts";
import { compileKernels, type KernelBuild, supportsRelaxedSimd, supportsSharedMemory } from "./compile.ts";
import { Board } from "./control.ts";
import type { KeptState, PullResult, RunResult, SampleJob } from "./jobs.ts";
import { compiledKind } from "./perceive/kinds.ts";
import { inlinePort, workerPort, type WorkerPort, type Spawn } from "./port.ts";
import { spawnWebWorker } from "./spawn.ts";

/** Settings of `createWasmEngine`. Bits depend on `kernels` alone. */
export type WasmEngineOptions = Readonly<{
  /** Workers to compute in; 0 (default): in the calling thread, which breathes every 50 ms. */
  threads?: number;
  /** Default "auto": relaxed where the JavaScript engine has relaxed SIMD, else strict. Bits differ between the two. */
  kernels?: KernelBuild | "auto";
  /** Bytes that recorded rollouts may take before steps are computed again instead; default 768 MiB, with which a Node
   * process stays below 1 GiB. */
  memoryBudget?: number;
  /** How to start a worker; default: a web worker. @internal */
  spawn?: Spawn;
  /** Kernels to take for the relaxed ones, of the same bits, as hexadecimal digits. @internal */
  wideKernels?: string | undefined;
  /** Whether workers share memory, and so a sample's steps; default "auto": where the platform lets them. */
  sharedMemory?: boolean | "auto";
  /** Processors that there are: no more workers than that share steps. Default: what the platform says, or else all. */
  processors?: number;
}>;

/**
 * The CPU engine: WebAssembly SIMD kernels that compute just the cells that fire and can matter, exactly
 * (`engine/README.md`). Samples are spread over threads, and threads without a sample help with the steps of the others
 * where memory can be shared; gradients are added in a fixed order, so results are the same bits whatever the number of
 * threads.
 *
 * @throws RangeError for a number of threads or a budget out of range, or for relaxed kernels where the JavaScript
 *   engine has no relaxed SIMD.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { createWasmEngine, decodeModel, startState } from "neoblast";
 *
 * const model = decodeModel(await readFile("lizard.safetensors"));
 * const { rule, parameters, provenance } = model;
 * const { grid } = provenance;
 * const engine = await createWasmEngine();
 * const states = [startState(model, grid)];
 * const { final } = await engine.rollout({ rule, grid, parameters, states, steps: 100, seed: 0 });
 * const numbers = await final[0].read();
 * console.log(grid, rule.channels, numbers.length); // [ 72, 72 ] 16 82944
 * await engine.dispose();
 * ```
 */
export async function createWasmEngine(options: WasmEngineOptions = {}): Promise<Engine> {
  const { threads = 0 } = options;
  if (threads !== 0) return createWorkerEngine({ ...options, threads });
  return startEngine({ ...options, sharedMemory: false }, (module) => [inlinePort(module)]);
}

/** {@link createWasmEngine} with at least one worker: what computes in the calling thread is not in bundles of this one. */
export async function createWorkerEngine(options: WasmEngineOptions & { threads: number }): Promise<Engine> {
  const { threads, spawn = spawnWebWorker, processors = processorsHere() ?? threads } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new RangeError(`threads must be a whole number from 0 to 256, not ${threads}`);
  }
  return startEngine(options, (module, sharesMemory) => {
    if (!sharesMemory) return Array.from({ length: threads }, () => workerPort(spawn(workerSource), module));
    const { words } = Board.create(threads);
    const ports = Array.from({ length: threads }, (_, thread) =>
      workerPort(spawn(workerSource), module, {
        membership: { words, thread, threads, helps: thread < processors },
        relay: (request) => ports.forEach((port, other) => other !== thread && port.post(request)),
      }),
    );
    return ports;
  });
}

function processorsHere(): number | undefined {
  return globalThis.navigator?.hardwareConcurrency;
}

async function startEngine(
  {
    kernels = "auto",
    memoryBudget = 3 * 2 ** 28,
    sharedMemory = "auto",
    threads = 0,
    wideKernels,
  }: WasmEngineOptions,
  portsOf: (module: WebAssembly.Module, sharesMemory: boolean) => WorkerPort[],
): Promise<Engine> {
  if (!(memoryBudget > 0))
    throw new RangeError(`memoryBudget must be a positive number of bytes, not ${memoryBudget}`);
  const relaxed = supportsRelaxedSimd();
  if (kernels === "relaxed" && !relaxed) {
    throw new RangeError("this JavaScript engine has no relaxed SIMD; use strict kernels");
  }
  const build = kernels === "auto" ? (relaxed ? "relaxed" : "strict") : kernels;
  const shares = sharedMemory === "auto" ? supportsSharedMemory() && threads > 1 : sharedMemory;
  if (shares && !supportsSharedMemory()) {
    throw new RangeError(
      "threads cannot share memory here; a page must be isolated from other origins for that",
    );
  }
  return new WasmEngine(
    build,
    portsOf(await compileKernels(build, shares, wideKernels), shares),
    memoryBudget,
  );
}

class WasmEngine implements Engine {
  readonly name = "wasm";
  readonly build: KernelBuild;
  readonly #workers: readonly WorkerPort[];
  readonly #memoryBudget: number;
  #nextTape = 0;
  #disposed = false;

  constructor(build: KernelBuild, workers: readonly WorkerPort[], memoryBudget: number) {
    this.build = build;
    this.#workers = workers;
    this.#memoryBudget = memoryBudget;
  }

  async rollout(asked: RolloutRequest): Promise<Rollout> {
    this.#refuseIfDisposed();
    const declined = this.declines(asked.rule);
    if (declined !== undefined) throw new RangeError(declined);
    checkRequest(asked);
    const request = { ...asked, ...ownNumbers(asked) };
    const { rule, grid, signal } = request;
    signal?.throwIfAborted();
    const batch = request.states.length;
    const firstTape = this.#nextTape;
    this.#nextTape += batch;
    const workers = this.#workers;
    const common = {
      rule,
      grid: planeOf(grid),
      graft: request.graft,
      seed: request.seed | 0,
      firstStep: request.firstStep ?? 0,
      compare: request.compare,
      budget: request.record ? this.#memoryBudget / batch : 0,
    };
    const windowAt = windowing(request);
    const jobOf = (sample: number): SampleJob => ({
      parameters: parametersOf(request, sample),
      input: request.inputs?.[sample],
      state: windowAt(sample),
      steps: stepsOf(request, sample),
      id: (request.sampleIds?.[sample] ?? sample) | 0,
      keep: keptSteps(request, sample),
      tape: firstTape + sample,
    });
    const owners: WorkerPort[] = [];
    const results: RunResult[] = [];
    // What was recorded stays with its worker for the backward pass, so each gets its share: then no worker's memory grows for
    // more, and none has more to pull back. The price: where no memory is shared, who got the shorter samples waits.
    const share = request.record ? Math.ceil(batch / workers.length) : batch;
    const taken = new Map<WorkerPort, number>();
    let next = 0;
    const work = async (worker: WorkerPort, last: number) => {
      for (;;) {
        const first = next;
        const own = taken.get(worker) ?? 0;
        const fair = Math.max(1, Math.floor((batch - first) / (4 * workers.length)));
        const count = Math.min(fair, share - own);
        if (first >= last || count === 0) return;
        next += count;
        taken.set(worker, own + count);
        const samples = Array.from({ length: next - first }, (_, i) => jobOf(first + i));
        for (const sample of samples.keys()) owners[first + sample] = worker;
        const done = await worker.run({ ...common, samples }, signal);
        done.forEach((result, sample) => (results[first + sample] = result));
      }
    };
    // A second job waits at each worker, so that none is idle while messages travel. Jobs become smaller, and the last
    // ones go to who is first, or has not had its share, so that all finish at about the same time.
    const working = [
      ...workers.map((worker) => work(worker, batch)),
      ...workers.map((worker) => work(worker, batch - workers.length)),
    ];
    for (const worker of workers) worker.help();
    const outcomes = await Promise.allSettled(working);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) {
      if (request.record) owners.forEach((worker, sample) => worker.release(firstTape + sample));
      throw failed.reason;
    }
    const tapes = request.record ? { owners, first: firstTape } : undefined;
    return new WasmRollout(request, results, tapes, workers, () => this.#refuseIfDisposed());
  }

  declines(rule: Rule): string | undefined {
    if (axesOf(rule) === 3) return "the wasm engine runs grids of one and two axes, not of three";
    return compiledKind(rule)
      ? undefined
      : `the wasm engine has no kernels for a perception of the kind ${perceiveName(rule)}`;
  }

  async read(states: readonly State[]): Promise<StateReading[]> {
    return Promise.all(states.map((state) => asOwn(state).readWindow()));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const worker of this.#workers) worker.close();
  }

  #refuseIfDisposed(): void {
    if (this.#disposed) throw new Error("the engine was disposed");
  }
}

const copy = (numbers: Float32Array) => numbers.slice();

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += values[i];
}

/** Copies of what the caller may change while workers and the backward pass still need it. */
function ownNumbers({
  parameters,
  inputs,
  graft,
  compare,
}: RolloutRequest): Pick<RolloutRequest, "parameters" | "inputs" | "graft" | "compare"> {
  return {
    parameters: parameters instanceof Float32Array ? copy(parameters) : parameters.map(copy),
    ...(inputs && { inputs: inputs.map(copy) }),
    ...(graft && { graft: { parameters: graft.parameters.map(copy), cells: graft.cells.slice() } }),
    ...(compare && { compare: { ...compare, target: copy(compare.target), steps: [...compare.steps] } }),
  };
}

/**
 * The initial state of each sample; one array for several is one window, which travels once with them. States are looked
 * at now, for they may be disposed of while the rollout is under way.
 */
function windowing({ rule, grid, states }: RolloutRequest): (sample: number) => StateWindow {
  const given = states.map((state) => (state instanceof Float32Array ? state : asOwn(state).window));
  const windows = new Map<Float32Array, StateWindow>();
  return (sample) => {
    const state = given[sample];
    if (!(state instanceof Float32Array)) return state;
    const window = windows.get(state) ?? cropState(state, grid, rule.channels);
    windows.set(state, window);
    return window;
  };
}

function asOwn(state: State): WindowState {
  if (state instanceof WindowState) return state;
  throw new RangeError("a state of another engine was given; read() it first");
}

/** Which worker remembers each sample, and the name of the first sample's tape. */
type Tapes = { readonly owners: readonly WorkerPort[]; readonly first: number };

class WasmRollout implements Rollout {
  readonly final: readonly State[];
  readonly #request: RolloutRequest;
  readonly #stats: RolloutStats;
  readonly #kept: ReadonlyMap<number, WindowState>[];
  /** Outside which the states after these steps, the last and the kept ones, are zero. */
  readonly #boxes: ReadonlyMap<number, Box>[];
  readonly #workers: readonly WorkerPort[];
  readonly #refuseIfDisposed: () => void;
  #tapes: Tapes | undefined;

  constructor(
    request: RolloutRequest,
    results: readonly RunResult[],
    tapes: Tapes | undefined,
    workers: readonly WorkerPort[],
    refuseIfDisposed: () => void,
  ) {
    const { grid, rule } = request;
    const stateOf = ({ window, livingCells }: KeptState) =>
      new WindowState(grid, rule.channels, { ...window, livingCells });
    this.#request = request;
    this.#tapes = tapes;
    this.#workers = workers;
    this.#refuseIfDisposed = refuseIfDisposed;
    this.final = results.map(({ final }) => stateOf(final));
    this.#kept = results.map(({ kept }) => new Map(kept.map((state) => [state.step, stateOf(state)])));
    this.#boxes = results.map(
      ({ final, kept }) => new Map([...kept, final].map(({ step, window }) => [step, boxOf(window)])),
    );
    this.#stats = {
      cellUpdates: results.reduce((sum, result) => sum + result.cellUpdates, 0),
      compared: request.compare ? results.map(({ compared }) => Float64Array.from(compared)) : [],
    };
  }

  kept(sample: number, step: number): State {
    const state = this.#kept[sample]?.get(step);
    if (!state) throw new RangeError(`the state of sample ${sample} after step ${step} was not kept`);
    return state;
  }

  async stats(): Promise<RolloutStats> {
    return this.#stats;
  }

  async backward({ cotangents, states, signal }: GradientRequest): Promise<Gradients> {
    this.#refuseIfDisposed();
    const request = this.#request;
    const tapes = this.#tapes;
    if (!tapes) throw new Error("backward needs a rollout that was recorded and not disposed");
    checkCotangents(request, cotangents);
    signal?.throwIfAborted();
    const bySample = request.states.map((_, sample) => cotangents.filter((c) => c.sample === sample));
    // The sample recorded last is the likeliest to be in the cache still, so it comes first.
    const pulls = bySample.map((own, sample) => ({ own, sample })).toReversed();
    const working = pulls.map(async ({ own, sample }) => {
      if (own.length === 0) return undefined;
      const windows = own.map((cotangent) => ({
        step: cotangent.step,
        window: this.#windowOf(cotangent),
      }));
      const job = { tape: tapes.first + sample, cotangents: windows, wantState: states ?? false };
      return tapes.owners[sample].pull(job, signal);
    });
    for (const worker of this.#workers) worker.help();
    const outcomes = await Promise.allSettled(working);
    const results = outcomes.map((outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
    results.reverse();
    return this.#collect(results, states ?? false);
  }

  dispose(): void {
    const tapes = this.#tapes;
    this.#tapes = undefined;
    tapes?.owners.forEach((worker, sample) => worker.release(tapes.first + sample));
  }

  /** The part of a cotangent that counts: after a step, that is where cells live; of pinned channels, everywhere. */
  #windowOf({ sample, step, data, box }: Cotangent): StateWindow {
    if (box) return { ...box, data };
    const { grid, rule } = this.#request;
    const live = step > 0 && !rule.pinned?.length ? this.#boxes[sample].get(step) : undefined;
    return live ? cutWindow(data, grid, rule.channels, live) : cropState(data, grid, rule.channels);
  }

  #collect(results: readonly (PullResult | undefined)[], wantStates: boolean): Gradients {
    const { rule, grid, parameters } = this.#request;
    const zeros = () => new Float32Array(parameterCount(rule));
    let gradient: Float32Array | Float32Array[];
    if (parameters instanceof Float32Array) {
      const sum = zeros();
      for (const result of results) if (result) addTo(sum, result.parameters);
      gradient = sum;
    } else gradient = results.map((result) => result?.parameters ?? zeros());
    const nowhere = { top: 0, left: 0, height: 0, width: 0, data: new Float32Array(0) };
    return {
      parameters: gradient,
      ...(wantStates && {
        states: results.map((result) => expandWindow(result?.state ?? nowhere, grid, rule.channels)),
      }),
      ...(rule.inputSize > 0 && {
        inputs: results.map((result) => result?.input ?? new Float32Array(rule.inputSize)),
      }),
    };
  }
}
