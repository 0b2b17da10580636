/** What a worker does: runs samples forward, remembers what was recorded, pulls cotangents back. */
import type { Comparison, Graft } from "../../engine.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { StateWindow } from "../window.ts";
import { Automaton, type Sharing, type StepRecord } from "./automaton.ts";
import type { SharedWorkspace } from "./helper.ts";
import { layoutKey } from "./layout.ts";
import { BlockPool, Tape } from "./tape.ts";

/** What a sample has to itself. */
export type SampleJob = {
  readonly parameters: Float32Array;
  readonly input: Float32Array | undefined;
  readonly state: StateWindow;
  readonly steps: number;
  /** Its number in the fire masks. */
  readonly id: number;
  /** Steps whose states are returned, ascending. */
  readonly keep: readonly number[];
  /** Names what was recorded. */
  readonly tape: number;
};

/** Samples of one rollout, to be run one after another. */
export type RunJob = {
  readonly rule: Rule;
  readonly grid: Plane;
  readonly graft: Graft | undefined;
  readonly seed: number;
  readonly firstStep: number;
  readonly compare: Comparison | undefined;
  /** Bytes to remember of each sample for the backward pass; 0 for nothing. */
  readonly budget: number;
  readonly samples: readonly SampleJob[];
};

export type KeptState = { readonly step: number; readonly window: StateWindow; readonly livingCells: number };

export type RunResult = {
  readonly final: KeptState;
  readonly kept: KeptState[];
  /** One number for each step compared. */
  readonly compared: number[];
  readonly cellUpdates: number;
};

/** Cotangents of a recorded sample, to pull back. */
export type PullJob = {
  readonly tape: number;
  readonly cotangents: readonly { readonly step: number; readonly window: StateWindow }[];
  readonly wantState: boolean;
};

export type PullResult = {
  readonly parameters: Float32Array;
  readonly input: Float32Array | undefined;
  readonly state: StateWindow | undefined;
};

/** Called between steps; a promise is awaited, and its rejection ends the job. */
export type Breathe = () => Promise<void> | undefined;

type Workspace = { readonly id: number; readonly automaton: Automaton; readonly blocks: BlockPool };
type Run = { readonly job: RunJob; readonly sample: SampleJob; readonly workspace: Workspace };
type Recorded = { readonly run: Run; readonly tape: Tape };

/** Memories kept for rules and grids seen last. */
const WORKSPACES = 4;

/** With whom a runner shares its samples' steps, and who hears of its workspaces. */
export type SharedRunning = Sharing &
  Readonly<{
    added(workspace: Omit<SharedWorkspace, "owner">): void;
    removed(id: number): void;
  }>;

export class JobRunner {
  readonly #module: WebAssembly.Module;
  readonly #sharing: SharedRunning | undefined;
  #nextWorkspace = 0;
  readonly #workspaces = new Map<string, Workspace>();
  readonly #recorded = new Map<number, Recorded>();

  constructor(module: WebAssembly.Module, sharing?: SharedRunning) {
    this.#module = module;
    this.#sharing = sharing;
  }

  /** One result a sample. */
  async run(job: RunJob, breathe: Breathe): Promise<RunResult[]> {
    const workspace = this.#workspace(job);
    const results: RunResult[] = [];
    for (const sample of job.samples)
      results.push(await this.#runSample({ job, sample, workspace }, breathe));
    return results;
  }

  async #runSample(run: Run, breathe: Breathe): Promise<RunResult> {
    const { job, sample, workspace } = run;
    const { compare, budget } = job;
    const { automaton, blocks } = workspace;
    automaton.configure(job.rule, sample.parameters, sample.input, job.graft);
    automaton.load(sample.state);
    const tape = budget > 0 ? new Tape(blocks, budget) : undefined;
    const kept: KeptState[] = [];
    const compared: number[] = [];
    let cellUpdates = 0;
    try {
      for (let step = 0; ; step++) {
        if (sample.keep.includes(step)) kept.push(stateAfter(automaton, step));
        if (compare?.steps[compared.length] === step) compared.push(automaton.compare(compare));
        if (step === sample.steps) break;
        cellUpdates += this.#orForget(workspace, () => advance(run, step, tape));
        const pause = breathe();
        if (pause) await pause;
      }
    } catch (error) {
      tape?.clear();
      throw error;
    }
    if (tape) this.#recorded.set(sample.tape, { run, tape });
    return { final: stateAfter(automaton, sample.steps), kept, compared, cellUpdates };
  }

  async pull({ tape: name, cotangents, wantState }: PullJob, breathe: Breathe): Promise<PullResult> {
    const { run, tape } = this.#recorded.get(name)!;
    const { job, sample, workspace } = run;
    const { automaton } = workspace;
    automaton.configure(job.rule, sample.parameters, sample.input);
    automaton.network.zeroGradients();
    automaton.clearCotangent();
    for (let step = Math.max(...cotangents.map((cotangent) => cotangent.step)); ; step--) {
      for (const cotangent of cotangents) {
        if (cotangent.step === step) automaton.addCotangent(cotangent.window);
      }
      if (step === 0) break;
      if (!automaton.hasCotangent()) continue;
      this.#orForget(workspace, () => automaton.pullBack(tape.get(step - 1) ?? replay(run, tape, step - 1)));
      const pause = breathe();
      if (pause) await pause;
    }
    const state = wantState ? automaton.cotangentWindow() : undefined;
    return { ...automaton.network.readGradients(), state };
  }

  /** Frees what a rollout recorded. */
  release(name: number): void {
    this.#recorded.get(name)?.tape.clear();
    this.#recorded.delete(name);
  }

  /** Does a step; a workspace in which one failed half-way, for want of memory, is not used again. */
  #orForget<T>(workspace: Workspace, work: () => T): T {
    try {
      return work();
    } catch (error) {
      for (const [key, known] of this.#workspaces) if (known === workspace) this.#forget(key);
      throw error;
    }
  }

  #workspace({ rule, grid, graft }: RunJob): Workspace {
    const grafts = graft?.parameters.length ?? 0;
    const key = layoutKey(rule, grid, grafts);
    let workspace = this.#workspaces.get(key);
    this.#workspaces.delete(key);
    if (!workspace) {
      const automaton = new Automaton(this.#module, rule, grid, grafts, this.#sharing);
      const id = this.#nextWorkspace++;
      workspace = { id, automaton, blocks: new BlockPool(automaton) };
      this.#sharing?.added({ id, memory: automaton.heap.memory, rule, grid, grafts });
    }
    this.#workspaces.set(key, workspace);
    if (this.#workspaces.size > WORKSPACES) this.#forget(this.#workspaces.keys().next().value!);
    return workspace;
  }

  #forget(key: string): void {
    const workspace = this.#workspaces.get(key);
    this.#workspaces.delete(key);
    if (workspace) this.#sharing?.removed(workspace.id);
  }
}

function stateAfter(automaton: Automaton, step: number): KeptState {
  return { step, window: automaton.window(), livingCells: automaton.livingCells() };
}

/** Runs and, given a tape, records one step; returns the cells updated. */
function advance({ job, sample, workspace }: Run, step: number, tape: Tape | undefined): number {
  const { automaton, blocks } = workspace;
  const key = { seed: job.seed, sample: sample.id };
  const number = job.firstStep + step;
  if (!tape) return automaton.step(key, number).count;
  tape.mark(step, () => automaton.window());
  const record = automaton.step(key, number, () => blocks.take());
  tape.add(step, record);
  return record.count;
}

/** Makes the record of a step again that no longer fitted, and of as many before it as fit. */
function replay(run: Run, tape: Tape, step: number): StepRecord {
  tape.clear();
  const checkpoint = tape.checkpointBefore(step);
  run.workspace.automaton.load(checkpoint.window);
  for (let again = checkpoint.step; again <= step; again++) advance(run, again, tape);
  return tape.get(step)!;
}
