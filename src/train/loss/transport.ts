/** Optimal transport between two sets of numbers on a line. */

/**
 * Cost of moving one set of numbers onto another, each set of mass 1 spread evenly, at the squared distance: the integral
 * over q of (X(q) - Y(q))^2, with X and Y the quantile functions. With as many in each set, the mean of the squared
 * differences of the sorted sets.
 *
 * @param order places of `x` from the smallest on.
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
