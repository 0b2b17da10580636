import { uncheckedOverrides } from "../../config/config.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { defineExperiment, type OptionTable, type PictureSetSubject } from "../experiment.ts";
import { pictureSetOptions, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import { resolveDigitsConfig } from "./config.ts";
import { createDigits, type DigitsConfig, digitsConfigSchema, type DigitsTrainer } from "./digits.ts";

const options = {
  ...pictureSetOptions,
  "--latent": {
    field: "rule.inputSize",
    help: "numbers that the encoder makes of a picture",
    low: 1,
  },
  ...trainingOptions,
  "--rollout": {
    field: "training.rollout",
    help: "steps of a rollout, a random number from a to b; each sample ends in its second half",
    otherwise: "48",
    rare: true,
  },
  "--beta": {
    field: "encoder.beta",
    value: "x",
    group: "training",
    help: "weight of the divergence (Kullback-Leibler, in nats) of latent vectors from the normal distribution; above 0, noise is added to them",
  },
} as const satisfies OptionTable;

/** Drawing pictures from their latent vectors. */
export const digits = defineExperiment<
  DigitsConfig,
  BpttProgress,
  object,
  PictureSetSubject,
  DigitsTrainer,
  object
>({
  name: "digits",
  summary: "train an automaton to draw digits from a few numbers",
  description:
    "Trains an encoder, which turns a picture into a few numbers, and an automaton, whose cells get these numbers as input and grow the picture from one cell; together, and without labels.",
  activity: "Learning to draw",
  subject: "picture set",
  schema: digitsConfigSchema,
  options,
  examples: [
    ["neoblast digits", "handwritten-looking digits"],
    ["neoblast digits --data mnist --download", "MNIST, fetched into mnist"],
    ["neoblast digits --beta 1e-4 --out normal", "latent vectors that can be sampled"],
    ["neoblast digits --data icons --colour --size 32", "small pictures of your own"],
    ["neoblast digits --resume runs/handwriting-1"],
  ],
  resolve: ({ overrides, sets }) =>
    resolveDigitsConfig({ overrides: uncheckedOverrides<DigitsConfig>(overrides), sets }),
  ...stepped,
  title: ({ rule, encoder }) =>
    `${rule.inputSize} latent numbers${encoder.beta > 0 ? `, beta ${encoder.beta}` : ""}`,
  create: ({ engine, config, subject }) => createDigits({ engine, config, pictures: subject.train }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  drawings: async () => (await import("./drawings.ts")).digitsDrawings,
});
