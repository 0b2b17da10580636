/** How good a trained model is, in plain words. */
import { type GrowthReport, relativeText } from "../../../src/experiments/growing/report.ts";
import { leastHealed } from "../../../src/experiments/growing/validation.ts";
import { whole } from "./format.ts";

export type Verdict = Readonly<{
  /** In a word or two. */
  title: string;
  /** What was measured. */
  text: string;
  /** What to try; empty where it is good. */
  advice: string;
}>;

/** @param qualities whether there is a quality to choose. */
export function verdictOf({ validation, runs, holds, good }: GrowthReport, qualities = true): Verdict {
  const { errors, died, overgrown } = validation;
  const [first, ...later] = errors.map(
    ({ step, relative }, i) => `${relativeText(relative)} ${i === 0 ? "off at step" : "at"} ${whole(step)}`,
  );
  const last = later.pop();
  const off = [[first, ...later].join(", "), ...(last === undefined ? [] : [last])].join(" and ");
  const hardest = leastHealed(validation);
  const fates = [
    ...(died > 0 ? [`${relativeText(died)} of the colonies died`] : []),
    ...(overgrown > 0 ? [`${relativeText(overgrown)} of the colonies overgrew`] : []),
    // Errors at one step do not show whether it holds.
    ...(died > 0 || overgrown > 0 || last === undefined ? [] : [holds ? "it holds" : "it drifts"]),
    ...(hardest ? [`${relativeText(hardest.relative)} off 200 steps after damage`] : []),
  ];
  return {
    title: good ? "Good" : "Not good enough",
    text: `${[off, ...fates].join("; ")}. Grown ${runs} times from the seed; an empty grid would be 100% off.`,
    advice: good
      ? ""
      : `Train on, ${qualities ? "choose the quality Best, " : ""}or make the picture smaller.`,
  };
}
