/**
 * Noise of updates: numbers that are normal but for their tails, as pure functions of where they are used, in integer
 * arithmetic up to one last product, so that all engines of one precision draw the same bits.
 *
 * The 128 bits of pcg4d are eight numbers u of 16 bits. Their sum, of whole numbers, is exact in float32, and by the
 * central limit close to normal: noise = (2 (u1 + ... + u8) - 8 * 65535) / sqrt(8 * (2^32 - 1) / 3), of mean 0 and variance
 * 1, with an excess kurtosis of -0.15, and never beyond 4.9.
 */
import { pcg4d, pcg4dWords, STREAM } from "../random.ts";
import { cellCount, type Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { type Floats, roundLike, zerosLike } from "./floats.ts";

/** What the whole number is multiplied by. */
export const NOISE_SCALE = 1 / Math.sqrt((8 * 4294967295) / 3);
/** No noise is larger. */
export const NOISE_LIMIT = 8 * 65535 * NOISE_SCALE;

/** First word of the hash: the seed's stream for noise. */
export function noiseKey(seed: number): number {
  return pcg4d(seed, STREAM.updateNoise, 0, 0);
}

/** Which noise a sample draws. `step` counts from 0. */
export type NoiseDraw = Readonly<{ seed: number; sample: number; step: number }>;

/**
 * The noise of one step, (cells, C), of variance 1: number c of cell n is drawn from pcg4d(noiseKey(seed), sample, step,
 * n C + c).
 *
 * @param like of the precision wanted. @returns undefined where the rule has no noise.
 */
export function updateNoise(
  like: Floats,
  { noise = 0, channels }: Rule,
  grid: Grid,
  { seed, sample, step }: NoiseDraw,
): Floats | undefined {
  if (noise === 0) return undefined;
  const key = noiseKey(seed);
  const scale = roundLike(like, NOISE_SCALE);
  const words = new Uint32Array(4);
  const numbers = zerosLike(like, cellCount(grid) * channels);
  for (let i = 0; i < numbers.length; i++) {
    pcg4dWords(words, key, sample, step, i);
    let sum = 0;
    for (const word of words) sum += (word & 0xffff) + (word >>> 16);
    numbers[i] = (2 * sum - 8 * 65535) * scale;
  }
  return numbers;
}
