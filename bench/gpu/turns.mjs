// Two sides that take turns on one card, and what comes of their times.
import { spreadOf } from "../../dist/cli/bench/timed.js";

/** Of each side, in a comparison. */
const TURNS = 5;
/** How many times as long as it was to take a comparison may take. */
const PATIENCE = 4;

/** Seconds that something takes. */
export async function secondsOf(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/**
 * One turn: the work as often as fits, at least once.
 *
 * @returns the median of what `step` resolves to.
 */
async function turn(step, seconds) {
  const times = [];
  const until = performance.now() + 1000 * seconds;
  do times.push(await step());
  while (performance.now() < until);
  return spreadOf(times).median;
}

/**
 * The sides' turns, one after the other, again and again; neither has to be warm. Where a side takes long for the work, there
 * are fewer of them.
 *
 * @param steps a step of each side: does the work once, and resolves to a figure, such as seconds. @param seconds of each side,
 *   in all its turns together.
 * @returns medians of the turns, by side.
 */
export async function alternate(steps, { seconds, quick }) {
  const durations = [];
  for (const step of steps) durations.push(await secondsOf(step));
  const most = Math.floor((PATIENCE * seconds) / Math.max(...durations));
  const turns = quick ? 1 : Math.min(Math.max(most, 1), TURNS);
  const medians = steps.map(() => []);
  for (let i = 0; i < turns; i++) {
    for (const [side, step] of steps.entries()) medians[side].push(await turn(step, seconds / TURNS));
  }
  return medians;
}
