import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { defineExperiment, type OptionTable, type PictureSubject } from "../experiment.ts";
import { moreSteps, stepped, trainingOptions } from "../options.ts";
import { modelNamed } from "../trained.ts";
import { resolveTextureConfig, type TextureConfig, textureConfigSchema, textureModels } from "./config.ts";
import { checkTexture, createTexture, type TextureTrainer } from "./texture.ts";

const options = {
  "--size": {
    field: "target.size",
    value: "cells",
    help: "longest side of the picture, and of the torus it is learned on",
  },
  ...trainingOptions,
} as const satisfies OptionTable;

/** Filling a torus with the texture of a picture. */
export const texture = defineExperiment<
  TextureConfig,
  BpttProgress,
  object,
  PictureSubject,
  TextureTrainer,
  object
>({
  name: "texture",
  summary: "train an automaton to become a living texture of a picture",
  description:
    "Trains an automaton that fills a torus of any size with an endless texture of a picture, keeps it moving and heals it; and leaves a folder with the model, a film, a contact sheet and a page to play with it.",
  activity: "Weaving",
  subject: "texture",
  schema: textureConfigSchema,
  presets: {
    model: {
      names: textureModels,
      help: "full (5,856 parameters) or small (588), of which a link in a QR code holds all (default: full)",
    },
  },
  options,
  examples: [
    ["neoblast texture", "bricks"],
    ["neoblast texture photo.jpg", "a picture of yours"],
    ["neoblast texture bubbles --model small", "588 parameters"],
    ["neoblast texture bark --size 96 --steps 4000", "larger, and longer"],
    ["neoblast texture --resume runs/bricks-1"],
  ],
  resolve: ({ presets, overrides, sets }) =>
    resolveTextureConfig({
      overrides,
      sets,
      model: textureModels.find((name) => name === presets?.model),
    }),
  ...stepped,
  title: ({ model }) => `${model} model`,
  fit(config, { targets: [target] }) {
    checkTexture(target);
    return config;
  },
  prolong: moreSteps,
  create: ({ engine, config, subject: { targets }, parameters }) =>
    createTexture({ engine, config, target: targets[0], parameters }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  evaluation: {
    fits: ({ provenance }) => provenance.match === "texture",
    load: async () => (await import("./evaluation.ts")).textureEvaluation,
  },
  drawings: async () => (await import("./drawings.ts")).textureDrawings,
});
