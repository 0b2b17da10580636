// Two sides that take turns on one card, and what comes of their times.
import { spreadOf } from "../../dist/cli/bench/timed.js";

/** Of each side, in a comparison. */
export const TURNS = 5;

/** Seconds that something takes. */
export async function secondsOf(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/**
 * One turn: the work as often as fits, at least once.
 *
 * @param step does the work once; resolves to the seconds that took. @returns their median.
 */
export async function turn(step, seconds) {
  const times = [];
  const until = performance.now() + 1000 * seconds;
  do times.push(await step());
  while (performance.now() < until);
  return spreadOf(times).median;
}

/**
 * The sides' turns, one after the other, again and again; neither has to be warm.
 *
 * @param steps a step of each side. @param seconds of each side, in all its turns together.
 * @returns medians of the turns, by side.
 */
export async function alternate(steps, { seconds, quick }) {
  for (const step of steps) await step();
  const medians = steps.map(() => []);
  for (let i = 0; i < (quick ? 1 : TURNS); i++) {
    for (const [side, step] of steps.entries()) medians[side].push(await turn(step, seconds / TURNS));
  }
  return medians;
}
