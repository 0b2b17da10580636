import type { Command } from "commander";
import { reinforcementPresetNames } from "../../../experiments/reinforcement/reinforcement.ts";
import { reinforcementDefaults } from "../../../experiments/reinforcement/presets.ts";
import { MAX_BUFFER } from "../../../train/memory/buffer.ts";
import { rewardKinds } from "../../../train/reinforcement/returns.ts";
import { pictureArgument, pictureOptions } from "../pictureOptions.ts";
import { rampText, trainingCommand } from "../command.ts";
import { number, oneOf, option, whole } from "../../values.ts";

/** What `--critic` can be. */
const criticChoices = ["pixels", "latent", "state", "none"] as const;

/** `neoblast reinforce`: trains an automaton by short rollouts and a critic. */
export function reinforceCommand(): Command {
  const { target, training } = reinforcementDefaults();
  const { returns, critic } = training;
  return trainingCommand({
    name: "reinforce",
    summary: "train an automaton by short rollouts and a critic",
    description:
      "Trains an automaton that grows a picture from one cell as an actor: gradients go back through a few steps only, and a critic estimates the value of the states in which these end. Writes the same folder as grow.",
    arguments: [pictureArgument(target)],
    subjectHeading: "Picture and rule:",
    subjectOptions: [
      option(
        "--preset <name>",
        "small (ours, for two processor cores), cax-rl (CAX's later notebook) or cax-draft (its first); the last two take far longer (default: small)",
        oneOf(reinforcementPresetNames),
      ),
      ...pictureOptions(target),
    ],
    trainingOptions: [
      option("--horizon <n>", `steps of every rollout (default: ${training.horizon})`, whole(1, 1000)),
      option(
        "--reward <kind>",
        `decrease (by how much a step lowers the error) or error (minus the error after it) (default: ${training.reward.kind})`,
        oneOf(rewardKinds),
      ),
      option(
        "--discount <g>",
        `factor on rewards for each step that they lie in the future (default: ${training.discount})`,
        number(0, 0.99999),
      ),
      option(
        "--returns <kind>",
        `what the critic learns: n-step (of each rollout's first state) or lambda (of all states) (default: ${returns.kind})`,
        oneOf(["n-step", "lambda"]),
      ),
      option(
        "--lambda <l>",
        `lambda of lambda-returns: 0 uses one step and the critic, 1 the whole rollout (default: ${returns.kind === "lambda" ? returns.lambda : 0.95})`,
        number(0, 1),
      ),
      option(
        "--critic <kind>",
        `what it sees: pixels, latent (what an autoencoder makes of them) or state (all channels); none: no critic (default: ${critic?.sees})`,
        oneOf(criticChoices),
      ),
      option(
        "--buffer <n>",
        `states that rollouts start from (default: ${rampText(training.memory.size)})`,
        whole(1, MAX_BUFFER),
      ),
      option("--steps <n>", `training steps (default: ${training.steps})`, whole(1, 1e6)),
      option(
        "--batch <n>",
        `samples per training step (default: ${rampText(training.batch)})`,
        whole(1, 256),
      ),
    ],
    defaults: "preset",
    examples: EXAMPLES,
    load: async () => (await import("./experiment.ts")).reinforceExperiment,
  });
}

const EXAMPLES = `\
  neoblast reinforce                                           the lizard, small
  neoblast reinforce 🦋 --horizon 32 --critic state
  neoblast reinforce --critic none                             the same without a critic
  neoblast reinforce --preset cax-rl --out notebook            as CAX's notebook has it
  neoblast reinforce --set training.critic.learningRate=3e-4
  neoblast reinforce --resume runs/lizard-2`;
