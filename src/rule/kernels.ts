import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import { kernelAxes, type KernelName } from "./kernelNames.ts";
import { axesOf, type Kernel, type Rule, type Tap } from "./rule.ts";

/** Along its own axis a Sobel filter is a slope, along the others it is smooth. */
const SLOPE = [-1, 0, 1];
const SMOOTH = [1, 2, 1];

/** Offsets of the cells around a cell and of itself, `radius` on each side of each axis, the last axis first. */
export function neighbourOffsets(axes: number, radius: number): (readonly number[])[] {
  const side = Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius);
  let offsets: number[][] = [[]];
  for (let axis = 0; axis < axes; axis++) {
    offsets = offsets.flatMap((offset) => side.map((cells) => [...offset, cells]));
  }
  return offsets;
}

function isSelf(offset: readonly number[]): boolean {
  return offset.every((cells) => cells === 0);
}

/**
 * A named kernel. Sobel's are [-1, 0, 1] along their axis (x the last, y the one before, z the first of three) and
 * [1, 2, 1] along the others; unless raw, divided by 2 * 4^(axes - 1), on a plane by 8. The Laplacian is [1, 2, 1] / 4 along
 * all axes, less the cell itself: on a plane the 9-point one, divided by 16.
 */
function namedTaps(name: KernelName, axes: number): readonly Tap[] {
  const offsets = neighbourOffsets(axes, 1);
  const weightOf = (offset: readonly number[]): number => {
    const smooth = offset.reduce((product, cells) => product * SMOOTH[cells + 1], 1);
    if (name === "identity") return isSelf(offset) ? 1 : 0;
    if (name === "laplacian") return (smooth - (isSelf(offset) ? 4 ** axes : 0)) / 4 ** axes;
    const along = offset[axes - kernelAxes[name]];
    const weight = (smooth / SMOOTH[along + 1]) * SLOPE[along + 1];
    return name.endsWith("Raw") ? weight : weight / (2 * 4 ** (axes - 1));
  };
  return offsets.map((offset) => ({ offset, weight: weightOf(offset) })).filter(({ weight }) => weight !== 0);
}

const known = new Map<string, readonly Tap[]>();

/**
 * The taps of a kernel: perception = sum over taps of weight * neighbour at offset (cross-correlation).
 *
 * @param axes of the grid: 1 to 3. @throws RangeError for a named kernel that needs more.
 */
export function kernelTaps(kernel: Kernel, axes = 2): readonly Tap[] {
  if (typeof kernel !== "string") return kernel.taps;
  const needed = kernelAxes[kernel];
  if (needed > axes) throw new RangeError(`${kernel} needs ${needed} axes; the rule has ${axes}`);
  const key = `${kernel} ${axes}`;
  const taps = known.get(key) ?? namedTaps(kernel, axes);
  known.set(key, taps);
  return taps;
}

/** Sum of `a * first + b * second`, tap by tap. */
function combine(a: number, first: readonly Tap[], b: number, second: readonly Tap[]): Tap[] {
  const sum = new Map<string, { offset: readonly number[]; weight: number }>();
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
 * @throws RangeError for a tap kernel at another angle, and for kernels that differ from channel to channel, or a grid that has not two axes, at
 *   any angle but 0.
 * Source: Mordvintsev et al., "Growing Neural Cellular Automata", Distill 2020, experiment 4.
 *
 * @example
 * ```ts
 * import { rulePresets, turnedRule } from "neoblast";
 *
 * const { kernels } = turnedRule(rulePresets.distill, 90);
 * console.log(kernels.length, typeof kernels[1]); // 3 object
 * ```
 */
export function turnedRule(rule: Rule, degrees: number): Rule {
  if (!Number.isFinite(degrees))
    throw new RangeError(`angle must be a finite number of degrees, not ${degrees}`);
  if (degrees % 360 === 0) return rule;
  if (rule.perceive?.kind === "filter") {
    throw new RangeError("cells with one filter for each channel cannot be turned");
  }
  if (rule.perceive?.kind === "attention") {
    throw new RangeError("cells that attend to their neighbours cannot be turned");
  }
  if (rule.perceive) throw new RangeError("cells whose kernels are trained cannot be turned");
  if (axesOf(rule) !== 2) throw new RangeError("only cells on a grid of rows and columns can be turned");
  const cos = cosineOfDegrees(degrees);
  const sin = sineOfDegrees(degrees);
  const turn = (kernel: Kernel): Kernel => {
    switch (kernel) {
      case "identity":
      case "laplacian":
        return kernel;
      case "sobelX":
        return { taps: combine(cos, kernelTaps("sobelX"), -sin, kernelTaps("sobelY")) };
      case "sobelY":
        return { taps: combine(sin, kernelTaps("sobelX"), cos, kernelTaps("sobelY")) };
      case "sobelXRaw":
        return { taps: combine(cos, kernelTaps("sobelXRaw"), -sin, kernelTaps("sobelYRaw")) };
      case "sobelYRaw":
        return { taps: combine(sin, kernelTaps("sobelXRaw"), cos, kernelTaps("sobelYRaw")) };
      case "sobelZ":
      case "sobelZRaw":
        throw new RangeError(`${kernel} needs three axes`);
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
