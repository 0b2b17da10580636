/** What of a generation's losses counts: their order. */
import { logarithm } from "../../math.ts";

/**
 * Gives each loss the worth of its place, where the lowest has place 0. Equals share the mean of theirs, so that where
 * nothing differs, nothing is preferred; losses that are not finite are equal, and come last.
 */
function byPlace(losses: ArrayLike<number>, worth: (place: number) => number): Float64Array {
  const key = (i: number) => (Number.isFinite(losses[i]) ? losses[i] : Infinity);
  const order = Array.from({ length: losses.length }, (_, i) => i);
  order.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const worths = new Float64Array(losses.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && key(order[end]) === key(order[first])) end++;
    let sum = 0;
    for (let place = first; place < end; place++) sum += worth(place);
    for (let place = first; place < end; place++) worths[order[place]] = sum / (end - first);
    first = end;
  }
  return worths;
}

/**
 * Ranks from -0.5 for the lowest loss to 0.5 for the highest; 0 for a single one.
 *
 * Source: "centered ranks" of T. Salimans et al., "Evolution Strategies as a Scalable Alternative to Reinforcement
 * Learning", 2017.
 */
export function centredRanks(losses: ArrayLike<number>): Float64Array {
  const last = losses.length - 1;
  return byPlace(losses, (place) => (last > 0 ? place / last - 0.5 : 0));
}

/**
 * Utilities of natural evolution strategies: max(0, log(n / 2 + 1) - log(k)) for the k-th best of n, scaled to a sum of
 * 1, less 1 / n. Highest for the lowest loss; their sum is 0.
 *
 * Source: T. Schaul, T. Glasmachers and J. Schmidhuber, "High Dimensions and Heavy Tails for Natural Evolution
 * Strategies", GECCO 2011.
 */
export function utilities(losses: ArrayLike<number>): Float64Array {
  const count = losses.length;
  const highest = logarithm(count / 2 + 1);
  const worth = (place: number) => Math.max(0, highest - logarithm(place + 1));
  let sum = 0;
  for (let place = 0; place < count; place++) sum += worth(place);
  return byPlace(losses, (place) => worth(place) / sum - 1 / count);
}
