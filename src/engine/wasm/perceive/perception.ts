/** The contract of a kind of perception with the rest of this engine; a file each for the kinds, `kinds.ts` lists them. */
import type { Rule } from "../../../rule/rule.ts";
import type { Heap } from "../heap.ts";
import type { Cells, Kernels, Listed } from "../kernels.ts";

/**
 * A chunk on its way back: where its block, and the cotangents of its deltas and of its layers' inputs lie. The block begins with
 * the list of its cells.
 */
export type Pulled = Readonly<{
  cells: number;
  block: number;
  dDelta: number;
  cotangents: number;
}>;

/** What the cells of a chunk see by one parameter set, forward and backward. */
export interface Perception {
  /** Sets what rule and parameters give. */
  configure(rule: Rule, parameters: Float32Array): void;
  /** Fills the first layer's input in a block, and what else there {@link scatter} needs. Any thread does it, of any chunk. */
  perceive(chunk: Listed, state: Cells, block: number): void;
  zeroGradients(): void;
  /** Of the adjoint of {@link perceive}, what looks at nothing but the chunk and the state before the step. Any thread does it. */
  pull?(chunk: Pulled): void;
  /** The rest: adds to the cotangent and to the gradients. One thread does it, chunk after chunk. */
  scatter(chunk: Pulled, cotangent: Cells): void;
  /** Writes the gradients added up since {@link zeroGradients} into those of all parameters. */
  readGradients(gradient: Float32Array): void;
}

/** What memory is laid out for, and who lays it out. */
export type Room = Readonly<{
  channels: number;
  paddedChannels: number;
  cellBytes: number;
  /** Cells from one row to the next. */
  rowStride: number;
  /** Parameter sets: the sample's own, and grafted ones, which have no backward pass. */
  sets: number;
  threads: number;
  /** Where the first layer's input lies in a block, and its cotangent among those of a chunk. */
  input: number;
  dInput: number;
  /** Address of so many bytes, which are 0 at first. */
  place(bytes: number): number;
  /** Where so many bytes lie in every block of the tape. */
  placeInBlock(bytes: number): number;
  /** Where so many bytes lie among the cotangents of every chunk. */
  placeInCotangents(bytes: number): number;
  /** Has each step's state recorded. @returns where the one before the step that is pulled back will lie. */
  recordState(): Cells;
}>;

/** @param set number of the parameter set: 0 for the sample's own. @param thread of those that work on it together. */
export type MakePerception = (
  tools: Readonly<{ kernels: Kernels; heap: Heap; set: number; thread: number }>,
) => Perception;

export type PerceptionKind = Readonly<{
  /** Sizes, beside the field `perceive`, that {@link layOut} depends on. */
  sizes(rule: Rule): readonly number[];
  layOut(rule: Rule, room: Room): MakePerception;
}>;

/** Bytes from a cell to the one at an offset, [columns] or [rows, columns]. */
export function distance(
  { rowStride, cellBytes }: Pick<Room, "rowStride" | "cellBytes">,
  offset: readonly number[],
): number {
  return offset.reduce((cells, along) => cells * rowStride + along, 0) * cellBytes;
}
