/** The tensors of a file, sorted by what their shapes allow them to be in an automaton. */
import { FormatError, UserError } from "../../errors.ts";
import type { Tensor, TensorFile } from "../../tensor.ts";
import type { Layout } from "../interchange.ts";
import type { KernelMatrix } from "../kernelStack.ts";
import { belongsTo, compareNames, layerName, printable, quoteName } from "./names.ts";

export type Named = Readonly<{ name: string; shape: readonly number[]; data: Float32Array }>;

/** A weight of a dense layer, or of a convolution that looks at one cell. */
export type Matrix = Named &
  Readonly<{
    layer: string;
    /** Rows and columns. */
    sides: readonly [number, number];
    /** Which way round it lies, where the shape tells. */
    layout: Layout | undefined;
  }>;
export type Bias = Named & Readonly<{ layer: string }>;
/** Perception kernels: one for each feature of each channel, or one for each feature. */
export type Stack = Named & Readonly<{ matrices: readonly KernelMatrix[] }>;

export type SortedTensors = Readonly<{
  /** In the order of their names. */
  matrices: readonly Matrix[];
  biases: readonly Bias[];
  stacks: readonly Stack[];
}>;

/** Sides of perception matrices, as far as a rule's taps reach. */
const KERNEL_SIDES = [3, 5, 7, 9];
/** As many as a rule's kernels can make on a rule's channels. */
const MAX_MATRICES = 1024;

/**
 * @param ignore names of tensors, or of modules with all that belongs to them, that are left out.
 * @throws FormatError naming the tensor that can be nothing in an automaton, or holds no finite floats; UserError (exit
 * status 2) where a name to ignore is none of the file's.
 */
export function sortTensors({ tensors }: TensorFile, ignore: readonly string[] = []): SortedTensors {
  const names = Object.keys(tensors).toSorted(compareNames);
  const idle = ignore.find((named) => !names.some((name) => belongsTo(name, named)));
  if (idle !== undefined) {
    throw new UserError(`the file has no tensor ${quoteName(idle)} to ignore`, { exitCode: 2 });
  }
  const matrices: Matrix[] = [];
  const biases: Bias[] = [];
  const stacks: Stack[] = [];
  for (const name of names.filter((own) => !ignore.some((named) => belongsTo(own, named)))) {
    const { shape } = tensors[name];
    const sides = matrixSides(shape);
    const split = kernelSplit(shape);
    if (!split && !sides && shape.length !== 1) throw noUse(name, shape);
    const named = { name, shape, data: floatsOf(name, tensors[name]) };
    if (split) stacks.push({ ...named, matrices: split(named.data) });
    else if (sides) matrices.push({ ...named, ...sides, layer: layerName(name) });
    else biases.push({ ...named, layer: layerName(name) });
  }
  return { matrices, biases, stacks };
}

/** What to say of a tensor that is no part of the automaton. */
export function noUse(name: string, shape: readonly number[]): FormatError {
  return new FormatError(
    `the automaton has no use for the tensor ${quoteName(name)} of shape ${shapeText(shape)}; leave it out with --ignore ${printable(name)}`,
  );
}

/** A shape as Python prints it. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** A weight is a matrix between or before ones: (out, in), (out, in, 1, 1) in PyTorch, (1, 1, in, out) in Flax. */
function matrixSides(shape: readonly number[]): Pick<Matrix, "sides" | "layout"> | undefined {
  const spare = shape.length - 2;
  if (spare < 0 || spare > 3 || shape.includes(0)) return undefined;
  if (spare === 0) return { sides: [shape[0], shape[1]], layout: undefined };
  if (areOnes(shape.slice(2))) return { sides: [shape[0], shape[1]], layout: "out-in" };
  if (areOnes(shape.slice(0, spare))) return { sides: [shape[spare], shape[spare + 1]], layout: "in-out" };
  return undefined;
}

/** Kernels are (N, side, side) or (N, 1, side, side), as in PyTorch, or (side, side, 1, N), as in Flax. */
function kernelSplit(shape: readonly number[]): ((data: Float32Array) => KernelMatrix[]) | undefined {
  const [first, second] = shape;
  const [third, last] = shape.slice(-2);
  if (
    isKernelWindow(third, last) &&
    isCount(first) &&
    (shape.length === 3 || (shape.length === 4 && second === 1))
  ) {
    return (data) => splitBy(data, first, last, (n, place) => n * last * last + place);
  }
  // One alone, (7, 7, 1, 1), is a 1x1 convolution of PyTorch.
  if (isKernelWindow(first, second) && isCount(last) && last > 1 && shape.length === 4 && third === 1) {
    return (data) => splitBy(data, last, first, (n, place) => place * last + n);
  }
  return undefined;
}

function areOnes(part: readonly number[]): boolean {
  return part.every((side) => side === 1);
}

function isCount(count: number): boolean {
  return count > 0 && count <= MAX_MATRICES;
}

function isKernelWindow(height: number, width: number): boolean {
  return height === width && KERNEL_SIDES.includes(height);
}

function splitBy(
  data: Float32Array,
  count: number,
  side: number,
  index: (n: number, place: number) => number,
): KernelMatrix[] {
  return Array.from({ length: count }, (_, n) => ({
    side,
    weights: Float32Array.from({ length: side * side }, (_unused, place) => data[index(n, place)]),
  }));
}

/** Numbers as float32. */
function floatsOf(name: string, { data }: Tensor): Float32Array {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new FormatError(`the tensor ${quoteName(name)} holds whole numbers, not floats`);
  }
  const floats = data instanceof Float32Array ? data : Float32Array.from(data);
  const fault = floats.findIndex((value) => !Number.isFinite(value));
  if (fault < 0) return floats;
  throw new FormatError(
    `the tensor ${quoteName(name)} holds ${floats[fault]} at position ${fault}; weights must be finite`,
  );
}
