/** How a population is cut into ranges. No cut changes what comes out. */

export type Range = Readonly<{ first: number; count: number }>;

/** Of what is left, each range is such a part of a worker's share: the first are long, and the last short. */
const SHARE = 3;
/** Most members of a range. */
const LONGEST = 1024;

/**
 * Ranges over all members, from long to short, so that few messages are needed and nobody waits long for the last ones.
 *
 * @param slots workers that do ranges at the same time, at least 1.
 * @param shortest members of a range at least, but for the last one.
 */
export function rangesOf(population: number, slots: number, shortest: number): Range[] {
  const ranges: Range[] = [];
  for (let first = 0; first < population;) {
    const left = population - first;
    const wanted = Math.max(shortest, Math.ceil(left / (SHARE * slots)));
    const count = Math.min(left, LONGEST, wanted);
    ranges.push({ first, count });
    first += count;
  }
  return ranges;
}
