import { pcg4d, STREAM } from "../../random.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { textTable } from "../evaluation.ts";
import { defineExperiment, type OptionTable, type PuzzleSubject } from "../experiment.ts";
import { moreSteps, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import { type ArcMeasures, type ArcTrainer, createArc } from "./arc.ts";
import { type ArcConfig, arcConfigSchema, resolveArcConfig } from "./config.ts";
import { type ArcReport, arcReportSchema, asSolver, measurePuzzles, reportRows } from "./report.ts";

const options = {
  "--width": {
    field: "data.width",
    value: "cells",
    help: "cells of a row; shorter ones are filled up",
  },
  "--steps": trainingOptions["--steps"],
  "--batch": trainingOptions["--batch"],
  "--rollout": trainingOptions["--rollout"],
} as const satisfies OptionTable;

/** Rows of cells that answer puzzles. */
export const arc = defineExperiment<
  ArcConfig,
  BpttProgress & Partial<ArcMeasures>,
  object,
  PuzzleSubject,
  ArcTrainer,
  ArcReport
>({
  name: "arc",
  summary: "train rows of cells to answer puzzles of 1D-ARC",
  description:
    "Trains an automaton on rows of cells that are shown three examples of what becomes of a row, and a fourth row of which the same is to become: to move, to fill, to mirror, to recolour. One model for all kinds of puzzles.",
  activity: "Learning to answer",
  subject: "puzzles",
  schema: arcConfigSchema,
  options,
  examples: [
    ["neoblast arc", "drawn puzzles, of 13 kinds"],
    ["neoblast arc --data 1D-ARC/dataset --width 64", "the dataset, from a folder"],
    ["neoblast arc --resume runs/puzzles-1"],
  ],
  resolve: resolveArcConfig,
  ...stepped,
  title: ({ embedding }) => `colours in ${embedding} numbers`,
  prolong: moreSteps,
  create: ({ engine, config, subject }) => createArc({ engine, config, puzzles: subject.train }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  measures: ({ right, loss }) => [
    ...(right === undefined ? [] : [`${(100 * right).toFixed(0)}% of rows right`]),
    `loss ${loss.toExponential(2)}`,
  ],
  report: {
    schema: arcReportSchema,
    measure: ({ engine, config, subject, trainer, signal }) =>
      measurePuzzles({
        engine,
        solver: asSolver(trainer.toModel()),
        puzzles: subject.test,
        seed: pcg4d(config.seed, STREAM.validation, 0, 0),
        signal,
      }),
    text: (report) => textTable(reportRows(report)),
    error: ({ rows }) => 1 - rows,
  },
  evaluation: {
    fits: ({ provenance }) => provenance.experiment === "arc",
    load: async () => (await import("./evaluation.ts")).arcEvaluation,
  },
  drawings: async () => (await import("./drawings.ts")).arcDrawings,
});
