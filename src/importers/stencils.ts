/** Perception kernels that people write down, and kernels in words. */
import { kernelTaps } from "../rule/kernels.ts";
import type { KernelName } from "../rule/kernelNames.ts";
import type { Kernel, Tap } from "../rule/rule.ts";
import { type KernelMatrix, kernelMatrix, sameKernels } from "../formats/kernelStack.ts";

/** A kernel and a name for people. */
export type Stencil = Readonly<{ kernel: Kernel; text: string }>;

const named = (kernel: KernelName): Stencil => ({ kernel, text: kernel });

function stencil(text: string, rows: readonly (readonly number[])[]): Stencil {
  const taps = rows.flatMap((row, y) =>
    row.flatMap((weight, x): Tap[] => (weight === 0 ? [] : [{ offset: [y - 1, x - 1], weight }])),
  );
  return { kernel: { taps }, text };
}

function scaled(rows: readonly (readonly number[])[], factor: number): number[][] {
  return rows.map((row) => row.map((weight) => weight * factor));
}

const NINE = [
  [1, 2, 1],
  [2, -12, 2],
  [1, 2, 1],
];
const FIVE = [
  [0, 1, 0],
  [1, -4, 1],
  [0, 1, 0],
];
const EIGHT = [
  [1, 1, 1],
  [1, -8, 1],
  [1, 1, 1],
];
const GRAY_SCOTT = [
  [0.05, 0.2, 0.05],
  [0.2, -1, 0.2],
  [0.05, 0.2, 0.05],
];

export const identity: Stencil = named("identity");

/** Pairs of Sobel filters, along x and y, by what they are divided by; the likelier first. */
export const SOBEL_PAIRS: readonly (readonly [Stencil, Stencil])[] = [
  [named("sobelX"), named("sobelY")],
  [named("sobelXRaw"), named("sobelYRaw")],
];

/** Laplacians in use, the likelier first. */
export const LAPLACIANS: readonly Stencil[] = [
  named("laplacian"),
  stencil("9-point Laplacian (centre -12)", NINE),
  stencil("9-point Laplacian / 8 (centre -1.5)", scaled(NINE, 1 / 8)),
  stencil("9-point Laplacian / 4 (centre -3)", scaled(NINE, 1 / 4)),
  stencil("5-point Laplacian (centre -4)", FIVE),
  stencil("5-point Laplacian / 4 (centre -1)", scaled(FIVE, 1 / 4)),
  stencil("8-neighbour Laplacian (centre -8)", EIGHT),
  stencil("8-neighbour Laplacian / 8 (centre -1)", scaled(EIGHT, 1 / 8)),
  stencil("Gray-Scott's Laplacian (centre -1)", GRAY_SCOTT),
];

const SHAPES: readonly Stencil[] = [
  identity,
  ...SOBEL_PAIRS[0],
  ...LAPLACIANS.filter(({ text }) => !text.includes("/")),
];

/** Whether nine numbers are a kernel that people write down, times any factor. */
export function isStencil(weights: Float32Array): boolean {
  return weights.length === 9 && likeness({ side: 3, weights }) !== undefined;
}

/** A kernel in words: its name, another's with a factor, or how many taps it has. */
export function kernelInWords(kernel: Kernel): string {
  if (typeof kernel === "string") return kernel === "laplacian" ? "laplacian (9-point, / 16)" : kernel;
  const known = [...LAPLACIANS, ...SOBEL_PAIRS.flat()].find((other) => sameKernels([other.kernel], [kernel]));
  if (known) return known.text;
  const matrix = kernelMatrix(kernel, 3);
  const reach = kernelTaps(kernel).every(({ offset }) => offset.every((cells) => Math.abs(cells) <= 1));
  const found = reach ? likeness(matrix) : undefined;
  const count = kernelTaps(kernel).length;
  if (found) return `${Number(found.factor.toPrecision(4))} x ${found.text}`;
  return `${count} ${count === 1 ? "tap" : "taps"}`;
}

/** What kernel a matrix is a multiple of. */
function likeness({ weights }: KernelMatrix): { text: string; factor: number } | undefined {
  const size = Math.max(...weights.map(Math.abs));
  if (!(size > 0)) return undefined;
  for (const { kernel, text } of SHAPES) {
    const other = kernelMatrix(kernel, 3).weights;
    const place = other.findIndex((weight) => Math.abs(weight) === Math.max(...other.map(Math.abs)));
    const factor = weights[place] / other[place];
    // Float32, and fractions written as decimals, round.
    if (factor !== 0 && weights.every((weight, i) => Math.abs(weight - factor * other[i]) <= 1e-5 * size)) {
      return { text, factor };
    }
  }
  return undefined;
}

/** Where a kernel stands in the order that people write them in: identity 0, along x 1, along y 2, Laplacian 3, others 4. */
export function kernelRank(kernel: Kernel): number {
  const reach = kernelTaps(kernel).every(({ offset }) => offset.every((cells) => Math.abs(cells) <= 1));
  const text = reach ? likeness(kernelMatrix(kernel, 3))?.text : undefined;
  if (text === undefined) return 4;
  const place = ["identity", "sobelX", "sobelY"].indexOf(text);
  return place < 0 ? 3 : place;
}
