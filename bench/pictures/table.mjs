// What is said of the set: figures, and whether they meet the bounds.
import { lost, markdownTable } from "../report.mjs";
import { STEPS } from "./measure.mjs";

/** Largest relative error up to step 1,000; how far it may grow from step 200 to 10,000. */
const MOST = 0.01;
const HELD = 2;

/** Mean errors at {@link STEPS} over that of an empty grid; infinite where a run diverged. */
export function relativeErrors({ growth, empty }) {
  return STEPS.map((step) => (growth.errors.find((errors) => errors.step === step).mean ?? Infinity) / empty);
}

/** For each of {@link STEPS}, whether the error is within its bound; what is not good at 200 is not held at 10,000. */
export function withinBounds(result) {
  const errors = relativeErrors(result);
  const at200 = errors[STEPS.indexOf(200)];
  return errors.map((error, i) => {
    const most = STEPS[i] === 10_000 ? HELD * Math.min(at200, MOST) : MOST;
    return Number.isFinite(error) && error <= most;
  });
}

function meetsBounds(result) {
  return result.failed === undefined && lost(result.growth) === 0 && withinBounds(result).every(Boolean);
}

/** A share in percent, with two digits that count. */
export function percent(share) {
  if (!Number.isFinite(share)) return "diverged";
  return `${(100 * share).toLocaleString("en-US", { minimumSignificantDigits: 2, maximumSignificantDigits: 2 })}%`;
}

/** A share of runs in whole percent. */
const shareOf = (share) => `${Math.round(100 * share)}%`;

/** One picture in a line. */
export function lineOf(result) {
  if (result.failed !== undefined) return `${result.name}: failed: ${result.failed}`;
  const { name, training } = result;
  const error = percent(relativeErrors(result)[STEPS.indexOf(200)]);
  const trained = training.steps > 0 ? `, trained in ${(training.seconds / 60).toFixed(1)} minutes` : "";
  return `${name}: relative error ${error} at step 200, bounds ${meetsBounds(result) ? "met" : "missed"}${trained}`;
}

/** How many meet the bounds, and how well the one in the middle grows. */
export function summaryOf(results) {
  const measured = results.filter(({ failed }) => failed === undefined);
  if (measured.length === 0) return "nothing is measured";
  const sorted = measured
    .map((result) => relativeErrors(result)[STEPS.indexOf(200)])
    .toSorted((a, b) => a - b);
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  const failed = results.length - measured.length;
  return `${results.filter(meetsBounds).length} of ${results.length} meet the bounds${failed > 0 ? ` (${failed} failed)` : ""}, median relative error at step 200: ${percent(middle)}`;
}

/** All pictures as a table in Markdown; below, a line that sums it up, and what failed. */
export function tableOf(results) {
  const healing = results.some(({ recovery }) => recovery);
  const steps = STEPS.map((step) => step.toLocaleString("en-US"));
  const damage = healing ? ["worst damage"] : [];
  const columns = ["", "minutes", "training steps", ...steps, "died or overgrew", ...damage, "bounds met"];
  const lines = results.map((result) => {
    const { name, source, failed, training, growth, recovery } = result;
    // The source is the path of a file or an emoji.
    const title = name !== source && /^\p{Extended_Pictographic}/u.test(source) ? `${source} ${name}` : name;
    if (failed !== undefined) return [title, ...columns.slice(2).map(() => ""), "failed"];
    return [
      title,
      training.steps > 0 ? (training.seconds / 60).toFixed(1) : "",
      training.steps > 0 ? training.steps.toLocaleString("en-US") : "",
      ...relativeErrors(result).map(percent),
      shareOf(lost(growth)),
      ...(healing ? [recovery ? worstCut(recovery) : ""] : []),
      meetsBounds(result) ? "yes" : "no",
    ];
  });
  const reasons = results.filter(({ failed }) => failed !== undefined).map(lineOf);
  return [markdownTable(columns, lines), summaryOf(results), ...reasons].join("\n\n");
}

/** The damage that leaves the largest error, over that without it, and how many runs it cost. */
function worstCut(recovery) {
  const worst = recovery.reduce((worse, other) =>
    (other.ratio ?? Infinity) > (worse.ratio ?? Infinity) ? other : worse,
  );
  const most = Math.max(...recovery.map(lost));
  const ratio = worst.ratio === null ? "diverged" : `${worst.ratio.toPrecision(3)} times`;
  return `${worst.damage}: ${ratio}${most > 0 ? `, ${shareOf(most)} lost` : ""}`;
}
