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

/** The arms that go on, in their order. @param keep the part of them, rounded up: one at least. */
export function survivors(standings: readonly Standing[], keep: number): number[] {
  const count = Math.max(1, Math.ceil(keep * standings.length - 1e-9));
  return ranked(standings)
    .slice(0, count)
    .map(({ arm }) => arm)
    .toSorted((a, b) => a - b);
}
