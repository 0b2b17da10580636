/** What a sample may be asked to draw, and the input that its cells get for it. */
import type { ParameterEntry } from "../rule/parameters.ts";

/** Pictures that a sample may be asked for, by number. */
export interface Goals {
  readonly count: number;
  /** Shape (H, W, K) with K from the readout's channels on, of which the first count; premultiplied or not as it says. */
  target(goal: number): Float32Array;
  /** What makes their input. Absent: the rule has no input. */
  readonly conditioner?: Conditioner;
}

/** What gives each sample's cells their input. */
export interface Conditioner {
  /** Trained along with the automaton, by the same optimiser; absent: nothing is. */
  readonly network?: Network;
  /**
   * Makes the inputs of a training step.
   *
   * @param goals of each sample.
   * @param step training step, for whatever is random.
   * @param network the network's numbers as trained so far, good for this step alone; empty where there is none.
   */
  condition(
    goals: readonly number[],
    step: number,
    network: Float32Array,
  ): Conditioning | Promise<Conditioning>;
}

/** What gives samples their initial states by a network that is trained along. */
export interface Starter {
  readonly network: Network;
  /** Shape (...grid, C). @param network its numbers as trained so far. */
  start(goal: number, network: Float32Array): Float32Array;
  /**
   * Pulls d mean objective / d initial state of a sample back to the network's numbers.
   *
   * @param gradient where to add that: flat, as the network's table says.
   */
  pullback(goal: number, cotangent: Float32Array, gradient: Float32Array): void;
}

/** Trained numbers beside the automaton's. */
export type Network = Readonly<{
  table: readonly ParameterEntry[];
  /** Before training: flat, as the table says. */
  initial: Float32Array;
}>;

/** The inputs of a batch, and the way back through what made them. */
export interface Conditioning {
  /** Input of each sample. */
  readonly inputs: readonly Float32Array[];
  /** What the network is to minimise beside the samples' objectives; default 0. */
  readonly penalty?: number;
  /**
   * Pulls the inputs' cotangents back to the network's numbers.
   *
   * @param cotangents d mean objective / d input of each sample.
   * @param gradient where to write that of the whole objective: flat, as the network's table says.
   */
  pullback?(cotangents: readonly Float32Array[], gradient: Float32Array): void | Promise<void>;
}

/** One picture, for which cells need no input. */
export function oneGoal(target: Float32Array): Goals {
  return { count: 1, target: () => target };
}

/**
 * Several pictures, each called for by an input that is 1 in its place and 0 elsewhere.
 *
 * Source: conditional growing in CAX (Faldor and Cully, 2024), notebook 41.
 */
export function severalGoals(targets: readonly Float32Array[]): Goals {
  const count = targets.length;
  const inputs = targets.map((_, goal) => oneHot(goal, count));
  return {
    count,
    target: (goal) => targets[goal],
    conditioner: { condition: (goals) => ({ inputs: goals.map((goal) => inputs[goal]) }) },
  };
}

/** The input that calls for one of `count` goals. */
export function oneHot(goal: number, count: number): Float32Array {
  const input = new Float32Array(count);
  input[goal] = 1;
  return input;
}
