/** What a run shows whose cells answer puzzles. */
import type { RowPuzzles } from "../../data/rowPuzzles.ts";
import type { Engine } from "../../engine.ts";
import { unroll } from "../../engine/unroll.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { layoutSheet, type Sheet, type SheetPanel } from "../../render/sheet.ts";
import { symbolRaster } from "../../render/symbols.ts";
import type { Drawings } from "../drawings.ts";
import type { PuzzleSubject } from "../experiment.ts";
import type { ArcConfig } from "./config.ts";
import { answerOf, type ArcReport, asSolver, type Solver, startOf, STEPS } from "./report.ts";

/** About how many pixels wide a picture becomes. */
const WIDTH = 200;
/** Puzzles that are drawn, at most. */
const DRAWN = 18;

export const arcDrawings: Drawings<ArcConfig, PuzzleSubject, ArcReport> = {
  sheets: ["sheet.png"],
  film: false,
  chart: TRAINING_CHART,
  draw: async ({ engine, model, subject, signal }) => ({
    sheets: {
      "sheet.png": await spaceTimeSheet({ engine, solver: asSolver(model), puzzles: subject.test, signal }),
    },
    page: { title: "A puzzle" },
  }),
  files: {
    "sheet.png":
      "a puzzle of each kind: examples, what cells make of the question as time runs down, and the answer",
    "player.html": "the page that answers the first puzzle",
    "report.json": "shares of rows and cells that are right, by kind",
    "loss.svg": "the loss",
    "model.safetensors": "the model, with the embedded colours",
  },
  next: (folder) => `evaluate ${folder}`,
};

/**
 * The first puzzle of each kind: the examples, each with what becomes of it; then the question, what cells name after each
 * step, time running down; and the answer.
 */
export async function spaceTimeSheet({
  engine,
  solver,
  puzzles,
  step: last = STEPS,
  signal,
}: Readonly<{
  engine: Engine;
  solver: Solver;
  puzzles: RowPuzzles;
  step?: number;
  signal: AbortSignal;
}>): Promise<Sheet> {
  const first = puzzles.tasks.map((_, task) => firstOf(puzzles, task)).filter((index) => index >= 0);
  const scale = Math.max(1, Math.round(WIDTH / puzzles.width));
  const panels: SheetPanel[] = [];
  for (const index of first.slice(0, DRAWN)) {
    const puzzle = puzzles.puzzle(index);
    const states = unroll({
      engine,
      rule: solver.rule,
      parameters: solver.parameters,
      grid: [puzzles.width],
      start: startOf(solver, puzzle),
      seed: 0,
      stops: Array.from({ length: last + 1 }, (_, step) => step),
      signal,
    });
    const course: Uint8Array[] = [];
    for await (const { state } of states) course.push(answerOf(state, solver));
    const { output } = puzzle.question;
    const right = course[last].every((symbol, cell) => symbol === output[cell]);
    panels.push({
      caption: `${puzzles.tasks[puzzle.task]}: ${right ? "right" : "wrong"}`,
      picture: symbolRaster(
        [
          ...puzzle.examples.flatMap((pair) => [pair.input, pair.output, null]),
          ...course,
          null,
          output,
          output,
        ],
        scale,
      ),
      emphasis: !right,
    });
  }
  return layoutSheet(panels);
}

/** The number of the first puzzle of a kind among the first thousands; -1 where there is none. */
function firstOf(puzzles: RowPuzzles, task: number): number {
  for (let index = 0; index < Math.min(puzzles.count, 5000); index++) {
    if (puzzles.puzzle(index).task === task) return index;
  }
  return -1;
}
