/** A grey picture that cells look at: one channel, three kernels, and nothing that changes it. */
import { type Model, parameterCount, type Rule, stepForward } from "neoblast";

export type Weights = readonly number[];

/** One channel; cells perceive it and add nothing to it. */
export const greyRule: Rule = {
  channels: 1,
  kernels: ["identity", "sobelX", "sobelY"],
  boundary: "zero",
  hidden: [],
  inputSize: 0,
  outputBias: false,
  alive: { mask: "none", channel: 0, threshold: 0.1 },
  fireRate: 1,
  stepSize: 1,
};

/** Weights of the two filters, row by row, before they are divided by 8. */
export const SOBEL: Readonly<Record<"x" | "y", Weights>> = {
  x: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  y: [-1, -2, -1, 0, 0, 0, 1, 2, 1],
};

/** An automaton that holds a grey picture still. @param grey shape (side, side), 0 black to 1 white. */
export function stillPicture(grey: Float32Array, side: number): Model {
  const grid = [side, side] as const;
  return {
    rule: greyRule,
    parameters: new Float32Array(parameterCount(greyRule)),
    readout: { offset: 0, channels: 1, premultiplied: false },
    start: {
      seeds: [],
      cell: { from: 0, to: 1 },
      pictures: { grid, offset: 0, channels: 1, data: [grey] },
    },
    provenance: { grid },
  };
}

/** What cells see of a grey picture by the two filters, shape (side, side) each. */
export function seenBy(grey: Float32Array, side: number): Readonly<Record<"x" | "y", Float32Array>> {
  const parameters = new Float32Array(parameterCount(greyRule));
  const nobody = new Uint8Array(grey.length);
  const [P] = stepForward({ rule: greyRule, parameters, grid: [side, side] }, grey, nobody).activations;
  const kernel = (k: number) => Float32Array.from({ length: grey.length }, (_, n) => P[3 * n + k]);
  return { x: kernel(1), y: kernel(2) };
}

/** All that a filter sees, whatever its sign. */
export function total(seen: Float32Array): number {
  return seen.reduce((sum, value) => sum + Math.abs(value), 0);
}

/** Brightness of RGBA pixels over black, 0 to 1. */
export function greyOf(rgba: Uint8ClampedArray): Float32Array {
  return Float32Array.from({ length: rgba.length / 4 }, (_, n) => {
    const [red, green, blue, alpha] = rgba.subarray(4 * n, 4 * n + 4);
    return ((0.299 * red + 0.587 * green + 0.114 * blue) * alpha) / 255 ** 2;
  });
}
