// What a case of the benchmark reports, and how that is printed.
import { spreadOf } from "../dist/cli/bench/timed.js";

/**
 * One line of a case. Several values become their median with the lowest and the highest.
 *
 * @param target `{ atLeast }` or `{ atMost }`, in the same unit.
 */
export function row(label, values, unit, target) {
  const { median, low, high } = spreadOf([values].flat());
  const met = target && (target.atLeast === undefined ? median <= target.atMost : median >= target.atLeast);
  return { label, unit, value: median, low, high, ...(target && { target, met }) };
}

/** A figure with at least three digits that count. */
export function digits(value) {
  const size = Math.abs(value);
  return size >= 100 || value === 0 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

export function formatMachine({ cpu, cores, memoryGiB, system, node, v8 }) {
  return `${cores} x ${cpu}, ${memoryGiB} GiB, ${system}; Node ${node}, V8 ${v8}`;
}

export function formatCase({ title, verified = [], rows = [], skipped = [], failed }) {
  const lines = [`\n${title}`];
  for (const { what, deviation } of verified) {
    lines.push(`  verified: ${what}${deviation ? ` within ${deviation.toExponential(1)}` : ""}`);
  }
  for (const entry of rows) lines.push(formatRow(entry));
  for (const { name, reason } of skipped) lines.push(`  ${name} skipped: ${reason}`);
  if (failed) lines.push(`  FAILED: ${failed}`);
  return lines.join("\n");
}

function formatRow({ label, unit, value, low, high, target, met }) {
  const spread = low === high ? "" : `(${digits(low)} to ${digits(high)})`;
  const [bound, limit] = target ? Object.entries(target)[0] : [];
  const wanted = bound
    ? `  target: ${bound === "atLeast" ? "at least" : "at most"} ${digits(limit)}, ${met ? "met" : "MISSED"}`
    : "";
  return `  ${label.padEnd(44)}${digits(value).padStart(7)} ${unit.padEnd(16)}${spread.padEnd(18)}${wanted}`.trimEnd();
}

/** A table in Markdown: the first column to the left, the others to the right. */
export function markdownTable(head, lines) {
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Largest of the shares of runs that came to a bad end. */
export function lost({ died, overgrown, diverged }) {
  return Math.max(died ?? 0, overgrown ?? 0, diverged);
}
