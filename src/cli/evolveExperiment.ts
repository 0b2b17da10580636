import { parseConfig } from "../experiments/config.ts";
import {
  createEvolution,
  type EvolutionConfig,
  evolutionConfigSchema,
  type EvolutionPreset,
  evolutionPresetNames,
  resolveEvolutionConfig,
} from "../experiments/evolution.ts";
import type { EvolutionProgress } from "../train/evolution/trainer.ts";
import { defined } from "./choices.ts";
import type { Experiment, TrainingOptions } from "./experiment.ts";

type Training = EvolutionConfig["training"];

export type EvolveOptions = TrainingOptions &
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

/** Growing a picture by an evolution strategy. */
export const evolveExperiment: Experiment<EvolutionConfig, EvolutionProgress, EvolveOptions> = {
  command: "evolve",
  activity: "Evolving",
  unit: "generation",
  bases: ["preset"],
  lossChart: {
    unit: "generation",
    subtitle: "of every generation, median and best of its members, and their moving means",
    lines: [
      { field: "loss", name: "median" },
      { field: "best", name: "best" },
    ],
  },
  parse: (value) => parseConfig(evolutionConfigSchema, value),
  resolve: ({ bases, ...choices }) =>
    resolveEvolutionConfig({
      ...choices,
      preset: evolutionPresetNames.find((name) => name === bases?.preset),
    }),
  // A grown model is not to be unlearned: it needs the steps that it grows in, and noise that leaves it standing.
  startTraining: ({ strategy = "open-es" }) => ({
    rollout: 80,
    fitness: "last:16",
    strategy: { kind: strategy, sigma: 3e-4, learningRate: START_RATES[strategy] },
  }),
  training: ({ generations, population, rollout, fitness, strategy, sigma, learningRate, objective }) => ({
    generations,
    population,
    rollout,
    fitness,
    strategy: defined({ kind: strategy, sigma, learningRate }),
    objective: defined({ kind: objective }),
  }),
  total: ({ training }) => training.generations,
  samples: ({ training: { population, samples } }) => population * samples,
  title: ({ training: { strategy, population, objective } }) =>
    [
      strategy.kind,
      `population ${population}`,
      ...(objective.kind === "error" ? [] : [`objective ${objective.kind}`]),
    ].join(", "),
  create: createEvolution,
  measures: ({ loss, best, failed }) => [
    `loss ${loss.toExponential(2)}`,
    `best ${best.toExponential(2)}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ],
};
