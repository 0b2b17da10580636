/**
 * Successive halving: all arms train for a part of the training, the better ones go on, and so again. Source: Jamieson and
 * Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016.
 */

/** How an arm stands at a comparison: errors of its runs, null of those that failed. */
export type Standing = Readonly<{ arm: number; errors: readonly (number | null)[] }>;

/** The mean of the errors that there are; null without any. */
export function meanError(errors: readonly (number | null)[]): number | null {
  const known = errors.filter((error) => error !== null);
  return known.length > 0 ? known.reduce((sum, error) => sum + error, 0) / known.length : null;
}

/** Standings, the best first: fewer failed runs, then a smaller mean error, then the order of the arms. */
export function ranked(standings: readonly Standing[]): Standing[] {
  const failures = ({ errors }: Standing) => errors.filter((error) => error === null).length;
  const mean = ({ errors }: Standing) => meanError(errors) ?? Infinity;
  return standings.toSorted((a, b) => {
    const [one, other] = [mean(a), mean(b)];
    return failures(a) - failures(b) || (one === other ? a.arm - b.arm : one - other);
  });
}

/** How many of so many arms go on. @param keep the part of them, rounded up: one at least. */
export function armsKept(arms: number, keep: number): number {
  // Products such as 0.1 * 30 are a little more than whole.
  return Math.max(1, Math.ceil(keep * arms - 1e-9));
}

/** The arms that go on, in their order. */
export function survivors(standings: readonly Standing[], keep: number): number[] {
  return ranked(standings)
    .slice(0, armsKept(standings.length, keep))
    .map(({ arm }) => arm)
    .toSorted((a, b) => a - b);
}

/** How much training arms take together, in whole trainings of one, where the worse ones are stopped. */
export function trainingOf(
  arms: number,
  halving: Readonly<{ at: readonly number[]; keep: number }> | undefined,
): number {
  const parts = [0, ...(halving?.at ?? []), 1];
  let remaining = arms;
  let sum = 0;
  for (let i = 1; i < parts.length; i++) {
    sum += remaining * (parts[i] - parts[i - 1]);
    if (halving) remaining = armsKept(remaining, halving.keep);
  }
  return sum;
}
