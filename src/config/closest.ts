/** Which of some words a misspelt one was meant to be. */

/** The candidate that the fewest slips of typing lead to; undefined where that takes more than one in three letters. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.floor(word.length / 3) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= fewest) continue;
    const slips = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
}

/** Letters put in, left out, changed, or swapped with their neighbour: the optimal string alignment distance. */
function slipsBetween(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const slips = [last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(...slips, ...(isSwap ? [before[j - 2] + 1] : [])));
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
