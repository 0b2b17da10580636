import { defined, uncheckedOverrides } from "../../config/config.ts";
import { usageError } from "../../errors.ts";
import { withPicture } from "../../model/model.ts";
import { joinRule } from "../../model/pictureRule.ts";
import type { EvolutionProgress, EvolutionTrainer } from "../../train/evolution/trainer.ts";
import { rampText } from "../../train/ramp.ts";
import { defineExperiment, type OptionTable, type PictureSubject } from "../experiment.ts";
import { pictureOptions } from "../options.ts";
import { fitSeeds, type PictureValues, targetOverrides } from "../picture.ts";
import { modelNamed, type WithModel } from "../trained.ts";
import {
  createEvolution,
  type EvolutionConfig,
  evolutionConfigSchema,
  evolutionDefaults,
  evolutionPresetNames,
  resolveEvolutionConfig,
} from "./evolution.ts";

type Training = EvolutionConfig["training"];

export type EvolutionValues = PictureValues &
  Readonly<{
    strategy?: Training["strategy"]["kind"];
    population?: number;
    generations?: number;
    sigma?: number;
    learningRate?: number;
    rollout?: number;
    objective?: Training["objective"]["kind"];
    fitness?: string;
  }>;

/** Learning rates of a run that starts from a model. */
const START_RATES = { "open-es": 1e-4, pgpe: 3e-3, snes: 1 } as const;

const { strategy, rollout, fitness } = evolutionDefaults().training;

const options = {
  ...pictureOptions,
  "--strategy": {
    field: "training.strategy.kind",
    value: "name",
    help: "open-es (mirrored samples, ranks, Adam), pgpe (with ClipUp) or snes",
  },
  "--population": { field: "training.population", help: "members of a generation" },
  "--generations": { field: "training.generations", help: "training steps" },
  "--sigma": {
    field: "training.strategy.sigma",
    value: "s",
    help: "initial standard deviation of the members' parameters",
    rare: true,
    otherwise: `the strategy's; open-es ${strategy.sigma}, from a model 3e-4`,
  },
  "--learning-rate": {
    field: "training.strategy.learningRate",
    value: "r",
    help: "learning rate of the search's centre, which is the model",
    rare: true,
    otherwise: `the strategy's; open-es ${strategy.learningRate}, from a model 1e-4`,
  },
  "--rollout": {
    field: "training.rollout",
    help: "steps that a member grows",
    rare: true,
    otherwise: `${rampText(rollout)}; from a model 80`,
  },
  "--objective": {
    field: "training.objective.kind",
    value: "name",
    help: "what to minimise: error (mean squared), wrong-pixels (at 8 bits), recovery (error, also after damage) or cells (living cells, at a given error)",
  },
  "--fitness": {
    field: "training.fitness",
    value: "steps",
    help: "steps of the rollout at which the objective is measured: all-steps, last:N or final",
    rare: true,
    otherwise: `${fitness}; from a model last:16`,
    allowed: "all-steps, final, or last:N with N from 1 to 99999",
  },
} as const satisfies OptionTable;

/** Growing a picture by an evolution strategy. */
export const evolve = defineExperiment<
  EvolutionConfig,
  EvolutionProgress,
  EvolutionValues,
  PictureSubject,
  EvolutionTrainer & WithModel,
  object
>({
  name: "evolve",
  summary: "train an automaton without gradients, by an evolution strategy",
  description:
    "Trains an automaton that grows a picture from one cell by trying out variants of it, a population in each generation, and writes the same folder as grow. The objective need not be differentiable.",
  activity: "Evolving",
  unit: "generation",
  need: { compare: true, keep: true },
  subject: "picture",
  hasMembers: true,
  schema: evolutionConfigSchema,
  presets: {
    preset: {
      names: evolutionPresetNames,
      help: "small (ours, for two processor cores), cax-es (the notebook of CAX up to 0.4.3) or cax-es-2026 (that of its main branch since); the last two take far longer (default: small)",
      rare: true,
    },
  },
  options,
  examples: [
    ["neoblast evolve", "the lizard, small"],
    ["neoblast evolve 🦋 --strategy snes --population 64", "by another strategy"],
    ["neoblast evolve --start runs/lizard-1 --objective wrong-pixels"],
    ["neoblast evolve --preset cax-es --out notebook", "as CAX's notebook has it"],
    ["neoblast evolve --set training.samples=2 --set training.schedule.kind=constant"],
    ["neoblast evolve --resume runs/lizard-2"],
  ],
  resolve: ({ presets, overrides, sets }) =>
    resolveEvolutionConfig({
      overrides: uncheckedOverrides<EvolutionConfig>(overrides),
      sets,
      preset: evolutionPresetNames.find((name) => name === presets?.preset),
    }),
  startFrom({ path, model }, { source, values }, file) {
    const { strategy: kind = "open-es" } = values;
    const { picture } = model.provenance;
    if (model.rule.inputSize > 0) {
      throw usageError(`${path} needs an input; --start takes a model of one picture`);
    }
    if (model.start.pictures || model.start.coordinates) {
      throw usageError(
        `${path} starts from more than seeds: from ${model.start.pictures ? "pictures" : "coordinates that its cells are given"}, which evolve knows nothing of`,
      );
    }
    if (!picture && source === undefined && !file.target) {
      throw usageError(`${path} does not say what it draws; name an emoji or a picture, too`);
    }
    return {
      rule: joinRule(withPicture(model, path)),
      target: { ...picture, seeds: model.start.seeds },
      // A grown model is not to be unlearned: it needs the steps that it grows in, and noise that leaves it standing.
      training: {
        rollout: 80,
        fitness: "last:16",
        strategy: { kind, sigma: 3e-4, learningRate: START_RATES[kind] },
      },
    };
  },
  overridesOf(chosen, base, stated) {
    const { generations, population, sigma, learningRate, objective, ...values } = chosen.values;
    return {
      target: targetOverrides(chosen, base, stated),
      training: defined({
        generations,
        population,
        rollout: values.rollout,
        fitness: values.fitness,
        strategy: defined({ kind: values.strategy, sigma, learningRate }),
        objective: defined({ kind: objective }),
      }),
    };
  },
  total: ({ training }) => training.generations,
  samples: ({ training: { population, samples } }) => population * samples,
  title: ({ training }) =>
    [
      training.strategy.kind,
      `population ${training.population}`,
      ...(training.objective.kind === "error" ? [] : [`objective ${training.objective.kind}`]),
    ].join(", "),
  fit: (config, { targets }) => fitSeeds(config, targets),
  create: ({ subject, ...setting }) => createEvolution({ ...setting, target: subject.targets[0] }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  measures: ({ loss, best, failed }) => [
    `loss ${loss.toExponential(2)}`,
    `best ${best.toExponential(2)}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ],
  drawings: async () => (await import("../drawing/pictures.ts")).evolutionDrawings,
});
