import type { Command } from "commander";
import { evolutionDefaults, evolutionPresetNames } from "../../../experiments/evolution/evolution.ts";
import { fitnessSchema } from "../../../train/evolution/objective.ts";
import { strategyNames } from "../../../train/evolution/settings.ts";
import { pictureArgument, pictureOptions } from "../pictureOptions.ts";
import { rampText, trainingCommand } from "../command.ts";
import { filePath, type Kind, oneOf, option, positive, whole } from "../../values.ts";

const fitness: Kind<string> = {
  allowed: "all-steps, final, or last:N with N from 1 to 99999",
  parse: (text) => (fitnessSchema.safeParse(text).success ? text : undefined),
};

/** `neoblast evolve`: trains an automaton without gradients. */
export function evolveCommand(): Command {
  const { target, training } = evolutionDefaults();
  const { strategy, objective } = training;
  return trainingCommand({
    name: "evolve",
    summary: "train an automaton without gradients, by an evolution strategy",
    description:
      "Trains an automaton that grows a picture from one cell by trying out variants of it, a population in each generation, and writes the same folder as grow. The objective need not be differentiable.",
    arguments: [pictureArgument(target)],
    subjectHeading: "Picture and rule:",
    subjectOptions: [
      option(
        "--preset <name>",
        "small (ours, for two processor cores), cax-es (the notebook of CAX up to 0.4.3) or cax-es-2026 (that of its main branch since); the last two take far longer (default: small)",
        oneOf(evolutionPresetNames),
      ),
      option(
        "--start <model>",
        "a model file or run folder to start from: its parameters, its rule and, unless another is named, its picture",
        filePath,
      ),
      ...pictureOptions(target),
    ],
    trainingOptions: [
      option(
        "--strategy <name>",
        `open-es (mirrored samples, ranks, Adam), pgpe (with ClipUp) or snes (default: ${strategy.kind})`,
        oneOf(strategyNames),
      ),
      option(
        "--population <n>",
        `members of a generation (default: ${training.population})`,
        whole(1, 65536),
      ),
      option("--generations <n>", `training steps (default: ${training.generations})`, whole(1, 1e6)),
      option(
        "--sigma <s>",
        `initial standard deviation of the members' parameters (default: the strategy's; open-es ${strategy.sigma}, from a model 3e-4)`,
        positive(100),
      ),
      option(
        "--learning-rate <r>",
        `learning rate of the search's centre, which is the model (default: the strategy's; open-es ${strategy.learningRate}, from a model 1e-4)`,
        positive(100),
      ),
      option(
        "--rollout <n>",
        `steps that a member grows (default: ${rampText(training.rollout)}; from a model 80)`,
        whole(1, 1e5),
      ),
      option(
        "--objective <name>",
        `what to minimise: error (mean squared), wrong-pixels (at 8 bits), recovery (error, also after damage) or cells (living cells, at a given error) (default: ${objective.kind})`,
        oneOf(["error", "wrong-pixels", "recovery", "cells"]),
      ),
      option(
        "--fitness <steps>",
        `steps of the rollout at which the objective is measured: all-steps, last:N or final (default: ${training.fitness}; from a model last:16)`,
        fitness,
      ),
    ],
    defaults: "preset and start",
    examples: EXAMPLES,
    load: async () => (await import("./experiment.ts")).evolveExperiment,
  });
}

const EXAMPLES = `\
  neoblast evolve                                              the lizard, small
  neoblast evolve 🦋 --strategy snes --population 64           by another strategy
  neoblast evolve --start runs/lizard-1 --objective wrong-pixels
  neoblast evolve --preset cax-es --out notebook               as CAX's notebook has it
  neoblast evolve --set training.samples=2 --set training.schedule.kind=constant
  neoblast evolve --resume runs/lizard-2`;
