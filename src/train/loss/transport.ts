/** Optimal transport between two sets of numbers on a line, and the order that it needs. */

/** Most numbers of a set: keys hold their places in the 20 bits that 32-bit floats leave of a double's 52. */
export const MAX_SORTED = 2 ** 20;

/** Of the bits of a single-precision number, a whole number below 2^32 that grows with it; NaN is last, or first. */
function keyOf(word: number): number {
  return word & 0x80000000 ? ~word >>> 0 : (word | 0x80000000) >>> 0;
}

/**
 * Places of numbers from the smallest to the largest, as single precision has them; equals keep their order.
 *
 * @param values up to {@link MAX_SORTED}.
 */
export function ascending(values: Float64Array): Uint32Array {
  const keys = new Float64Array(values.length);
  const words = new Uint32Array(new Float32Array(values).buffer);
  for (let i = 0; i < keys.length; i++) keys[i] = keyOf(words[i]) * MAX_SORTED + i;
  keys.sort();
  const order = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) order[i] = keys[i] - Math.floor(keys[i] / MAX_SORTED) * MAX_SORTED;
  return order;
}

/**
 * Cost of moving one set of numbers onto another, each set of mass 1 spread evenly, at the squared distance: the integral
 * over q of (X(q) - Y(q))^2, with X and Y the quantile functions. With as many in each set, the mean of the squared
 * differences of the sorted sets.
 *
 * @param order places of `x` from the smallest on ({@link ascending}).
 * @param y ascending.
 * @param dx where to add `slope` * d cost / d x; the order is a constant, as its derivative is 0 wherever it exists.
 */
export function transport(
  x: Float64Array,
  order: Uint32Array,
  y: Float64Array,
  dx?: Float64Array,
  slope = 1,
): number {
  // In units of which each x holds y.length, and each y x.length.
  const whole = x.length * y.length;
  let left = y.length;
  let room = x.length;
  let sum = 0;
  for (let i = 0, j = 0; i < x.length;) {
    const moved = left < room ? left : room;
    const at = order[i];
    const difference = x[at] - y[j];
    sum += moved * difference * difference;
    if (dx) dx[at] += (2 * slope * moved * difference) / whole;
    left -= moved;
    room -= moved;
    if (left === 0) {
      i++;
      left = y.length;
    }
    if (room === 0) {
      j++;
      room = x.length;
    }
  }
  return sum / whole;
}
