/** The tensors of a file, sorted by what their shapes allow them to be in an automaton. */
import { FormatError, UserError } from "../errors.ts";
import type { Tensor, TensorFile } from "../tensor.ts";
import type { Layout } from "../exporters/interchange.ts";
import type { KernelMatrix } from "../formats/kernelStack.ts";
import {
  belongsTo,
  compareNames,
  isOptimizers,
  layerName,
  nameParts,
  placeOf,
  shortName,
  quoteName,
} from "./names.ts";
import { isStencil } from "./stencils.ts";

export type Named = Readonly<{ name: string; shape: readonly number[]; data: Float32Array }>;

/** A weight of a dense layer, or of a convolution that looks at one cell. */
export type Matrix = Named &
  Readonly<{
    layer: string;
    /** Rows and columns. */
    sides: readonly [number, number];
    /** Its layout, where the shape fits only one. */
    layout: Layout | undefined;
  }>;
export type Bias = Named &
  Readonly<{
    layer: string;
    /** What shows that it belongs to that layer. */
    foundBy: "name" | "place" | "size";
  }>;
/** Perception kernels: one for each feature of each channel, or one for each feature. */
export type Stack = Named & Readonly<{ matrices: readonly KernelMatrix[] }>;

export type LeftOut = Readonly<{ name: string; shape: readonly number[]; why: string }>;

export type SortedTensors = Readonly<{
  /** In the order of their names. */
  matrices: readonly Matrix[];
  biases: readonly Bias[];
  stacks: readonly Stack[];
  /** What is no part of the model. */
  left: readonly LeftOut[];
}>;

/** Words in the names of perception kernels. */
const FILTER = /sobel|laplac|identity|gradient|filter|stencil|^(?:d|k|g|grad_?)[xy]$/i;
/** Sides of perception matrices, as far as a rule's taps reach. */
const KERNEL_SIDES = [3, 5, 7, 9];
/** As many as a rule's kernels can make on a rule's channels. */
const MAX_MATRICES = 1024;

/**
 * Biases are found by the name that they share with a weight, or else by their place beside it in a numbered series. What
 * an optimiser keeps is left out.
 *
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
  const ignored = (name: string) => ignore.some((named) => belongsTo(name, named));
  const kept = names.filter((name) => !ignored(name));
  const models = kept.filter((name) => !isOptimizers(name));
  // A scope may be called like an optimiser: then all of it is.
  const own = models.some((name) => tensors[name].shape.length >= 2) ? models : kept;
  const matrices: Matrix[] = [];
  const biases: Bias[] = [];
  const stacks: Stack[] = [];
  for (const name of own) {
    const { shape } = tensors[name];
    const sides = matrixSides(shape);
    const split = kernelSplit(name, tensors[name]);
    if (!split && !sides && shape.length !== 1) throw noUse(name, shape);
    const named = { name, shape, data: floatsOf(name, tensors[name]) };
    if (split) stacks.push({ ...named, matrices: split(named.data) });
    else if (sides) matrices.push({ ...named, ...sides, layer: layerName(name) });
    else biases.push({ ...named, layer: layerName(name), foundBy: "name" });
  }
  const left = names.flatMap((name) => {
    const { shape } = tensors[name];
    if (ignored(name)) return [{ name, shape, why: "ignored" }];
    return own.includes(name) ? [] : [{ name, shape, why: "of the optimizer" }];
  });
  return { matrices, biases: placed(matrices, biases), stacks, left };
}

/**
 * The same without tensors that are others once more, under another name, as of a module that is registered twice.
 * Zeros are no copies of each other.
 */
export function withoutCopies(sorted: SortedTensors): SortedTensors {
  const left: LeftOut[] = [];
  const first = <T extends Named>(all: readonly T[], isSame: (one: T, other: T) => boolean) =>
    all.filter((one, i) => {
      const twin = all.slice(0, i).find((other) => isSame(one, other));
      if (twin) left.push({ name: one.name, shape: one.shape, why: `the same as ${shortName(twin.name)}` });
      return !twin;
    });
  const twins = new Map<string, string>();
  const matrices = first(sorted.matrices, (one, other) => {
    if (!isCopy(one, other)) return false;
    twins.set(one.layer, other.layer);
    return true;
  });
  const biases = first(
    sorted.biases,
    (one, other) => twins.get(one.layer) === other.layer && sameNumbers(one, other),
  );
  return { matrices, biases, stacks: first(sorted.stacks, isCopy), left: [...sorted.left, ...left] };
}

function isCopy(one: Named, other: Named): boolean {
  return sameNumbers(one, other) && one.data.some((value) => value !== 0);
}

function sameNumbers({ shape, data }: Named, other: Named): boolean {
  return shape.join() === other.shape.join() && data.every((value, i) => value === other.data[i]);
}

/**
 * Biases with the layers of the weights that they belong to. Where names share no layer but number the tensors, as those
 * of `numpy.savez(file, *arrays)` do, a bias belongs to the weight right before it; or, where weights and biases do not
 * take turns, to the weight of its own rank.
 */
function placed(matrices: readonly Matrix[], biases: readonly Bias[]): Bias[] {
  const bare = matrices.filter((matrix) => biases.every(({ layer }) => layer !== matrix.layer));
  const free = biases.filter((bias) => matrices.every(({ layer }) => layer !== bias.layer));
  const layers = new Map<Bias, string>();
  for (const series of new Set(free.map(({ name }) => placeOf(name)?.series))) {
    if (series === undefined) continue;
    const isOfSeries = ({ name }: Named) => placeOf(name)?.series === series;
    const [weights, own] = [bare.filter(isOfSeries), free.filter(isOfSeries)];
    partners(weights, own)?.forEach(({ layer }, i) => layers.set(own[i], layer));
  }
  return biases.map((bias) => {
    const layer = layers.get(bias);
    return layer === undefined ? bias : { ...bias, layer, foundBy: "place" };
  });
}

/** The weight of each bias, of one series. */
function partners(weights: readonly Matrix[], biases: readonly Bias[]): readonly Matrix[] | undefined {
  const ordered = [...weights, ...biases].toSorted((a, b) => compareNames(a.name, b.name));
  const before = biases.flatMap((bias) => {
    const previous = ordered[ordered.indexOf(bias) - 1];
    return weights.find((weight) => weight === previous) ?? [];
  });
  return [before, weights].find(
    ({ length }, i, lists) => length === biases.length && biases.every((bias, n) => fits(bias, lists[i][n])),
  );
}

function fits({ data }: Named, { sides, layout }: Matrix): boolean {
  const [rows, columns] = sides;
  if (layout === undefined) return data.length === rows || data.length === columns;
  return data.length === (layout === "in-out" ? columns : rows);
}

/** What to say of a tensor that is no part of the automaton. */
export function noUse(name: string, shape: readonly number[]): FormatError {
  return new FormatError(
    `the automaton has no use for the tensor ${quoteName(name)} of shape ${shapeText(shape)}; leave it out with --ignore ${shortName(name)}`,
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

/**
 * Kernels are (N, side, side) or (N, 1, side, side), as in PyTorch, (side, side, 1, N), as in Flax, (side, side, C, K), as
 * those that Keras calls depthwise, or one alone, (side, side), that is called a filter or is one that is known.
 */
function kernelSplit(
  name: string,
  { shape, data: numbers }: Tensor,
): ((data: Float32Array) => KernelMatrix[]) | undefined {
  const [first, second] = shape;
  if (shape.length === 2) {
    const isFilter = () => isStencil(Float32Array.from(numbers, Number)) || FILTER.test(lastPart(name));
    return isKernelWindow(first, second) && isFilter()
      ? (data) => splitBy(data, 1, first, (_, place) => place)
      : undefined;
  }
  if (shape.length === 4 && isKernelWindow(first, second) && /depthwise/i.test(name)) {
    const count = shape[2] * shape[3];
    return isCount(count)
      ? (data) => splitBy(data, count, first, (n, place) => place * count + n)
      : undefined;
  }
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

function lastPart(name: string): string {
  return nameParts(name).at(-1) ?? "";
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
