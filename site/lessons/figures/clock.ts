/** What has been found out about fire rates. */

/** Whether growth at a rate came to a lizard. */
export type Trial = Readonly<{ rate: number; stands: boolean }>;

/** The trials with one more; of a rate the latest counts. In order of the rates. */
export function withTrial(trials: readonly Trial[], trial: Trial): Trial[] {
  return [...trials.filter(({ rate }) => rate !== trial.rate), trial].toSorted((a, b) => a.rate - b.rate);
}

/** The highest rate that works and the lowest above it that does not, where they are close enough; else undefined. */
export function borderOf(
  trials: readonly Trial[],
  closeness: number,
): readonly [works: number, fails: number] | undefined {
  const works = Math.max(...trials.filter(({ stands }) => stands).map(({ rate }) => rate));
  const fails = Math.min(
    ...trials.filter(({ rate, stands }) => !stands && rate > works).map(({ rate }) => rate),
  );
  return fails - works <= closeness + 1e-9 ? [works, fails] : undefined;
}
