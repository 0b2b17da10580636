/** What cells perceive, as far as the file holds it. */
import { FormatError } from "../errors.ts";
import type { Kernel } from "../rule/rule.ts";
import { type KernelMatrix, kernelOf, sameMatrix } from "../formats/kernelStack.ts";
import { quoteName } from "./names.ts";
import { kernelRank } from "./stencils.ts";
import { shapeText, type Stack } from "./tensors.ts";

/** Order of the perceived features: all kernels of a channel together, or all channels of a kernel. */
export const featureOrders = ["channel", "kernel"] as const;
/** Order of the perceived features: all kernels of a channel together, or all channels of a kernel. */
export type FeatureOrder = (typeof featureOrders)[number];

/** Order of the first layer's rows; "state": all channels of the first kernel, then the other kernels by channel. */
export type RowOrder = FeatureOrder | "state";

/** Kernels of each channel's own, as `rule.perceive` has them. */
export type Depthwise = Readonly<{
  perceive: Readonly<{ kind: "depthwise"; size: 3 | 5; kernels: number }>;
  /** Shape (K, size, size, C). */
  weight: Float32Array;
}>;

export type Perception = Readonly<{
  /** The same for all channels; undefined where each has its own. */
  kernels: readonly Kernel[] | undefined;
  depthwise?: Depthwise | undefined;
  /** Where the file says so. */
  order: RowOrder | undefined;
  /** Whether the first kernel, the identity, is not in the file: the first layer takes as much more as it gives. */
  isIdentityImplied: boolean;
}>;

/**
 * The kernels in the file's stacks: one stack in its own order; several, of one kernel each, in that of identity, x, y,
 * Laplacian.
 *
 * @param inputs of the first layer, but for those that are stated to be the automaton's.
 * @param mayImply whether what the first layer takes beyond the kernels' features may be the state itself.
 * @param isTrained whether they are known to be each channel's own, be they equal or not.
 * @returns undefined where the file holds none.
 * @throws FormatError where the kernels are too many for the first layer, or too large.
 */
export function perceptionOf(
  stacks: readonly Stack[],
  channels: number,
  inputs: number,
  mayImply: boolean,
  isTrained = false,
): Perception | undefined {
  if (stacks.length === 0) return undefined;
  const { kernels, order } =
    stacks.length > 1
      ? ofStacks(stacks, channels, inputs)
      : isTrained
        ? { kernels: undefined, order: undefined }
        : ofStack(stacks[0], channels, inputs);
  if (!kernels) return ownOf(stacks[0], channels, inputs, mayImply);
  const isBlind = kernels.every((kernel) => kernelRank(kernel) !== 0);
  const isIdentityImplied = mayImply && isBlind && inputs === (kernels.length + 1) * channels;
  if (!isIdentityImplied) return { kernels, order, isIdentityImplied };
  return {
    kernels: ["identity", ...kernels],
    order: order === "channel" && kernels.length > 1 ? "state" : order && "kernel",
    isIdentityImplied,
  };
}

type Found = Readonly<{ kernels: readonly Kernel[] | undefined; order: FeatureOrder | undefined }>;

/** Those of a depthwise convolution, which repeats them for each channel or has others for each, or one of each. */
function ofStack({ name, shape, matrices }: Stack, channels: number, inputs: number): Found {
  const count = matrices.length / channels;
  const depthwise = Number.isInteger(count) && matrices.length * channels !== inputs;
  if (depthwise && matrices.length <= inputs) {
    if (matrices.every((matrix, i) => sameMatrix(matrix, matrices[i % count]))) {
      return { kernels: kernelsOf(matrices.slice(0, count)), order: "channel" };
    }
    if (matrices.every((matrix, i) => sameMatrix(matrix, matrices[i - (i % channels)]))) {
      return { kernels: kernelsOf(matrices.filter((_, i) => i % channels === 0)), order: "kernel" };
    }
    if (matrices.length * channels > inputs) return { kernels: undefined, order: "channel" };
  }
  if (matrices.length * channels <= inputs) return { kernels: kernelsOf(matrices), order: undefined };
  throw unfit({ name, shape }, channels, inputs);
}

function unfit(
  { name, shape }: Pick<Stack, "name" | "shape">,
  channels: number,
  inputs: number,
): FormatError {
  return new FormatError(
    `the tensor ${quoteName(name)} of shape ${shapeText(shape)} does not fit ${channels} channels and a first layer of ${inputs} inputs`,
  );
}

/**
 * Those of a convolution with kernels of each channel's own, all of a channel together. Where the first layer takes the
 * state itself before them, the identity is the first of each channel's.
 */
function ownOf(stack: Stack, channels: number, inputs: number, mayImply: boolean): Perception {
  const { name, shape, matrices } = stack;
  const [{ side }] = matrices;
  const count = matrices.length / channels;
  if (!Number.isInteger(count) || matrices.length > inputs) throw unfit(stack, channels, inputs);
  if (side !== 3 && side !== 5) {
    throw new FormatError(
      `the tensor ${quoteName(name)} of shape ${shapeText(shape)} has other kernels for each channel; such kernels see 3x3 or 5x5 cells, not ${side}x${side}`,
    );
  }
  const isIdentityImplied = mayImply && inputs === (count + 1) * channels;
  const first = isIdentityImplied ? 1 : 0;
  const kernels = first + count;
  const taps = side * side;
  const weight = new Float32Array(kernels * taps * channels);
  if (isIdentityImplied) weight.fill(1, (taps >> 1) * channels, ((taps >> 1) + 1) * channels);
  matrices.forEach(({ weights }, i) => {
    const [channel, kernel] = [Math.floor(i / count), first + (i % count)];
    weights.forEach((value, tap) => (weight[(kernel * taps + tap) * channels + channel] = value));
  });
  return {
    kernels: undefined,
    depthwise: { perceive: { kind: "depthwise", size: side, kernels }, weight },
    order: isIdentityImplied && count > 1 ? "state" : isIdentityImplied ? "kernel" : "channel",
    isIdentityImplied,
  };
}

function ofStacks(stacks: readonly Stack[], channels: number, inputs: number): Found {
  const several = stacks.find(({ matrices }) => matrices.some((matrix) => !sameMatrix(matrix, matrices[0])));
  const kernels = kernelsOf(stacks.map(({ matrices }) => matrices[0]));
  if (!several && kernels.length * channels <= inputs) {
    return { kernels: kernels.toSorted((a, b) => kernelRank(a) - kernelRank(b)), order: undefined };
  }
  const names = stacks.slice(0, 2).map(({ name }) => quoteName(name));
  throw new FormatError(
    `the file holds several tensors of kernels, ${names.join(" and ")}, that fit no order of one perception; leave out with --ignore those that are none of the automaton's`,
  );
}

function kernelsOf(matrices: readonly KernelMatrix[]): Kernel[] {
  return matrices.map(kernelOf);
}

/** The first layer's weights (in, out) with rows in our order, by channel. @param order in which they lie. */
export function byChannel(
  weight: Float32Array,
  outputs: number,
  channels: number,
  kernels: number,
  order: RowOrder,
): Float32Array {
  const result = weight.slice();
  for (let channel = 0; channel < channels; channel++) {
    for (let kernel = 0; kernel < kernels; kernel++) {
      const row = {
        channel: channel * kernels + kernel,
        kernel: kernel * channels + channel,
        state: kernel === 0 ? channel : channels + channel * (kernels - 1) + kernel - 1,
      }[order];
      const from = row * outputs;
      result.set(weight.subarray(from, from + outputs), (channel * kernels + kernel) * outputs);
    }
  }
  return result;
}
