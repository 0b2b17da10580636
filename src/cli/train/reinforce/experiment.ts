import { fieldAt, mergeConfig, parseConfig, uncheckedOverrides } from "../../../config/config.ts";
import {
  createReinforcement,
  fitReinforcementConfig,
  type ReinforcementConfig,
  reinforcementConfigSchema,
  type ReinforcementPreset,
  reinforcementPresetNames,
  type ReinforcementTrainer,
} from "../../../experiments/reinforcement/reinforcement.ts";
import {
  reinforcementDefaults,
  resolveReinforcementConfig,
  SMALL_AUTOENCODER,
} from "../../../experiments/reinforcement/presets.ts";
import { TRAINING_CHART } from "../../../render/lossChart.ts";
import type { BpttProgress } from "../../../train/bptt/bptt.ts";
import { highest } from "../../../train/ramp.ts";
import type { RewardKind } from "../../../train/reinforcement/returns.ts";
import type { ReinforcementMeasures } from "../../../train/reinforcement/task.ts";
import type { ViewName } from "../../../train/reinforcement/views.ts";
import { defined } from "../settings.ts";
import type { Experiment, Fields } from "../experiment.ts";
import {
  pictureExperiment,
  type PictureOptions,
  type PictureSubject,
  targetOverrides,
} from "../pictureExperiment.ts";
import { usageError } from "../../values.ts";

export type ReinforceOptions = PictureOptions &
  Readonly<{
    preset?: ReinforcementPreset;
    steps?: number;
    batch?: number;
    horizon?: number;
    buffer?: number;
    returns?: ReinforcementConfig["training"]["returns"]["kind"];
    discount?: number;
    lambda?: number;
    reward?: RewardKind;
    critic?: ViewName | "none";
  }>;

type Progress = BpttProgress & Partial<ReinforcementMeasures>;

/** Growing a picture by short rollouts and a critic. */
export const reinforceExperiment: Experiment<
  ReinforcementConfig,
  Progress,
  ReinforceOptions,
  PictureSubject,
  ReinforcementTrainer
> = {
  ...pictureExperiment(TRAINING_CHART),
  command: "reinforce",
  need: { record: true, keep: true },
  activity: "Reinforcing",
  unit: "step",
  presetOptions: ["preset"],
  parse: (value) => parseConfig(reinforcementConfigSchema, value),
  resolve: ({ presets, overrides, sets }) =>
    resolveReinforcementConfig({
      overrides: uncheckedOverrides<ReinforcementConfig>(overrides),
      sets,
      preset: reinforcementPresetNames.find((name) => name === presets?.preset),
    }),
  overridesOf({ args: [source], options }, base, stated) {
    const { steps, batch, horizon, buffer, discount } = options;
    const given = mergeConfig(base.training, fieldAt(stated, "training"));
    return {
      target: targetOverrides(source, options, base, stated),
      training: defined({
        steps,
        batch,
        horizon,
        every: horizon && largestDivisor(horizon, fieldAt(given, "every")),
        discount,
        returns: returnsOf(options, given),
        reward: rewardOf(options, given),
        memory: defined({ size: buffer, reseed: reseedOf(options, given) }),
        ...criticOf(options, given, base.preset),
      }),
    };
  },
  total: ({ training }) => training.steps,
  samples: ({ training }) => highest(training.batch),
  title: ({ training: { horizon, critic } }) =>
    `horizon ${horizon}, ${critic ? `critic of ${critic.sees}` : "no critic"}`,
  fit: (config, { targets: [target] }) => fitReinforcementConfig(config, target),
  create: ({ engine, config, subject }) =>
    createReinforcement({ engine, config, target: subject.targets[0] }),
  measures: ({ loss, criticLoss, criticResets, valueLow, valueHigh }) => [
    `loss ${loss.toExponential(2)}`,
    ...(criticLoss === undefined ? [] : [`critic ${criticLoss.toExponential(2)}`]),
    ...(criticResets ? [`restarts ${criticResets}`] : []),
    ...(valueLow === undefined || valueHigh === undefined
      ? []
      : [`values ${short(valueLow)} to ${short(valueHigh)}`]),
  ],
};

/** In at most five characters, up to four digits. */
function short(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 0);
}

// What options set, and what depends on it. `given`: the training without them, as the preset and a file have it, unchecked.

/** @throws UserError (exit status 2) where no lambda-returns are asked for, or nothing that would learn of returns. */
function returnsOf({ returns, lambda, critic }: ReinforceOptions, given: unknown): Fields | undefined {
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

function rewardOf({ reward }: ReinforceOptions, given: unknown): Fields | undefined {
  return reward && { kind: reward, scale: fieldAt(given, "reward", "scale") };
}

/** A small batch does not start from the seed throughout. */
function reseedOf({ batch }: ReinforceOptions, given: unknown): number | undefined {
  const reseed = fieldAt(given, "memory", "reseed");
  const changed = batch !== undefined && batch !== fieldAt(given, "batch");
  if (!changed || typeof reseed !== "number") return undefined;
  return Math.min(reseed, Math.max(1, Math.floor(batch / 2)));
}

/** The critic, and with one of latents the autoencoder that makes them. */
function criticOf(
  { critic: sees, reward }: ReinforceOptions,
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
