import { pcg4d, STREAM } from "../../random.ts";
import { withPicture } from "../../model/model.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { textTable } from "../evaluation.ts";
import { defineExperiment, type Example, type OptionTable, type PictureSetSubject } from "../experiment.ts";
import { moreSteps, pictureSetOptions, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import {
  resolveRestorationConfig,
  type Restoration,
  type RestorationConfig,
  restorationConfigSchema,
} from "./config.ts";
import { measureRestoration, reportRows, type RestorationReport, restorationReportSchema } from "./report.ts";
import { createRestoration, type RestorationTrainer } from "./restoration.ts";

const options = { ...pictureSetOptions, ...trainingOptions } as const satisfies OptionTable;

function restoring(
  what: Restoration,
  words: Readonly<{ summary: string; description: string; activity: string; examples: readonly Example[] }>,
) {
  return defineExperiment<
    RestorationConfig,
    BpttProgress,
    object,
    PictureSetSubject,
    RestorationTrainer,
    RestorationReport
  >({
    name: what,
    ...words,
    subject: "picture set",
    schema: restorationConfigSchema,
    options,
    resolve: (choices) => resolveRestorationConfig(what, choices),
    ...stepped,
    title: ({ corruption: { kinds, level } }) => `${kinds.join(" and ")} from ${level[0]} to ${level[1]}`,
    prolong: moreSteps,
    create: ({ engine, config, subject }) =>
      createRestoration(what, { engine, config, pictures: subject.train }),
    modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
    report: {
      schema: restorationReportSchema,
      measure: ({ engine, config, subject, trainer, signal }) =>
        measureRestoration({
          what,
          engine,
          model: withPicture(trainer.toModel()),
          pictures: subject.test,
          seed: pcg4d(config.seed, STREAM.validation, 0, 0),
          signal,
        }),
      text: (report) => textTable(reportRows(report)),
      error: ({ levels }) =>
        levels.reduce((sum, { restored }) => sum + (restored.at(-1)?.error ?? Infinity), 0) / levels.length,
    },
    evaluation: {
      fits: ({ provenance }) => provenance.experiment === what,
      load: async () => (await import("./evaluation.ts")).restorationEvaluation(what),
    },
    drawings: async () => (await import("./drawings.ts")).restorationDrawings(what),
  });
}

/** Pictures out of noise. */
export const denoise = restoring("denoise", {
  summary: "train cells to find a picture under noise",
  description:
    "Trains an automaton whose cells are the pixels of a picture under noise, from a little to nothing but noise, and make of it the picture that may have been there.",
  activity: "Learning to denoise",
  examples: [
    ["neoblast denoise", "handwritten-looking digits"],
    ["neoblast denoise --data icons --colour --size 32", "small pictures of your own"],
    ["neoblast denoise --resume runs/handwriting-1"],
  ],
});

/** Pictures of which pixels are missing. */
export const complete = restoring("complete", {
  summary: "train cells to fill in the missing pixels of a picture",
  description:
    "Trains an automaton whose cells are the pixels of a picture, of which some are missing, scattered or in a block, and make the whole picture of it.",
  activity: "Learning to complete",
  examples: [
    ["neoblast complete", "handwritten-looking digits"],
    ["neoblast complete --data icons --colour --size 32", "small pictures of your own"],
    [`neoblast complete --set 'corruption.kinds=["block"]' --out blocks`],
    ["neoblast complete --resume runs/handwriting-1"],
  ],
});
