import { defined, fieldAt, mergeConfig, uncheckedOverrides } from "../../config/config.ts";
import { usageError } from "../../errors.ts";
import type { BpttProgress } from "../../train/bptt/bptt.ts";
import { MAX_BUFFER } from "../../train/memory/buffer.ts";
import type { RewardKind } from "../../train/reinforcement/returns.ts";
import type { ReinforcementMeasures } from "../../train/reinforcement/task.ts";
import type { ObservationName } from "../../train/reinforcement/observers.ts";
import { defineExperiment, type Fields, type OptionTable, type PictureSubject } from "../experiment.ts";
import { pictureOptions, stepped, trainingOptions } from "../options.ts";
import { type PictureValues, targetOverrides } from "../picture.ts";
import { modelNamed } from "../trained.ts";
import { reinforcementDefaults, resolveReinforcementConfig, SMALL_AUTOENCODER } from "./presets.ts";
import {
  createReinforcement,
  fitReinforcementConfig,
  type ReinforcementConfig,
  reinforcementConfigSchema,
  type ReinforcementPreset,
  reinforcementPresetNames,
  type ReinforcementTrainer,
} from "./reinforcement.ts";

export type ReinforcementValues = PictureValues &
  Readonly<{
    steps?: number;
    batch?: number;
    horizon?: number;
    buffer?: number;
    returns?: ReinforcementConfig["training"]["returns"]["kind"];
    discount?: number;
    lambda?: number;
    reward?: RewardKind;
    critic?: ObservationName | "none";
  }>;

const options = {
  ...pictureOptions,
  "--horizon": { field: "training.horizon", help: "steps of every rollout" },
  "--reward": {
    field: "training.reward.kind",
    help: "decrease (by how much a step lowers the error) or error (minus the error after it)",
    rare: true,
  },
  "--discount": {
    field: "training.discount",
    value: "g",
    help: "factor on rewards for each step that they lie in the future",
    rare: true,
  },
  "--returns": {
    field: "training.returns.kind",
    help: "what the critic learns: n-step (of each rollout's first state) or lambda (of all states)",
    rare: true,
  },
  "--lambda": {
    field: "training.returns.lambda",
    value: "l",
    help: "lambda of lambda-returns: 0 uses one step and the critic, 1 the whole rollout",
    rare: true,
  },
  "--critic": {
    field: "training.critic.sees",
    words: ["pixels", "latent", "state", "none"],
    help: "what the critic sees: pixels, latent (what an autoencoder makes of them) or state (all channels); none: no critic",
  },
  "--buffer": {
    field: "training.memory.size",
    help: "states that rollouts start from",
    rare: true,
    low: 1,
    high: MAX_BUFFER,
  },
  "--steps": trainingOptions["--steps"],
  "--batch": trainingOptions["--batch"],
} as const satisfies OptionTable;

type Progress = BpttProgress & Partial<ReinforcementMeasures>;

/** Growing a picture by short rollouts and a critic. */
export const reinforce = defineExperiment<
  ReinforcementConfig,
  Progress,
  ReinforcementValues,
  PictureSubject,
  ReinforcementTrainer,
  object
>({
  name: "reinforce",
  summary: "train an automaton by short rollouts and a critic",
  description:
    "Trains an automaton that grows a picture from one cell as an actor: gradients go back through a few steps only, and a critic estimates the value of the states in which these end. Writes the same folder as grow.",
  activity: "Reinforcing",
  subject: "picture",
  schema: reinforcementConfigSchema,
  presets: {
    preset: {
      names: reinforcementPresetNames,
      help: "small (ours, for two processor cores), cax-rl (CAX's later notebook) or cax-draft (its first); the last two take far longer (default: small)",
      rare: true,
    },
  },
  options,
  examples: [
    ["neoblast reinforce", "the lizard, small"],
    ["neoblast reinforce 🦋 --horizon 32 --critic state"],
    ["neoblast reinforce --critic none", "the same without a critic"],
    ["neoblast reinforce --preset cax-rl --out notebook", "as CAX's notebook has it"],
    ["neoblast reinforce --set training.critic.learningRate=3e-4"],
    ["neoblast reinforce --resume runs/lizard-2"],
  ],
  resolve: ({ presets, overrides, sets }) =>
    resolveReinforcementConfig({
      overrides: uncheckedOverrides<ReinforcementConfig>(overrides),
      sets,
      preset: reinforcementPresetNames.find((name) => name === presets?.preset),
    }),
  overridesOf(chosen, base, stated) {
    const { values } = chosen;
    const { steps, batch, horizon, buffer, discount } = values;
    const given = mergeConfig(base.training, fieldAt(stated, "training"));
    return {
      target: targetOverrides(chosen, base, stated),
      training: defined({
        steps,
        batch,
        horizon,
        every: horizon && largestDivisor(horizon, fieldAt(given, "every")),
        discount,
        returns: returnsOf(values, given),
        reward: rewardOf(values, given),
        memory: defined({ size: buffer, reseed: reseedOf(values, given) }),
        ...criticOf(values, given, base.preset),
      }),
    };
  },
  ...stepped,
  title: ({ training: { horizon, critic } }) =>
    `horizon ${horizon}, ${critic ? `critic of ${critic.sees}` : "no critic"}`,
  fit: (config, { targets: [target] }) => fitReinforcementConfig(config, target),
  create: ({ engine, config, subject }) =>
    createReinforcement({ engine, config, target: subject.targets[0] }),
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  measures: ({ loss, criticLoss, criticResets, valueLow, valueHigh }) => [
    `loss ${loss.toExponential(2)}`,
    ...(criticLoss === undefined ? [] : [`critic ${criticLoss.toExponential(2)}`]),
    ...(criticResets ? [`restarts ${criticResets}`] : []),
    ...(valueLow === undefined || valueHigh === undefined
      ? []
      : [`values ${short(valueLow)} to ${short(valueHigh)}`]),
  ],
  drawings: async () => (await import("../drawing/pictures.ts")).growthDrawings,
});

/** In at most five characters, up to four digits. */
function short(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 0);
}

// What options set, and what depends on it. `given`: the training without them, as the preset and a file have it, unchecked.

/** @throws UserError (exit status 2) where no lambda-returns are asked for, or nothing that would learn of returns. */
function returnsOf({ returns, lambda, critic }: ReinforcementValues, given: unknown): Fields | undefined {
  if (returns === undefined && lambda === undefined) return undefined;
  const named = lambda === undefined ? "--returns" : "--lambda";
  if (critic === "none" || (critic === undefined && fieldAt(given, "critic") === null)) {
    throw usageError(`${named} is about what a critic learns, and there is none; leave it out`);
  }
  if (returns === "n-step" && lambda !== undefined) {
    throw usageError("n-step returns have no lambda; leave out --lambda, or choose --returns lambda");
  }
  return defined({ kind: returns ?? "lambda", lambda });
}

function rewardOf({ reward }: ReinforcementValues, given: unknown): Fields | undefined {
  return reward && { kind: reward, scale: fieldAt(given, "reward", "scale") };
}

/** A small batch does not start from the seed throughout. */
function reseedOf({ batch }: ReinforcementValues, given: unknown): number | undefined {
  const reseed = fieldAt(given, "memory", "reseed");
  const changed = batch !== undefined && batch !== fieldAt(given, "batch");
  if (!changed || typeof reseed !== "number") return undefined;
  return Math.min(reseed, Math.max(1, Math.floor(batch / 2)));
}

/** The critic, and with one of latents the autoencoder that makes them. */
function criticOf(
  { critic: sees, reward }: ReinforcementValues,
  given: unknown,
  preset: ReinforcementPreset,
): Fields {
  if (sees === "none") return { critic: null, autoencoder: null };
  const own = fieldAt(given, "critic");
  if (own === null && sees === undefined) return {};
  const before = own ?? reinforcementDefaults(preset).training.critic;
  const changes = defined({
    sees,
    relative: sees === "latent" ? false : undefined,
    output: reward === "decrease" ? "linear" : undefined,
  });
  return {
    critic: own === null ? mergeConfig(before, changes) : changes,
    ...(sees === "latent" && {
      autoencoder: mergeConfig(SMALL_AUTOENCODER, fieldAt(given, "autoencoder") ?? undefined),
    }),
  };
}

/** The largest divisor of a number that is at most so large. */
function largestDivisor(of: number, most: unknown): number | undefined {
  if (typeof most !== "number" || !(most >= 1)) return undefined;
  let divisor = Math.min(of, Math.floor(most));
  while (of % divisor !== 0) divisor--;
  return divisor;
}
