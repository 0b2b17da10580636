/** What is measured of a model that answers puzzles. */
import { UserError } from "../../errors.ts";
import { type Evaluation, textTable } from "../evaluation.ts";
import type { PuzzleSubject } from "../experiment.ts";
import { spaceTimeSheet } from "./drawings.ts";
import { asSolver, COUNT, measurePuzzles, reportRows, STEPS } from "./report.ts";

export const arcEvaluation: Evaluation<PuzzleSubject> = {
  subject: "puzzles",
  amounts: ["steps", "count"],
  samples: ({ count = COUNT }) => count,
  async evaluate({ engine, model, subject, amounts, seed, onProgress, signal }) {
    const solver = asSolver(model);
    const { count = COUNT, steps = [STEPS] } = amounts;
    if (steps.length !== 1)
      throw new UserError("the rows of puzzles are read once; give --steps one number", { exitCode: 2 });
    const [step] = steps;
    const puzzles = subject.test;
    const report = await measurePuzzles({ engine, solver, puzzles, count, step, seed, onProgress, signal });
    return {
      amount: `${report.puzzles.toLocaleString("en")} held-out puzzles, ${step} steps, seed ${seed}`,
      report: { seed, ...report },
      lines: textTable(reportRows(report)),
      drawing: {
        sheet: await spaceTimeSheet({ engine, solver, puzzles, step, signal }),
        shows: "a puzzle of each kind",
      },
    };
  },
};
