/** What cells perceive, as far as the file holds it. */
import { FormatError } from "../../errors.ts";
import type { Kernel } from "../../rule/rule.ts";
import { type KernelMatrix, kernelOf, sameMatrix } from "../kernelStack.ts";
import { quoteName } from "./names.ts";
import { shapeText, type Stack } from "./tensors.ts";

/** Order of the perceived features: all kernels of a channel together, or all channels of a kernel. */
export const featureOrders = ["channel", "kernel"] as const;
export type FeatureOrder = (typeof featureOrders)[number];

export type Perception = Readonly<{
  kernels: readonly Kernel[];
  /** Where the file tells. */
  order: FeatureOrder | undefined;
}>;

/**
 * The kernels in a stack: of a depthwise convolution, which repeats them for each channel, or one of each.
 *
 * @param inputs of the first layer.
 * @throws FormatError where channels have kernels of their own, or the kernels are too many for the first layer.
 */
export function perceptionOf({ name, shape, matrices }: Stack, channels: number, inputs: number): Perception {
  const count = matrices.length / channels;
  const depthwise = Number.isInteger(count) && matrices.length * channels !== inputs;
  if (depthwise && matrices.length <= inputs) {
    if (matrices.every((matrix, i) => sameMatrix(matrix, matrices[i % count]))) {
      return { kernels: kernelsOf(matrices.slice(0, count)), order: "channel" };
    }
    if (matrices.every((matrix, i) => sameMatrix(matrix, matrices[i - (i % channels)]))) {
      return { kernels: kernelsOf(matrices.filter((_, i) => i % channels === 0)), order: "kernel" };
    }
  }
  if (matrices.length * channels <= inputs) return { kernels: kernelsOf(matrices), order: undefined };
  throw new FormatError(
    depthwise && matrices.length <= inputs
      ? `the tensor ${quoteName(name)} of shape ${shapeText(shape)} has other kernels for each channel; an automaton has the same for all`
      : `the tensor ${quoteName(name)} of shape ${shapeText(shape)} does not fit ${channels} channels and a first layer of ${inputs} inputs`,
  );
}

function kernelsOf(matrices: readonly KernelMatrix[]): Kernel[] {
  return matrices.map(kernelOf);
}

/** The first layer's weights (in, out) with rows in our order, by channel, instead of by kernel. */
export function byChannel(
  weight: Float32Array,
  outputs: number,
  channels: number,
  kernels: number,
): Float32Array {
  const result = weight.slice();
  for (let channel = 0; channel < channels; channel++) {
    for (let kernel = 0; kernel < kernels; kernel++) {
      const from = (kernel * channels + channel) * outputs;
      result.set(weight.subarray(from, from + outputs), (channel * kernels + kernel) * outputs);
    }
  }
  return result;
}
