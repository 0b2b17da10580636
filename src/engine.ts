/**
 * The engine contract: what runs an automaton forward and pulls cotangents back. Implementations live in
 * `engine/`; all pass the one conformance suite (`conformance/`) and give the same masks bit for bit.
 *
 * An engine may compute and keep states on a device. So whatever is read back is a promise, several states are read in
 * one go, and states are disposed of by those who hold them.
 *
 * Training is an explicit vector-Jacobian product, so that encoders, critics and losses written with any other
 * library chain to an automaton without glue inside either.
 */
import type { StateWindow } from "./engine/window.ts";
import type { Box, Grid } from "./rule/grid.ts";
import type { Rule } from "./rule/rule.ts";

/** What is known of a state without its numbers. */
export type StateStats = Readonly<{
  /** Outside this box the state is zero; inside, it may be. */
  box: Box;
  /** Cells whose alive channel exceeds the threshold; all cells for a rule without a mask. */
  livingCells: number;
}>;

/** The numbers of a state inside its box, in an array of their own, and its living cells. */
export type StateReading = StateWindow & Readonly<{ livingCells: number }>;

/**
 * The state of one sample, wherever its engine keeps it. Immutable: a rollout makes new ones. Handing it to another
 * rollout of the same engine avoids a copy.
 *
 * Whoever holds a state disposes of it, and has been given it either by a rollout or by `share`. To hand it to a rollout,
 * to read it, or to show it to somebody does not give it away; who is shown a state and keeps it (a pool, a list of the
 * latest batch) keeps a `share` of it. So every state has one owner, and none has to know of the others. What is never
 * disposed of stays until the engine is; in the reference and Wasm engines, until it is garbage.
 */
export interface State {
  readonly grid: Grid;
  readonly channels: number;
  /** A fresh array of shape (...grid, C). */
  read(): Promise<Float32Array>;
  /** The same without the zeros around. Several states are read faster by `Engine.read`. */
  readWindow(): Promise<StateReading>;
  /** What is known of it without its numbers. */
  stats(): Promise<StateStats>;
  /** Another state of the same numbers, without a copy: they stay until both are disposed of. */
  share(): State;
  /**
   * Gives the numbers up. May be called again, and then does nothing. What was asked for before, readings and rollouts
   * that begin here, is still served; whatever is asked for later rejects with the sentence "the state was disposed of".
   */
  dispose(): void;
}

/** Cells of one grid that run other parameters than the rest: two or more automata grown together. */
export interface Graft {
  /** Flat parameter sets of the request's rule, the same for all samples; `rule/graft.ts` fits those of other models. */
  readonly parameters: readonly Float32Array[];
  /** Shape (...grid): 0 where a cell runs its sample's own parameters, n where it runs `parameters[n - 1]`. */
  readonly cells: Uint8Array;
}

/** A picture that states are compared with where they lie, so that nothing but numbers travels. */
export interface Comparison {
  /** Shape (...grid, 4), of which the first channels count; premultiplied or not as the states are. */
  readonly target: Float32Array;
  /** The channels of a state that are compared with the first of the target: [offset, offset + channels). */
  readonly readout: Readonly<{ offset: number; channels: number }>;
  /** Steps after which to compare: ascending whole numbers from 0, the initial state, to the steps of every sample. */
  readonly steps: readonly number[];
  /**
   * "squared-error": the mean of (state - target)^2 over all cells and compared channels; not finite where the state is
   * not.
   *
   * "wrong-pixels": the cells of which any compared channel differs from the target's when both are clamped to [0, 1]
   * and rounded to 8 bits, floor(255 v + 0.5), divided by the cells, at least 1, where the target's are not all 0. One
   * minus it is the accuracy; above 1, more is wrong outside the picture than the picture holds. NaN is wrong.
   */
  readonly measure: "squared-error" | "wrong-pixels";
}

/** Samples to run, each from a state of its own, by one rule on one grid. */
export interface RolloutRequest {
  readonly rule: Rule;
  readonly grid: Grid;
  /** One flat parameter set for all samples (`rule/parameters.ts`), or one per sample. */
  readonly parameters: Float32Array | readonly Float32Array[];
  /** Which cells run which parameters; default: all run the sample's own. Forward only: not with `record`. */
  readonly graft?: Graft;
  /** Initial state of each sample: an array of shape (...grid, C), or a state of this engine. */
  readonly states: readonly (Float32Array | State)[];
  /** Each sample's vector of length `rule.inputSize`; required exactly when that is above 0. */
  readonly inputs?: readonly Float32Array[];
  /** Steps to run: a whole number from 0 on, one for all samples or one per sample. */
  readonly steps: number | readonly number[];
  /** Unsigned 32-bit seed of the fire masks. */
  readonly seed: number;
  /** Number of the first step in the fire masks, default 0: a rollout continued at step n equals an unbroken one. */
  readonly firstStep?: number;
  /** Each sample's number in the fire masks; default 0, 1, 2, ... */
  readonly sampleIds?: readonly number[];
  /** Steps (0, the initial state, to `steps`) whose states `Rollout.kept` hands out, for all samples or by sample. */
  readonly keep?: readonly number[] | ((sample: number) => readonly number[]);
  /** Compare states with a picture on the way; see `RolloutStats.compared`. */
  readonly compare?: Comparison;
  /** Remember what `backward` needs. Default false. */
  readonly record?: boolean;
  readonly signal?: AbortSignal;
}

/** d loss / d state of one sample after one step; `step` counts from 0, the initial state. */
export interface Cotangent {
  readonly sample: number;
  readonly step: number;
  /** Shape (...grid, C), or (box.height, box.width, C). Several for the same sample and step add up. */
  readonly data: Float32Array;
  /** Outside this box the cotangent is zero; default: the whole grid. */
  readonly box?: Box;
}

/** What `Rollout.backward` pulls back. */
export interface GradientRequest {
  /** At least one; samples without any contribute nothing and cost nothing. */
  readonly cotangents: readonly Cotangent[];
  /** Also return d loss / d initial state. Default false. */
  readonly states?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * A part of a loss that an engine may take where a state S lies.
 *
 * "squared-error": scale * sum over cells n and channels k of cells[n] (S[n, channels[k]] - target[n, k])^2, with a target of
 * shape (...grid, 4), of which the first count, for 1 to 4 channels; `cells` (...grid), default 1.
 *
 * "overflow": scale * sum over all numbers of how far each lies outside [-1, 1].
 */
export type LossPart = Readonly<{ scale: number }> &
  (
    | Readonly<{
        kind: "squared-error";
        channels: readonly number[];
        target: Float32Array;
        cells?: Float32Array;
      }>
    | Readonly<{ kind: "overflow" }>
  );

/** What training minimises is the sum of `weight` times the parts. */
export type LossTerm = LossPart & Readonly<{ weight: number }>;

/** A state of a rollout whose loss is taken; its cotangent is `factor` times that of the sum of its terms. */
export type LossVisit = Readonly<{
  sample: number;
  step: number;
  factor: number;
  terms: readonly LossTerm[];
}>;

/** Losses that an engine has taken of states where they lie. */
export interface Losses {
  /** Of each visit, the value of each of its terms, without its weight. */
  readonly values: readonly (readonly number[])[];
  /** Of each visit, whether all numbers of its state lie within [-bound, bound]. */
  readonly bounded: readonly boolean[];
  /** As `Rollout.backward`, from the cotangents of these losses. */
  backward(request: Omit<GradientRequest, "cotangents">): Promise<Gradients>;
}

/** Gradients of a loss, as `Rollout.backward` gives them. */
export interface Gradients {
  /** Flat, like the parameters: their sum over samples in sample order; or one per sample where parameters were. */
  readonly parameters: Float32Array | Float32Array[];
  /** Shape (...grid, C) per sample, where asked for. */
  readonly states?: Float32Array[];
  /** Length I per sample, where the rule has an input. */
  readonly inputs?: Float32Array[];
}

/** What a rollout came to, beside its states. */
export type RolloutStats = Readonly<{
  /** Cells updated, summed over samples and steps: the work done. */
  cellUpdates: number;
  /**
   * What `compare` measured of each sample: a number for each of its steps. Empty where nothing was compared. Numbers are
   * as precise as the engine adds up: the reference and Wasm engines do in double precision.
   */
  compared: readonly Float64Array[];
}>;

/** What an engine has run, or is still running. */
export interface Rollout {
  /** State of each sample after its last step. Theirs who asked for the rollout, and to be disposed of by them. */
  readonly final: readonly State[];
  /**
   * State of a sample after a step named in `keep`, always the same one; to be disposed of like the final ones.
   * RangeError for any other step.
   */
  kept(sample: number, step: number): State;
  /** May be asked at any time, also after `dispose`. */
  stats(): Promise<RolloutStats>;
  /**
   * Takes losses of states of a recorded rollout where they lie, which saves reading states and sending cotangents. Absent where
   * an engine does not, undefined where it cannot for these visits: then losses are taken of what is read. No two visits may have
   * the same sample and step, and all must have terms of the same kinds, channels and `cells`.
   */
  losses?(visits: readonly LossVisit[], bound: number): Promise<Losses | undefined>;
  /** Pulls cotangents back; may be called repeatedly until `dispose`. Error for a rollout that was not recorded. */
  backward(request: GradientRequest): Promise<Gradients>;
  /** Frees what was recorded. Needed after each recorded rollout; its states stay. */
  dispose(): void;
}

/** What is wanted of an engine beside running a rule forward to its last step: fields of a request, by name. */
export type Need = Readonly<Partial<Record<"record" | "graft" | "compare" | "keep", boolean>>>;

/**
 * What runs automata: on a CPU by `createWasmEngine`, on a graphics device by `createWebgpuEngine`, in plain loops by
 * `referenceEngine`. Whoever holds one disposes of it.
 */
export interface Engine {
  /** What it is called where people choose one, in error messages and in records of a run. */
  readonly name: string;
  /** What the bits depend on beside seed and configuration: "relaxed", "strict", "float32", ... */
  readonly build: string;
  /**
   * Why it cannot run a rule, or not as is needed: one sentence, without a full stop. Undefined where it can. Whoever
   * chooses engines asks, takes another one and says so; a rollout of what is declined rejects with the sentence.
   */
  declines(rule: Rule, need?: Need): string | undefined;
  /**
   * Runs every sample for `steps` steps. It may resolve before its numbers are known: what is still under way is waited
   * for by whoever reads.
   *
   * @throws RangeError where the request does not fit its rule, or is declined; AbortError (a DOMException) when aborted.
   */
  rollout(request: RolloutRequest): Promise<Rollout>;
  /** Reads several of its states at once, in this order. @throws as `State.readWindow` does. */
  read(states: readonly State[]): Promise<StateReading[]>;
  /** Stops threads and frees memory, with all states of a device. Later calls reject. */
  dispose(): Promise<void>;
}
