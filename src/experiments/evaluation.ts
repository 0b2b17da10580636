/** How `neoblast evaluate` measures the models of an experiment. */
import type { Engine } from "../engine.ts";
import type { Model } from "../model/model.ts";
import type { Sheet } from "../render/sheet.ts";
import type { SubjectKind } from "./subject.ts";

/** How much is measured. What is left out is as each kind of model has it. */
export type Amounts = Readonly<{
  /** Steps at which states are looked at. */
  steps?: readonly number[] | undefined;
  /** Runs of one model from its start, of fire masks of their own. */
  runs?: number | undefined;
  /** Degrees by which the directions in which cells perceive are turned. */
  angles?: readonly number[] | undefined;
  /** Held-out examples. */
  count?: number | undefined;
}>;

/** @template S what a model is measured by. */
export type EvaluationRequest<S> = Readonly<{
  engine: Engine;
  model: Model;
  subject: S;
  amounts: Amounts;
  /** Unsigned 32-bit, of everything random: the same seed, the same report. */
  seed: number;
  onProgress: (done: number, total: number) => void;
  signal: AbortSignal;
}>;

export type Evaluated = Readonly<{
  /** How much was measured, in words: `8 runs from seed 0`. */
  amount: string;
  /** As plain JSON. */
  report: object;
  /** The report as lines. */
  lines: readonly string[];
  /** Or, in a sentence, why there is none. */
  drawing: Readonly<{ sheet: Sheet; /** What it shows: `how damage heals`. */ shows: string }> | string;
}>;

/** What there is to measure of the models of an experiment. @template S what a model is measured by. */
export interface Evaluation<S> {
  readonly subject: SubjectKind;
  /** Amounts that count; the others are refused. */
  readonly amounts: readonly (keyof Amounts)[];
  /** Most samples that are computed at once. */
  samples(amounts: Amounts): number;
  /** @throws what `Engine.rollout` throws; UserError where model and subject do not go together. */
  evaluate(request: EvaluationRequest<S>): Promise<Evaluated>;
}

/** Evaluations take a while to load; which models they are for is known before. @template S as of {@link Evaluation}. */
export type Evaluating<S> = Readonly<{
  /** Whether a model is one of these. */
  fits(model: Model): boolean;
  load(): Promise<Evaluation<S>>;
}>;

const GAP = "  ";

/** Rows as lines, their cells in columns: the first `left` of them to the left, the others to the right. */
export function textTable(rows: readonly (readonly string[])[], left = 1): string[] {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, i) => (i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(GAP),
  );
}
