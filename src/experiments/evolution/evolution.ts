/**
 * Growing a picture from one cell without gradients, by an evolution strategy. Source: the notebook "Growing Neural
 * Cellular Automata with Evolution Strategies" of CAX, https://github.com/maxencefaldor/cax.
 */
import * as z from "zod/mini";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import type { Plane } from "../../rule/grid.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { ONE_SEED } from "../../model/start.ts";
import { agedSchema } from "../../train/evolution/aged.ts";
import {
  fitnessSchema,
  type Objective,
  objectiveSchema,
  pictureObjective,
} from "../../train/evolution/objective.ts";
import { createStrategy, strategySchema } from "../../train/evolution/settings.ts";
import type { Strategy } from "../../train/evolution/strategy.ts";
import { EvolutionTrainer } from "../../train/evolution/trainer.ts";
import { whole, withDefault } from "../../config/fields.ts";
import { noPenalties, penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { rampSchema } from "../../train/ramp.ts";
import { scheduleSchema } from "../../train/optim/schedule.ts";
import { type DeepPartial, parseConfig, withChanges } from "../../config/config.ts";
import {
  checkColours,
  type Fitted,
  fitSeeds,
  onePictureRuleSchema,
  pictureModel,
  pictureTargetSchema,
} from "../picture.ts";
import type { Judging } from "../experiment.ts";
import { type WithModel, withModel } from "../trained.ts";

/**
 * `small`: ours, for two processor cores; `cax-es`: the notebook's up to CAX 0.4.3, and `cax-es-2026` that of CAX's main
 * branch since, for a graphics card.
 */
export const evolutionPresetNames = ["small", "cax-es", "cax-es-2026"] as const;
/** `small`: ours, for two processor cores; `cax-es`, `cax-es-2026`: those of CAX's notebook, for a graphics card. */
export type EvolutionPreset = (typeof evolutionPresetNames)[number];

/** Everything that a run depends on, as plain JSON; but for parameters to start from. */
export const evolutionConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: pictureTargetSchema,
    /** Where the settings below came from; they alone count. */
    preset: withDefault(z.enum(evolutionPresetNames), "small"),
    rule: onePictureRuleSchema,
    training: z.strictObject({
      generations: whole(1, 1e6),
      /** Members of a generation. */
      population: whole(1, 2 ** 16),
      /** Rollouts of each member, each with its own fire masks; its loss is their mean. */
      samples: withDefault(whole(1, 256), 1),
      /** Steps that members grow; counted in generations where they change. */
      rollout: rampSchema(whole(1, 1e5)),
      strategy: strategySchema,
      /** Course of the strategy's learning rate over the generations. */
      schedule: scheduleSchema,
      /** Generations in which the learning rate rises to its peak. */
      warmup: whole(0, 1e6),
      objective: objectiveSchema,
      fitness: fitnessSchema,
      /** When members start from what the centre has grown into, instead of from the seed. Null: never. */
      aged: withDefault(z.nullable(agedSchema), null),
      /** Weights of penalties over the steps that fitness averages over. */
      loss: withDefault(z.strictObject(penaltyFields), noPenalties),
    }),
  })
  .check(...penaltyChecks());
/** Everything that a run depends on, as plain JSON; but for parameters to start from. */
export type EvolutionConfig = Readonly<z.infer<typeof evolutionConfigSchema>>;

type Preset = Readonly<{
  target: EvolutionConfig["target"];
  rule: PictureRule;
  training: z.input<typeof evolutionConfigSchema>["training"];
}>;

const caxEs: Preset = {
  target: { source: "🦎", size: 40, padding: 4, seeds: ONE_SEED },
  rule: picturePresets.cax,
  training: {
    generations: 10240,
    population: 512,
    rollout: 90,
    strategy: { kind: "open-es", sigma: 1e-3, learningRate: 1e-3 },
    schedule: { kind: "constant" },
    warmup: 0,
    objective: { kind: "error" },
    // The notebook means the last 32 steps, and takes all: its slice is of another axis.
    fitness: "all-steps",
  },
};

/** At full steps its seed dies for every member, so that no member is better than another. */
const caxEs2026: Preset = {
  target: { ...caxEs.target, padding: 16 },
  rule: {
    ...picturePresets["cax-2026"],
    stepSize: picturePresets["cax-2026"].stepSize / 2,
    seed: { from: 0, to: 16, colours: false },
  },
  training: { ...caxEs.training, rollout: 128, fitness: "last:64" },
};

/** Generations after which the picture of `small` has grown well, and learns to stay. */
const GROWN = 6000;

const PRESETS: Readonly<Record<EvolutionPreset, Preset>> = {
  small: {
    target: { source: "🦎", size: 16, padding: 3, seeds: "picture" },
    rule: { ...picturePresets.distill, channels: 12, hidden: [32], fireRate: 1, seed: { from: 3, to: 12 } },
    training: {
      generations: GROWN + 2000,
      population: 256,
      rollout: { from: 16, to: 40, after: 1000, over: 3000 },
      strategy: {
        kind: "open-es",
        sigma: 0.01,
        sigmaSchedule: { kind: "step", at: [GROWN], factor: 0.5 },
        learningRate: 0.01,
      },
      schedule: { kind: "cosine", final: 0.1, over: GROWN, again: 0.2 },
      warmup: 0,
      objective: { kind: "error" },
      fitness: "last:8",
      aged: { chance: { from: 0, to: 0.5, after: GROWN, over: 0 }, steps: [40, 1000], below: 0.03 },
    },
  },
  "cax-es": caxEs,
  "cax-es-2026": caxEs2026,
};

/** Default configuration of a preset. */
export function evolutionDefaults(preset: EvolutionPreset = "small"): EvolutionConfig {
  return evolutionConfigSchema.parse({ seed: 0, preset, ...PRESETS[preset] });
}

/** What a configuration is resolved from; all else is the preset's. */
export type EvolutionChoices = Readonly<{
  preset?: EvolutionPreset | undefined;
  /** Any part of a configuration, which wins over the defaults. */
  overrides?: DeepPartial<EvolutionConfig> | undefined;
  /** Settings as `training.population=64`, which win over everything else, the last one first. */
  sets?: readonly string[] | undefined;
}>;

/**
 * The complete configuration of an evolution run.
 * @throws UserError naming the faulty field, its value and what is allowed.
 */
export function resolveEvolutionConfig({ preset, ...choices }: EvolutionChoices = {}): EvolutionConfig {
  return parseConfig(evolutionConfigSchema, withChanges(evolutionDefaults(preset), choices));
}

/** What a population is judged by: how members are made, and what each is worth. */
export type Contest = Readonly<{ strategy: Strategy; objective: Objective }>;

/**
 * The contest of a configuration whose seeds have been found.
 *
 * @param target shape (...grid, 4), premultiplied as the rule says.
 */
export function createContest({
  engine,
  config,
  grid,
  target,
}: Readonly<{
  engine: Engine;
  config: Fitted<EvolutionConfig>;
  grid: Plane;
  target: Float32Array;
}>): Contest {
  const { seed, training } = config;
  const { rule, readout, start } = splitRule(config.rule, config.target.seeds);
  const { population, generations, strategy } = training;
  return {
    strategy: createStrategy(strategy, { population, seed, generations }),
    objective: pictureObjective({
      engine,
      rule,
      readout,
      start,
      grid,
      target,
      penalties: training.loss,
      seed,
      ...training,
    }),
  };
}

/**
 * The trainer of a configuration; seeds that are yet to be found from the picture (`fitSeeds`) are.
 *
 * @param target the picture on its grid, which is that of the automaton, premultiplied as the rule says.
 * @param parameters to start from; default: fresh ones.
 * @param judging makes what judges the members elsewhere; default: they are judged here.
 * @throws RangeError for colours that are premultiplied where the rule's are not, or the other way round.
 *
 * @example
 * ```ts
 * import { createWasmEngine } from "neoblast";
 * import { loadTarget } from "neoblast/node";
 * import { createEvolution, resolveEvolutionConfig } from "neoblast/train";
 *
 * const engine = await createWasmEngine();
 * const config = resolveEvolutionConfig({ sets: ["training.population=4", "training.generations=2"] });
 * const target = await loadTarget("🦋", { size: 16, padding: 4, premultiplied: true });
 * const trainer = createEvolution({ engine, config, target });
 * for await (const { step, failed } of trainer) console.log(step, failed);
 * // 0 0
 * // 1 0
 * await engine.dispose();
 * ```
 */
export function createEvolution({
  engine,
  config: unfitted,
  target,
  parameters,
  judging,
}: Readonly<{
  engine: Engine;
  config: EvolutionConfig;
  target: Target;
  parameters?: Float32Array | undefined;
  judging?: Judging | undefined;
}>): EvolutionTrainer & WithModel {
  checkColours(unfitted.rule, [target]);
  const config = fitSeeds(unfitted, [target]);
  const { seed, training } = config;
  const { rule } = splitRule(config.rule, config.target.seeds);
  const { grid, data } = target;
  const { population, strategy, samples } = training;
  const trainer = new EvolutionTrainer({
    ...createContest({ engine, config, grid, target: data }),
    parameters: parameters ?? initialParameters(rule, seed),
    population,
    samples,
    judge: judging?.({ engine, config, grid, target: data }),
    settings: { ...training, learningRate: strategy.learningRate },
  });
  return withModel(trainer, () => pictureModel({ engine, config, grid, trainer }));
}
