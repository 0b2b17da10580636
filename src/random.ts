/**
 * Counter-based random numbers: every draw is a pure function of four 32-bit words, so that any engine,
 * thread or later session draws the same bits, in any order, with no generator to carry along.
 *
 * Source: pcg4d of M. Jarzynski and M. Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
 */

/**
 * Second word of pcg4d(a, b, c, d): an unsigned 32-bit integer. Arguments are taken modulo 2^32. The first word is the
 * weakest of the four: arguments that differ in a high bit alone can give the same or the opposite.
 */
export function pcg4d(a: number, b: number, c: number, d: number): number {
  let x = (Math.imul(a, 1664525) + 1013904223) | 0;
  let y = (Math.imul(b, 1664525) + 1013904223) | 0;
  let z = (Math.imul(c, 1664525) + 1013904223) | 0;
  let w = (Math.imul(d, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  return (y + Math.imul(z, x)) >>> 0;
}

/** What something random is drawn from: the same numbers, the same draw. `index` tells draws of one step apart. */
export type Draw = readonly [seed: number, step: number, index: number];

/** All four words of pcg4d(a, b, c, d), into `words`; {@link pcg4d} is the second. */
export function pcg4dWords(words: Uint32Array, a: number, b: number, c: number, d: number): void {
  let x = (Math.imul(a, 1664525) + 1013904223) | 0;
  let y = (Math.imul(b, 1664525) + 1013904223) | 0;
  let z = (Math.imul(c, 1664525) + 1013904223) | 0;
  let w = (Math.imul(d, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  words[0] = x;
  words[1] = y;
  words[2] = z;
  words[3] = w;
}

/**
 * The largest hash that fires: a cell fires when `pcg4d(seed, sample, step, cell) <= fireLimit(fireRate)`.
 * Returns -1 for a rate of 0, at which nothing fires.
 *
 * @param fireRate probability in [0, 1]; resolution 2^-32.
 */
export function fireLimit(fireRate: number): number {
  return Math.round(fireRate * 4294967296) - 1;
}

/** Whether a cell fires: see {@link fireLimit}. `cell` is y * width + x; `step` counts from 0. */
export function fires(limit: number, seed: number, sample: number, step: number, cell: number): boolean {
  return pcg4d(seed, sample, step, cell) <= limit;
}

/** What a draw is for. Each purpose has its own stream, so that adding draws to one leaves the others alone. */
export const STREAM = {
  parameters: 1,
  fire: 2,
  pool: 3,
  rolloutLength: 4,
  damage: 5,
  lossStep: 6,
  data: 7,
  noise: 8,
  encoder: 9,
  latent: 10,
  goal: 11,
  handwriting: 12,
  critic: 13,
  autoencoder: 14,
  validation: 15,
  updateNoise: 16,
  directions: 17,
  patches: 18,
  start: 19,
  puzzle: 24,
  corruption: 25,
  sweep: 26,
} as const;

/** Uniform number in [0, 1) with 32 bits of resolution, from (seed, stream, step, index). */
export function uniform(seed: number, stream: number, step: number, index: number): number {
  return pcg4d(seed, stream, step, index) / 4294967296;
}

/** Uniform integer in [low, high], both included. */
export function uniformInteger(
  low: number,
  high: number,
  seed: number,
  stream: number,
  step: number,
  index: number,
): number {
  return low + Math.floor(uniform(seed, stream, step, index) * (high - low + 1));
}

/** `count` different integers of [0, size), in random order: a partial Fisher-Yates shuffle. */
export function sampleWithoutReplacement(
  count: number,
  size: number,
  seed: number,
  stream: number,
  step: number,
): number[] {
  if (count > size) throw new RangeError(`cannot draw ${count} different entries out of ${size}`);
  const moved = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const j = uniformInteger(i, size - 1, seed, stream, step, i);
    const drawn = moved.get(j) ?? j;
    moved.set(j, moved.get(i) ?? i);
    return drawn;
  });
}
