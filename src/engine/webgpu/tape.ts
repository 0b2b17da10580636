/** Where states lie on the tape: each checkpoint has a slot, and so have the states between two of them. */
export type TapePlan = Readonly<{ slots: number; segment: number; slotOf: (t: number) => number }>;

/** @param fit slots that there is room for; where even the fewest are more, it is these. */
export function tapePlan(steps: number, record: boolean, fit: number): TapePlan {
  if (!record) return { slots: Math.min(2, steps + 1), segment: steps + 1, slotOf: (t) => t % 2 };
  const slotsOf = (segment: number) => Math.floor(steps / segment) + segment;
  let segment = steps + 1;
  if (slotsOf(segment) > fit) {
    segment = Math.max(1, Math.ceil(Math.sqrt(steps)));
    while (slotsOf(segment + 1) <= fit) segment++;
  }
  const checkpoints = Math.floor(steps / segment) + 1;
  return {
    slots: slotsOf(segment),
    segment,
    slotOf: (t) => (t % segment === 0 ? t / segment : checkpoints + (t % segment) - 1),
  };
}
