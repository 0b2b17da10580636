/**
 * The engine contract: what runs an automaton forward and pulls cotangents back. Implementations live in
 * `engine/`; all pass the one conformance suite (`engine/conformance.case.ts`) and give the same masks bit for bit.
 *
 * Training is an explicit vector-Jacobian product, so that encoders, critics and losses written with any other
 * library chain to an automaton without glue inside either.
 */
import type { Box, Grid, Rule } from "./rule/rule.ts";

/**
 * The state of one sample, wherever its engine keeps it. Immutable: a rollout makes new ones. Handing it to another
 * rollout of the same engine avoids a copy.
 */
export interface State {
  readonly grid: Grid;
  readonly channels: number;
  /** Outside this box the state is zero; inside, it may be. */
  readonly box: Box;
  /** Cells whose alive channel exceeds the threshold; all cells for a rule without a mask. */
  readonly livingCells: number;
  /** A fresh array of shape (H, W, C). */
  read(): Promise<Float32Array>;
  /** A fresh array of shape (box.height, box.width, C): the same without the zeros around. */
  readBox(): Promise<Float32Array>;
}

/** Cells of one grid that run other parameters than the rest: two or more automata grown together. */
export interface Graft {
  /** Flat parameter sets of the request's rule, the same for all samples; `rule/graft.ts` fits those of other models. */
  readonly parameters: readonly Float32Array[];
  /** Shape (H, W): 0 where a cell runs its sample's own parameters, n where it runs `parameters[n - 1]`. */
  readonly cells: Uint8Array;
}

/** A picture that states are compared with where they lie, so that nothing but numbers travels. */
export interface Comparison {
  /** Shape (H, W, 4), of which the first channels count; premultiplied or not as the states are. */
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

export interface RolloutRequest {
  readonly rule: Rule;
  readonly grid: Grid;
  /** One flat parameter set for all samples (`rule/parameters.ts`), or one per sample. */
  readonly parameters: Float32Array | readonly Float32Array[];
  /** Which cells run which parameters; default: all run the sample's own. Forward only: not with `record`. */
  readonly graft?: Graft;
  /** Initial state of each sample: an array of shape (H, W, C), or a state of this engine. */
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
  /** Steps (0, the initial state, to `steps`) whose states stay readable through `Rollout.kept`, for all samples or by sample. */
  readonly keep?: readonly number[] | ((sample: number) => readonly number[]);
  /** Compare states with a picture on the way; see `Rollout.compared`. */
  readonly compare?: Comparison;
  /** Remember what `backward` needs. Default false. */
  readonly record?: boolean;
  readonly signal?: AbortSignal;
}

/** d loss / d state of one sample after one step; `step` counts from 0, the initial state. */
export interface Cotangent {
  readonly sample: number;
  readonly step: number;
  /** Shape (H, W, C), or (box.height, box.width, C). Several for the same sample and step add up. */
  readonly data: Float32Array;
  /** Outside this box the cotangent is zero; default: the whole grid. */
  readonly box?: Box;
}

export interface GradientRequest {
  /** At least one; samples without any contribute nothing and cost nothing. */
  readonly cotangents: readonly Cotangent[];
  /** Also return d loss / d initial state. Default false. */
  readonly states?: boolean;
  readonly signal?: AbortSignal;
}

export interface Gradients {
  /** Flat, like the parameters: their sum over samples in sample order; or one per sample where parameters were. */
  readonly parameters: Float32Array | Float32Array[];
  /** Shape (H, W, C) per sample, where asked for. */
  readonly states?: Float32Array[];
  /** Length I per sample, where the rule has an input. */
  readonly inputs?: Float32Array[];
}

export interface Rollout {
  /** State of each sample after its last step. */
  readonly final: readonly State[];
  /** State of a sample after a step named in `keep`. RangeError for any other. */
  kept(sample: number, step: number): State;
  /** What `compare` measured of a sample: a number for each of its steps. RangeError where nothing was compared. */
  compared(sample: number): Float64Array;
  /** Cells updated, summed over samples and steps: the work done. */
  readonly cellUpdates: number;
  /** Pulls cotangents back; may be called repeatedly until `dispose`. Error for a rollout that was not recorded. */
  backward(request: GradientRequest): Promise<Gradients>;
  /** Frees what was recorded. Needed after each recorded rollout; states stay readable. */
  dispose(): void;
}

export interface Engine {
  readonly name: "reference" | "wasm" | "webgpu";
  /** What the bits depend on beside seed and configuration: "relaxed", "strict", "float32", ... */
  readonly build: string;
  /**
   * Runs every sample for `steps` steps.
   * @throws RangeError where the request does not fit its rule; AbortError (a DOMException) when aborted.
   */
  rollout(request: RolloutRequest): Promise<Rollout>;
  /** Stops threads and frees memory. Later calls reject. */
  dispose(): Promise<void>;
}
