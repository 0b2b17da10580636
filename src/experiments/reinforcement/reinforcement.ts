/**
 * Growing a picture from one cell by short rollouts and a critic. Sources: "Reinforcement Learning Neural Cellular
 * Automata", a notebook of CAX (Faldor and Cully, 2024) that was never finished, and its later "Growing Neural Cellular
 * Automata with Reinforcement Learning", number 63 of https://github.com/maxencefaldor/cax.
 */
import * as z from "zod/mini";
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { type CriticSettings, criticSchema } from "../../nets/critic.ts";
import { type VaeSettings, vaeSchema } from "../../nets/vae.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { splitRule } from "../../model/pictureRule.ts";
import type { Plane } from "../../rule/grid.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { whole, withDefault } from "../../config/fields.ts";
import { highest, lowest } from "../../train/ramp.ts";
import { criticFields } from "../../train/reinforcement/critic.ts";
import { memorySchema } from "../../train/memory/memory.ts";
import {
  type ReinforcementMeasures,
  ReinforcementTask,
  returnFields,
} from "../../train/reinforcement/task.ts";
import { observationNames } from "../../train/reinforcement/observers.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { type BpttSettings, bpttFields, learningFields } from "../../train/bptt/settings.ts";
import {
  checkColours,
  type Fitted,
  fitSeeds,
  onePictureRuleSchema,
  pictureModel,
  pictureTargetSchema,
} from "../picture.ts";
import { type WithModel, withModel } from "../trained.ts";

/**
 * `small`: ours, for two processor cores; `cax-rl`: CAX's later notebook; `cax-draft`: its first one, with its layers.
 */
export const reinforcementPresetNames = ["small", "cax-rl", "cax-draft"] as const;
/** `small`: ours, for two processor cores; `cax-rl`: CAX's later notebook; `cax-draft`: its first one, with its layers. */
export type ReinforcementPreset = (typeof reinforcementPresetNames)[number];

const { features, pooling, hidden, output } = criticSchema.shape;
const { steps, batch, average } = bpttFields;

const trainingSchema = z
  .strictObject({
    steps,
    batch,
    /** Steps of every rollout. */
    horizon: whole(1, 1000),
    /** Steps from one state to the next that is rewarded and valued. */
    every: withDefault(whole(1, 1000), 1),
    ...learningFields,
    average,
    /** Weights of penalties at the end of a rollout. */
    loss: z.strictObject(penaltyFields),
    ...returnFields,
    memory: memorySchema,
    /** Null: nothing is known beyond a rollout (truncated backpropagation through time). */
    critic: z.nullable(
      z.strictObject({
        /** `pixels`: the picture; `latent`: what the autoencoder makes of it; `state`: all channels. */
        sees: z.enum(observationNames),
        /** It sees by how much the picture differs from the target in place of the picture; not of latents. */
        relative: withDefault(z.boolean(), false),
        /** Of the convolutions, which a critic of latents has not. */
        features,
        pooling,
        hidden,
        output,
        ...criticFields,
      }),
    ),
    autoencoder: z.nullable(
      z.strictObject({
        features: vaeSchema.shape.features,
        /** Width of the encoder's dense layer; null: as wide as what it gets. */
        hidden: z.nullable(whole(1, 4096)),
        latent: vaeSchema.shape.latent,
        ...learningFields,
      }),
    ),
  })
  .check(
    z.refine(({ critic, autoencoder }) => critic?.sees !== "latent" || autoencoder !== null, {
      path: ["autoencoder"],
      error: "must not be null: the critic sees its latent vectors",
    }),
    z.refine(({ critic }) => critic === null || critic.sees === "latent" || critic.features.length > 0, {
      path: ["critic", "features"],
      error: "must name the features of at least one convolution",
    }),
    z.refine(({ critic, reward }) => critic?.output !== "negative" || reward.kind === "error", {
      path: ["critic", "output"],
      error: "must be linear where the reward is a decrease: returns can be above 0 then",
    }),
    z.refine(({ critic }) => critic?.sees !== "latent" || !critic.relative, {
      path: ["critic", "relative"],
      error: "must be false for a critic that sees latent vectors",
    }),
    z.refine(({ every, horizon }) => horizon % every === 0, {
      path: ["every"],
      error: "must divide the horizon",
    }),
    z.refine(({ memory, batch: size }) => memory.kind === "buffer" || lowest(memory.size) >= highest(size), {
      path: ["memory", "size"],
      error: "must be at least the batch size where it is a pool",
    }),
    z.refine(
      ({ memory, batch: size, horizon, every }) =>
        memory.kind === "pool" || memory.size >= highest(size) * Math.ceil(horizon / every / memory.every),
      {
        path: ["memory", "size"],
        error: "must be at least what a batch writes: its size times horizon / every / memory.every",
      },
    ),
    z.refine(
      ({ memory, batch: size }) =>
        highest(memory.reseed) + (memory.kind === "pool" ? highest(memory.damaged) : 0) <= highest(size),
      {
        path: ["memory", "reseed"],
        error: "must be at most the batch size, damaged samples included",
      },
    ),
  );

/** Everything that a run depends on, as plain JSON. */
export const reinforcementConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    target: pictureTargetSchema,
    /** Where the settings below came from; they alone count. */
    preset: withDefault(z.enum(reinforcementPresetNames), "small"),
    rule: onePictureRuleSchema,
    training: trainingSchema,
  })
  .check(
    ...penaltyChecks(),
    z.refine(
      ({ target, training: { autoencoder } }) =>
        autoencoder === null || (target.size + 2 * target.padding) % 2 ** autoencoder.features.length === 0,
      {
        path: ["training", "autoencoder", "features"],
        error: "must be fewer, or the grid of another size: each halves its side, which must come out even",
      },
    ),
  );
/** Everything that a run depends on, as plain JSON. */
export type ReinforcementConfig = Readonly<z.infer<typeof reinforcementConfigSchema>>;
/** A trainer of `createReinforcement`. */
export type ReinforcementTrainer = BpttTrainer<ReinforcementMeasures> & WithModel;

/**
 * A configuration with seeds that fit what is to grow (`fitSeeds`).
 *
 * @throws UserError (exit status 2) for a seed outside the grid, and where the autoencoder cannot halve its sides.
 */
export function fitReinforcementConfig(
  config: ReinforcementConfig,
  target: Target,
): Fitted<ReinforcementConfig> {
  const { autoencoder } = config.training;
  const { grid } = target;
  if (autoencoder && grid.some((side) => side % 2 ** autoencoder.features.length !== 0)) {
    throw new UserError(
      `training.autoencoder.features must be fewer, or the grid of ${grid.join(" x ")} cells of another size: each halves its sides, which must come out even`,
      { exitCode: 2 },
    );
  }
  return fitSeeds(config, [target]);
}

/** The autoencoder of a configuration on a grid; null where it has none. */
export function reinforcementVae({ rule, training }: ReinforcementConfig, grid: Plane): VaeSettings | null {
  if (!training.autoencoder) return null;
  const { features: own, hidden: width, latent } = training.autoencoder;
  const channels = rule.image.channels;
  return { grid: [...grid], channels, features: own, hidden: width, latent };
}

/** The critic of a configuration on a grid; null where it has none. */
export function reinforcementCritic(
  { rule, training }: ReinforcementConfig,
  grid: Plane,
): CriticSettings | null {
  if (!training.critic) return null;
  const { sees, features: own, pooling: pooled, hidden: width, output: form } = training.critic;
  const head = { pooling: pooled, hidden: width, output: form };
  if (sees === "latent") {
    return { grid: null, channels: training.autoencoder?.latent ?? 0, features: [], ...head };
  }
  const channels = sees === "state" ? rule.channels : rule.image.channels;
  return { grid: [...grid], channels, features: own, ...head };
}

/**
 * The trainer of a configuration. One that was not fitted to its picture yet (`fitReinforcementConfig`) is.
 *
 * @param target the picture on its grid, which is that of the automaton, premultiplied as the rule says.
 * @throws RangeError for colours that are premultiplied where the rule's are not, or the other way round.
 */
export async function createReinforcement({
  engine,
  config: unfitted,
  target,
}: Readonly<{
  engine: Engine;
  config: ReinforcementConfig;
  target: Target;
}>): Promise<ReinforcementTrainer> {
  checkColours(unfitted.rule, [target]);
  const config = fitReinforcementConfig(unfitted, target);
  const { seed, training } = config;
  const { rule, readout, start } = splitRule(config.rule, config.target.seeds);
  const { grid, data } = target;
  const critic = reinforcementCritic(config, grid);
  const vae = reinforcementVae(config, grid);
  const trainer: BpttTrainer<ReinforcementMeasures> = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: new ReinforcementTask({
      rule,
      readout,
      start,
      grid,
      target: data,
      settings: { ...training, penalties: training.loss },
      critic:
        critic && training.critic
          ? {
              value: await (await import("../../nets/criticNetwork.ts")).createCritic(critic, seed),
              sees: training.critic.sees,
              relative: training.critic.relative,
              settings: training.critic,
            }
          : null,
      autoencoder:
        vae && training.autoencoder
          ? {
              network: await (await import("../../nets/vaeNetwork.ts")).createAutoencoder(vae, seed),
              settings: training.autoencoder,
            }
          : null,
      seed,
    }),
    settings: bpttSettings(training),
    seed,
  });
  return withModel(trainer, () => pictureModel({ engine, config, grid, trainer }));
}

/** All rewarded states of a short rollout count. */
function bpttSettings({ horizon, every, ...training }: ReinforcementConfig["training"]): BpttSettings {
  return {
    ...training,
    rollout: [horizon, horizon],
    loss: { placement: "mean", from: 0, every },
  };
}
