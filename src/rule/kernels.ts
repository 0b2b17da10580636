import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import type { Kernel, KernelName, Rule, Tap } from "./rule.ts";

function tapsOf(matrix: readonly (readonly number[])[], scale: number): Tap[] {
  return matrix.flatMap((row, y) =>
    row.flatMap((weight, x) =>
      weight === 0 ? [] : [{ offset: [y - 1, x - 1] as const, weight: weight / scale }],
    ),
  );
}

const SOBEL_X = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];
const SOBEL_Y = [
  [-1, -2, -1],
  [0, 0, 0],
  [1, 2, 1],
];
const LAPLACIAN = [
  [1, 2, 1],
  [2, -12, 2],
  [1, 2, 1],
];

const NAMED: Readonly<Record<KernelName, readonly Tap[]>> = {
  identity: [{ offset: [0, 0], weight: 1 }],
  sobelX: tapsOf(SOBEL_X, 8),
  sobelY: tapsOf(SOBEL_Y, 8),
  sobelXRaw: tapsOf(SOBEL_X, 1),
  sobelYRaw: tapsOf(SOBEL_Y, 1),
  laplacian: tapsOf(LAPLACIAN, 16),
};

/** The taps of a kernel: perception = sum over taps of weight * neighbour at offset (cross-correlation). */
export function kernelTaps(kernel: Kernel): readonly Tap[] {
  return typeof kernel === "string" ? NAMED[kernel] : kernel.taps;
}

/** Sum of `a * first + b * second`, tap by tap. */
function combine(a: number, first: readonly Tap[], b: number, second: readonly Tap[]): Tap[] {
  const sum = new Map<string, { offset: readonly [number, number]; weight: number }>();
  for (const [factor, taps] of [
    [a, first],
    [b, second],
  ] as const) {
    for (const { offset, weight } of taps) {
      const entry = sum.get(offset.join()) ?? { offset, weight: 0 };
      sum.set(offset.join(), { offset, weight: entry.weight + factor * weight });
    }
  }
  return [...sum.values()].filter(({ weight }) => weight !== 0);
}

/**
 * The rule as cells would run it whose sense of direction is turned by an angle: the pattern they draw turns with
 * it. Sobel pairs turn as vectors (x' = cos x - sin y, y' = sin x + cos y), as in the article's rotation
 * experiment; identity and Laplacian look the same from every side.
 *
 * @param degrees any finite angle, counter-clockwise on screen; kernels given by taps allow multiples of 90 only.
 * @throws RangeError for a tap kernel at another angle, and for kernels that are trained at any angle but 0.
 * Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020, experiment 4.
 */
export function turnedRule(rule: Rule, degrees: number): Rule {
  if (!Number.isFinite(degrees))
    throw new RangeError(`angle must be a finite number of degrees, not ${degrees}`);
  if (degrees % 360 === 0) return rule;
  if (rule.perceive) throw new RangeError("cells whose kernels are trained cannot be turned");
  const cos = cosineOfDegrees(degrees);
  const sin = sineOfDegrees(degrees);
  const turn = (kernel: Kernel): Kernel => {
    switch (kernel) {
      case "identity":
      case "laplacian":
        return kernel;
      case "sobelX":
        return { taps: combine(cos, NAMED.sobelX, -sin, NAMED.sobelY) };
      case "sobelY":
        return { taps: combine(sin, NAMED.sobelX, cos, NAMED.sobelY) };
      case "sobelXRaw":
        return { taps: combine(cos, NAMED.sobelXRaw, -sin, NAMED.sobelYRaw) };
      case "sobelYRaw":
        return { taps: combine(sin, NAMED.sobelXRaw, cos, NAMED.sobelYRaw) };
      default: {
        if (degrees % 90 !== 0) {
          throw new RangeError(
            `a kernel given by taps turns by multiples of 90 degrees only, not by ${degrees}`,
          );
        }
        const taps = kernel.taps.map(({ offset: [y, x], weight }) => ({
          offset: [cos * y - sin * x + 0, cos * x + sin * y + 0] as const,
          weight,
        }));
        return { taps };
      }
    }
  };
  return { ...rule, kernels: rule.kernels.map(turn) };
}
