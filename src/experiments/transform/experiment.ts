import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { defineExperiment, type OptionTable, type PairSubject } from "../experiment.ts";
import { moreSteps, pictureOptions, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import { resolveTransformConfig, type TransformConfig, transformConfigSchema } from "./config.ts";
import { createTransform, type TransformTrainer } from "./transform.ts";

const options = { ...pictureOptions, ...trainingOptions } as const satisfies OptionTable;

/** One picture that becomes another. */
export const transform = defineExperiment<
  TransformConfig,
  BpttProgress,
  object,
  PairSubject,
  TransformTrainer,
  object
>({
  name: "transform",
  summary: "train an automaton to turn one picture into another",
  description:
    "Trains an automaton that starts from a picture, becomes another, and stays it; of several pairs, the input of all cells says which. Leaves a folder with the model, a film, a contact sheet and a page to play with it.",
  activity: "Turning",
  subject: "picture pairs",
  schema: transformConfigSchema,
  options,
  examples: [
    ["neoblast transform", "the lizard becomes a butterfly"],
    ["neoblast transform 🥚 🐣 --out hatch", "an egg that hatches"],
    ["neoblast transform day.png night.png --size 48", "pictures of yours"],
    ["neoblast transform 🥚 🐣 🐛 🦋", "two pairs in one automaton"],
    ["neoblast transform --resume runs/lizard-to-butterfly-1"],
  ],
  resolve: resolveTransformConfig,
  ...stepped,
  title: ({ target: { source } }) => (source.length === 2 ? "one pair" : `${source.length / 2} pairs`),
  prolong: moreSteps,
  create: ({ engine, config, subject: { starts, targets } }) =>
    createTransform({ engine, config, starts, targets }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  drawings: async () => (await import("./drawings.ts")).transformDrawings,
});
