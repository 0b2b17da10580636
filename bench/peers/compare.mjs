// A training step of ours beside that of a peer: whether both compute the same, and how long each takes.
import { row } from "../report.mjs";
import { takeArray } from "./peers.mjs";

/** Our steps to one of a peer's; their median counts. */
const OURS = 3;
const MIB = 2 ** 20;
/** As in `cli/bench/check.ts`: float32 sums in another order, passed on by a rollout. */
const TOLERANCE = 1e-4;

/** Largest difference, in units of the largest number of the tensor it occurs in. */
export function deviationOf(folder, { final, gradient }, who) {
  const states = takeArray(folder, "final");
  const pairs = [
    ...final.map((state, i) => [states.subarray(i * state.length, (i + 1) * state.length), state]),
    ...Object.entries(gradient).map(([name, values]) => [takeArray(folder, `grad.${name}`), values]),
  ];
  const largest = Math.max(
    ...pairs.map(([theirs, ours]) => {
      let [scale, difference] = [0, 0];
      ours.forEach((value, i) => {
        scale = Math.max(scale, Math.abs(value));
        difference = Math.max(difference, Math.abs(value - theirs[i]));
      });
      return scale > 0 ? difference / scale : difference;
    }),
  );
  if (!(largest <= TOLERANCE))
    throw new Error(`${who} deviates by ${largest.toExponential(1)}; at most ${TOLERANCE} is allowed`);
  return largest;
}

/** So many steps of ours. */
export async function turns(ours, count) {
  const steps = [];
  for (let i = 0; i < count; i++) steps.push(await ours.ask("step"));
  return steps;
}

/** Ours, theirs, ours, theirs ... after one of theirs that does not count. */
export async function compare(ours, theirs, { pairs, targets }) {
  await theirs.ask("step");
  const [our, their, ratios] = [[], [], []];
  for (let i = 0; i < pairs; i++) {
    const turn = (await turns(ours, OURS)).toSorted((a, b) => a.seconds - b.seconds)[OURS >> 1];
    our.push(turn);
    their.push(await theirs.ask("step"));
    ratios.push(their.at(-1).seconds / turn.seconds);
  }
  return [
    ...rowsOf(ours.name, our),
    ...rowsOf(theirs.name, their),
    row("Neoblast is faster by", ratios, "times", targets.faster),
  ];
}

/** Seconds and memory of steps. */
export function rowsOf(name, steps) {
  const share = steps.filter(({ automaton }) => automaton !== undefined);
  return [
    row(
      name,
      steps.map(({ seconds }) => seconds),
      "s",
    ),
    ...(share.length > 0
      ? [
          row(
            "  of that outside the automaton",
            share.map((step) => 100 * (1 - step.automaton / step.seconds)),
            "%",
          ),
        ]
      : []),
    row(`${name}, peak memory`, steps.at(-1).peakBytes / MIB, "MiB"),
  ];
}
