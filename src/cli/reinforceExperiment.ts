import { parseConfig } from "../config.ts";
import {
  createReinforcement,
  type ReinforcementConfig,
  reinforcementConfigSchema,
  type ReinforcementPreset,
  reinforcementPresetNames,
  type ReinforcementTrainer,
} from "../experiments/reinforcement.ts";
import { resolveReinforcementConfig, SMALL_AUTOENCODER } from "../experiments/reinforcementPresets.ts";
import { TRAINING_CHART } from "../render/plots.ts";
import type { BpttProgress } from "../train/bptt.ts";
import { highest } from "../train/ramp.ts";
import type { RewardKind } from "../train/reinforcement/returns.ts";
import type { ReinforcementMeasures } from "../train/reinforcement/task.ts";
import type { ViewName } from "../train/reinforcement/views.ts";
import { defined } from "./choices.ts";
import type { Experiment, Fields } from "./experiment.ts";
import { pictureExperiment, type PictureOptions, type PictureSubject } from "./pictureExperiment.ts";

/** What `--critic` can be. */
export const criticChoices = ["pixels", "latent", "state", "none"] as const;

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
  activity: "Reinforcing",
  unit: "step",
  bases: ["preset"],
  parse: (value) => parseConfig(reinforcementConfigSchema, value),
  resolve: ({ bases, ...choices }) =>
    resolveReinforcementConfig({
      ...choices,
      preset: reinforcementPresetNames.find((name) => name === bases?.preset),
    }),
  spelledOut({ args: [source], options }, base) {
    const { size, padding, steps, batch, horizon, buffer, discount, reward } = options;
    const { memory } = base.training;
    return {
      target: defined({ source, size, padding }),
      training: defined({
        steps,
        batch,
        horizon,
        discount,
        returns: returnsOf(options, base),
        reward: reward && { kind: reward, scale: base.training.reward.scale },
        memory: buffer && { ...memory, size: buffer },
        ...criticOf(options, base),
      }),
    };
  },
  total: ({ training }) => training.steps,
  samples: ({ training }) => highest(training.batch),
  title: ({ training: { horizon, critic } }) =>
    `horizon ${horizon}, ${critic ? `critic of ${critic.sees}` : "no critic"}`,
  create: ({ engine, config, subject }) =>
    createReinforcement({ engine, config, target: subject.targets[0] }),
  measures: ({ loss, criticLoss, valueLow, valueHigh }) => [
    `loss ${loss.toExponential(2)}`,
    ...(criticLoss === undefined ? [] : [`critic ${criticLoss.toExponential(2)}`]),
    ...(valueLow === undefined || valueHigh === undefined
      ? []
      : [`values ${valueLow.toFixed(2)} to ${valueHigh.toFixed(2)}`]),
  ],
};

function returnsOf({ returns, lambda }: ReinforceOptions, base: ReinforcementConfig): Fields | undefined {
  const kind = returns ?? (lambda === undefined ? undefined : "lambda");
  if (kind === undefined) return undefined;
  if (kind === "n-step") return { kind };
  const own = base.training.returns;
  return { kind, lambda: lambda ?? (own.kind === "lambda" ? own.lambda : undefined) };
}

/** The critic asked for, and with one of latents the autoencoder that makes them. */
function criticOf({ critic }: ReinforceOptions, base: ReinforcementConfig): Fields {
  if (critic === undefined) return {};
  if (critic === "none") return { critic: null, autoencoder: null };
  const given = base.training.critic;
  return {
    critic: given ? { sees: critic } : undefined,
    ...(critic === "latent" && { autoencoder: base.training.autoencoder ?? SMALL_AUTOENCODER }),
  };
}
