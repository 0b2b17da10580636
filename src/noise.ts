/** Normal noise as a pure function of where it is used: whoever draws it, in whatever order, draws the same bits. */
import { logarithm } from "./math.ts";
import { pcg4dWords, STREAM } from "./random.ts";

/** The last generation that has noise of its own: its number shares a word of the hash with the stream's. */
export const MAX_GENERATION = 2 ** 24 - 1;

/**
 * Fills an array with independent standard normal numbers, up to 6.3 from 0 in size. Seeds that differ in their three
 * highest bits alone share some of theirs; see `pcg4d`.
 *
 * @param seed unsigned 32-bit integer.
 * @param generation whole, 0 to {@link MAX_GENERATION}.
 * @param member of the generation, or of its pairs.
 */
export function fillNormal(out: Float32Array, seed: number, generation: number, member: number): void {
  if (generation > MAX_GENERATION) throw new RangeError(`generation ${generation} has no noise of its own`);
  const words = new Uint32Array(4);
  const purpose = STREAM.noise * 2 ** 24 + generation;
  for (let i = 0; i < out.length; i += 4) {
    pcg4dWords(words, seed, purpose, member, i);
    const last = Math.min(4, out.length - i);
    for (let k = 0; k < last; k++) out[i + k] = normalQuantile((words[k] + 0.5) / 4294967296);
  }
}

// Coefficients of numerators and denominators, the highest power first.
const [A0, A1, A2, A3, A4, A5] = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
] as const;
const [B0, B1, B2, B3, B4] = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
] as const;
const [C0, C1, C2, C3, C4, C5] = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
] as const;
const [D0, D1, D2, D3] = [
  0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416,
] as const;
/** Below this, and above 1 less it, the tails begin. */
const TAIL = 0.02425;

/**
 * Inverse of the normal distribution function, within 1.2e-9 of its value.
 *
 * @param p probability in (0, 1).
 * Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function", 2003.
 */
export function normalQuantile(p: number): number {
  if (p < TAIL) return tail(p);
  if (p > 1 - TAIL) return -tail(1 - p);
  const q = p - 0.5;
  const r = q * q;
  const above = ((((A0 * r + A1) * r + A2) * r + A3) * r + A4) * r + A5;
  const below = ((((B0 * r + B1) * r + B2) * r + B3) * r + B4) * r + 1;
  return (above * q) / below;
}

function tail(p: number): number {
  const q = Math.sqrt(-2 * logarithm(p));
  const above = ((((C0 * q + C1) * q + C2) * q + C3) * q + C4) * q + C5;
  const below = (((D0 * q + D1) * q + D2) * q + D3) * q + 1;
  return above / below;
}
