import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { defineExperiment, type OptionTable, type PictureSetSubject } from "../experiment.ts";
import { moreSteps, pictureSetOptions, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import {
  type ClassificationMeasures,
  type ClassificationTrainer,
  createClassification,
} from "./classification.ts";
import {
  type ClassificationConfig,
  classificationConfigSchema,
  fitClassificationConfig,
  resolveClassificationConfig,
} from "./config.ts";
import {
  type ClassificationReport,
  classificationReportSchema,
  reportClassification,
  reportText,
} from "./report.ts";

const options = {
  ...pictureSetOptions,
  ...trainingOptions,
  "--rollout": {
    field: "training.rollout",
    help: "steps of a rollout, a random number from a to b",
    otherwise: "20",
    rare: true,
  },
} as const satisfies OptionTable;

/** Cells that agree on what they are part of. */
export const classify = defineExperiment<
  ClassificationConfig,
  BpttProgress & Partial<ClassificationMeasures>,
  object,
  PictureSetSubject,
  ClassificationTrainer,
  ClassificationReport
>({
  name: "classify",
  summary: "train cells to agree which digit they are part of",
  description:
    "Trains an automaton whose cells are the pixels of a picture. Each sees its neighbours alone, and all are to name the class of the whole, to keep to it, and to change their minds when the picture changes.",
  activity: "Learning to classify",
  subject: "picture set",
  schema: classificationConfigSchema,
  options,
  examples: [
    ["neoblast classify", "handwritten-looking digits"],
    ["neoblast classify --data mnist --download", "MNIST, fetched into mnist"],
    ["neoblast classify --data shapes --size 32", "yours, a subfolder for each class"],
    ["neoblast classify --resume runs/handwriting-1"],
  ],
  resolve: resolveClassificationConfig,
  ...stepped,
  title: ({ rule }) => `${rule.image.classes?.count} classes`,
  fit: (config, { train }) => fitClassificationConfig(config, train),
  prolong: moreSteps,
  create: ({ engine, config, subject }) => createClassification({ engine, config, pictures: subject.train }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  measures: ({ accuracy, loss }) => [
    ...(accuracy === undefined ? [] : [`${(100 * accuracy).toFixed(1)}% of cells right`]),
    `loss ${loss.toExponential(2)}`,
  ],
  report: {
    schema: classificationReportSchema,
    measure: ({ engine, config, subject, parameters, signal }) =>
      reportClassification({ engine, config, pictures: subject.test }, parameters, { signal }),
    text: (report) => reportText(report),
    error: ({ agreement }) => 1 - (agreement.at(-1)?.right ?? 0),
  },
  evaluation: {
    fits: ({ readout, provenance }) => readout?.classes !== undefined && provenance.experiment === undefined,
    load: async () => (await import("./evaluation.ts")).classificationEvaluation,
  },
  drawings: async () => (await import("./drawings.ts")).classificationDrawings,
});
