/** One thread's share of the engine: runs samples forward, remembers what was recorded, pulls cotangents back. */
import type { Graft } from "../../engine.ts";
import type { Grid, Rule } from "../../rule/rule.ts";
import type { StateWindow } from "../window.ts";
import { Automaton, type StepRecord } from "./automaton.ts";
import { layoutKey } from "./layout.ts";
import { BlockPool, Tape } from "./tape.ts";

/** A sample to roll out. */
export type RunJob = {
  readonly rule: Rule;
  readonly grid: Grid;
  readonly parameters: Float32Array;
  readonly input: Float32Array | undefined;
  readonly graft: Graft | undefined;
  readonly state: StateWindow;
  readonly steps: number;
  readonly seed: number;
  readonly sample: number;
  readonly firstStep: number;
  /** Steps whose states are returned, ascending. */
  readonly keep: readonly number[];
  /** Bytes to remember for the backward pass; 0 for nothing. */
  readonly budget: number;
  /** Names what was recorded. */
  readonly tape: number;
};

export type KeptState = { readonly step: number; readonly window: StateWindow; readonly livingCells: number };

export type RunResult = {
  readonly final: KeptState;
  readonly kept: KeptState[];
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

type Workspace = { readonly automaton: Automaton; readonly blocks: BlockPool };
type Recorded = { readonly job: RunJob; readonly workspace: Workspace; readonly tape: Tape };

/** Memories kept for rules and grids seen last. */
const WORKSPACES = 4;

export class Lane {
  readonly #module: WebAssembly.Module;
  readonly #workspaces = new Map<string, Workspace>();
  readonly #recorded = new Map<number, Recorded>();

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  async run(job: RunJob, breathe: Breathe): Promise<RunResult> {
    const workspace = this.#workspace(job);
    const { automaton } = workspace;
    automaton.configure(job.rule, job.parameters, job.input, job.graft);
    automaton.load(job.state);
    const tape = job.budget > 0 ? new Tape(workspace.blocks, job.budget) : undefined;
    const kept: KeptState[] = [];
    let cellUpdates = 0;
    try {
      for (let step = 0; ; step++) {
        if (job.keep.includes(step)) kept.push(stateAfter(automaton, step));
        if (step === job.steps) break;
        cellUpdates += this.#orForget(workspace, () => advance(workspace, job, step, tape));
        const pause = breathe();
        if (pause) await pause;
      }
    } catch (error) {
      tape?.clear();
      throw error;
    }
    if (tape) this.#recorded.set(job.tape, { job, workspace, tape });
    return { final: stateAfter(automaton, job.steps), kept, cellUpdates };
  }

  async pull({ tape: name, cotangents, wantState }: PullJob, breathe: Breathe): Promise<PullResult> {
    const { job, workspace, tape } = this.#recorded.get(name)!;
    const { automaton } = workspace;
    automaton.configure(job.rule, job.parameters, job.input);
    automaton.network.zeroGradients();
    automaton.clearCotangent();
    for (let step = Math.max(...cotangents.map((cotangent) => cotangent.step)); ; step--) {
      for (const cotangent of cotangents) {
        if (cotangent.step === step) automaton.addCotangent(cotangent.window);
      }
      if (step === 0) break;
      if (!automaton.hasCotangent()) continue;
      this.#orForget(workspace, () =>
        automaton.pullBack(tape.get(step - 1) ?? replay(workspace, job, tape, step - 1)),
      );
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
      for (const [key, known] of this.#workspaces) if (known === workspace) this.#workspaces.delete(key);
      throw error;
    }
  }

  #workspace({ rule, grid, graft }: RunJob): Workspace {
    const grafts = graft?.parameters.length ?? 0;
    const key = layoutKey(rule, grid, grafts);
    let workspace = this.#workspaces.get(key);
    this.#workspaces.delete(key);
    if (!workspace) {
      const automaton = new Automaton(this.#module, rule, grid, grafts);
      workspace = { automaton, blocks: new BlockPool(automaton) };
    }
    this.#workspaces.set(key, workspace);
    if (this.#workspaces.size > WORKSPACES) this.#workspaces.delete(this.#workspaces.keys().next().value!);
    return workspace;
  }
}

function stateAfter(automaton: Automaton, step: number): KeptState {
  return { step, window: automaton.window(), livingCells: automaton.livingCells() };
}

/** Runs and, given a tape, records one step; returns the cells updated. */
function advance(
  { automaton, blocks }: Workspace,
  job: RunJob,
  step: number,
  tape: Tape | undefined,
): number {
  const number = job.firstStep + step;
  if (!tape) return automaton.step(job, number).count;
  tape.mark(step, () => automaton.window());
  const record = automaton.step(job, number, () => blocks.take());
  tape.add(step, record);
  return record.count;
}

/** Makes the record of a step again that no longer fitted, and of as many before it as fit. */
function replay(workspace: Workspace, job: RunJob, tape: Tape, step: number): StepRecord {
  tape.clear();
  const checkpoint = tape.checkpointBefore(step);
  workspace.automaton.load(checkpoint.window);
  for (let again = checkpoint.step; again <= step; again++) advance(workspace, job, again, tape);
  return tape.get(step)!;
}
