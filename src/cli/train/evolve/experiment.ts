import { parseConfig, uncheckedOverrides } from "../../../config/config.ts";
import {
  createEvolution,
  type EvolutionConfig,
  evolutionConfigSchema,
  type EvolutionPreset,
  evolutionPresetNames,
  resolveEvolutionConfig,
} from "../../../experiments/evolution/evolution.ts";
import { fitSeeds } from "../../../experiments/picture.ts";
import { seedsOf } from "../../../model/model.ts";
import type { LossChart } from "../../../render/lossChart.ts";
import type { EvolutionProgress } from "../../../train/evolution/trainer.ts";
import { defined } from "../settings.ts";
import type { Experiment } from "../experiment.ts";
import {
  pictureExperiment,
  type PictureOptions,
  type PictureSubject,
  targetOverrides,
} from "../pictureExperiment.ts";
import { usageError } from "../../values.ts";

type Training = EvolutionConfig["training"];

export type EvolveOptions = PictureOptions &
  Readonly<{
    preset?: EvolutionPreset;
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

const LOSS_CHART: LossChart = {
  unit: "generation",
  subtitle: "of every generation, median and best of its members, and their moving means",
  lines: [
    { field: "loss", name: "median" },
    { field: "best", name: "best" },
  ],
};

/** Growing a picture by an evolution strategy. */
export const evolveExperiment: Experiment<EvolutionConfig, EvolutionProgress, EvolveOptions, PictureSubject> =
  {
    ...pictureExperiment(LOSS_CHART),
    command: "evolve",
    need: { compare: true },
    activity: "Evolving",
    unit: "generation",
    presetOptions: ["preset"],
    parse: (value) => parseConfig(evolutionConfigSchema, value),
    resolve: ({ presets, overrides, sets }) =>
      resolveEvolutionConfig({
        overrides: uncheckedOverrides<EvolutionConfig>(overrides),
        sets,
        preset: evolutionPresetNames.find((name) => name === presets?.preset),
      }),
    startFrom({ path, model }, { args: [source], options }, file) {
      const { strategy = "open-es" } = options;
      const { picture } = model.provenance;
      if (model.rule.inputSize > 0) {
        throw usageError(`${path} needs an input; --start takes a model of one picture`);
      }
      if (!picture && source === undefined && !file.target) {
        throw usageError(`${path} does not say what it draws; name an emoji or a picture, too`);
      }
      return {
        rule: model.rule,
        target: { ...picture, seeds: seedsOf(model) },
        // A grown model is not to be unlearned: it needs the steps that it grows in, and noise that leaves it standing.
        training: {
          rollout: 80,
          fitness: "last:16",
          strategy: { kind: strategy, sigma: 3e-4, learningRate: START_RATES[strategy] },
        },
      };
    },
    overridesOf({ args: [source], options }, base, stated) {
      const { generations, population, rollout, fitness } = options;
      const { strategy, sigma, learningRate, objective } = options;
      return {
        target: targetOverrides(source, options, base, stated),
        training: defined({
          generations,
          population,
          rollout,
          fitness,
          strategy: defined({ kind: strategy, sigma, learningRate }),
          objective: defined({ kind: objective }),
        }),
      };
    },
    total: ({ training }) => training.generations,
    samples: ({ training: { population, samples } }) => population * samples,
    title: ({ training: { strategy, population, objective } }) =>
      [
        strategy.kind,
        `population ${population}`,
        ...(objective.kind === "error" ? [] : [`objective ${objective.kind}`]),
      ].join(", "),
    fit: (config, { targets }) => fitSeeds(config, targets),
    create: ({ subject, ...setting }) => createEvolution({ ...setting, target: subject.targets[0] }),
    measures: ({ loss, best, failed }) => [
      `loss ${loss.toExponential(2)}`,
      `best ${best.toExponential(2)}`,
      ...(failed > 0 ? [`${failed} failed`] : []),
    ],
  };
