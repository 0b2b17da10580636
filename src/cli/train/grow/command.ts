import { type Command, Option } from "commander";
import { growingPresetNames, growingQualities, growingRecipes } from "../../../experiments/growing/schema.ts";
import { growingDefaults } from "../../../experiments/growing/presets.ts";
import { MAX_POOL } from "../../../train/memory/pool.ts";
import type { Ramp, Range } from "../../../train/ramp.ts";
import { pictureArguments, pictureOptions } from "../pictureOptions.ts";
import { rampText, trainingCommand } from "../command.ts";
import { oneOf, option, range, whole } from "../../values.ts";

/** `neoblast grow`: trains an automaton to grow a picture. */
export function growCommand(): Command {
  const { target, training } = growingDefaults();
  const pool = training.pool ? rampText(training.pool.size) : "none";
  const rollout = rolloutText(training.rollout);
  return trainingCommand({
    name: "grow",
    summary: "train an automaton to grow a picture",
    description:
      "Trains an automaton that grows a picture from one cell, and leaves a folder with the model, a film, a contact sheet and a page to play with it.",
    arguments: [pictureArguments([target.source].flat()[0])],
    subjectHeading: "Picture and rule:",
    subjectOptions: [
      option(
        "--recipe <name>",
        "growing (grow the picture), persistent (and keep it) or regenerating (and heal damage) (default: persistent; of the preset tutorial: growing)",
        oneOf(growingRecipes),
      ),
      option(
        "--preset <name>",
        "the rule's conventions and the training that belongs to them: distill (ours), or article, cax or tutorial (as their authors train, which takes longer) (default: distill)",
        oneOf(growingPresetNames),
      ),
      option(
        "--quality <name>",
        "when to stop: draft (at a relative error of 2%), good (0.3%) or best (0.15%), or after some 1, 5 or 20 minutes on two processors; with --recipe regenerating, --conditional or another preset, all steps are made (default: good)",
        oneOf(growingQualities),
      ),
      new Option(
        "--conditional",
        "one automaton for all targets: an input of all cells chooses which to grow, and may change while it runs; 32 channels, 256 hidden units and longer training by default",
      ),
      ...pictureOptions(target),
    ],
    trainingOptions: [
      option(
        "--steps <n>",
        "training steps; all are made (default: as many as --quality needs)",
        whole(1, 1e6),
      ),
      option(
        "--batch <n>",
        `samples per training step (default: ${rampText(training.batch)})`,
        whole(1, 256),
      ),
      option(
        "--pool <n>",
        `size of the pool: states that training starts from again (default: ${pool})`,
        whole(1, MAX_POOL),
      ),
      option(
        "--rollout <a..b>",
        `steps that a sample runs, drawn from a to b (default: ${rollout})`,
        range(1, 1e5),
      ),
    ],
    defaults: "recipe, preset, quality and --conditional",
    examples: EXAMPLES,
    load: async () => (await import("./experiment.ts")).growExperiment,
  });
}

const EXAMPLES = `\
  neoblast grow                                            the lizard
  neoblast grow 🦋 --size 32 --steps 800                   smaller, and sooner done
  neoblast grow logo.png --recipe regenerating --out logo  a picture of yours that heals
  neoblast grow 🦎 🦋 😀 --conditional                      any of three, as the input says
  neoblast grow --set training.learningRate=1e-3 --set rule.hidden=[96]
  neoblast grow --config runs/lizard-1/config.json --seed 1
  cat logo.png | neoblast grow -                           a picture from a pipe
  neoblast grow --resume runs/lizard-1
  neoblast grow --resume runs/lizard-1 --quality best      trains on, for a better model`;

function rolloutText(ramp: Ramp<Range>): string {
  return "from" in ramp ? `${ramp.from.join("..")}, later ${ramp.to.join("..")}` : ramp.join("..");
}
