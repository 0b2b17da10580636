import { Command } from "commander";
import { growingPresetNames, growingRecipes } from "../experiments/growing.ts";
import { growingDefaults } from "../experiments/growingPresets.ts";
import { MAX_POOL } from "../train/pool.ts";
import type { Ramp, Range } from "../train/ramp.ts";
import { engineNames, kernelChoices } from "./engine.ts";
import { type GrowOptions, RUNS_FOLDER } from "./growOptions.ts";
import {
  anyText,
  argument,
  filePath,
  MAX_SEED,
  number,
  oneOf,
  option,
  orAuto,
  pictureSource,
  range,
  repeatable,
  whole,
} from "./values.ts";

/** `neoblast grow`: trains an automaton to grow a picture. */
export function growCommand(): Command {
  const { target, training } = growingDefaults();
  const pool = training.pool ? rampText(training.pool.size) : "none";
  const rollout = rolloutText(training.rollout);
  return new Command("grow")
    .summary("train an automaton to grow a picture")
    .description(
      "Trains an automaton that grows a picture from one cell, and leaves a folder with the model, a film, a contact sheet and a page to play with it.",
    )
    .addArgument(
      argument(
        "[target]",
        `an emoji (🦎), its name (lizard), or a PNG, JPEG, WebP, AVIF, GIF or SVG file (default: ${target.source})`,
        pictureSource,
      ),
    )
    .optionsGroup("Picture and rule:")
    .addOption(
      option(
        "--recipe <name>",
        "growing (reach the picture), persistent (and hold it) or regenerating (and heal) (default: persistent; of the preset tutorial: growing)",
        oneOf(growingRecipes),
      ),
    )
    .addOption(
      option(
        "--preset <name>",
        "conventions of the rule, and the training that goes with them: distill (ours), article, cax or tutorial (theirs, which take longer) (default: distill)",
        oneOf(growingPresetNames),
      ),
    )
    .addOption(
      option("--size <cells>", `longest side of the picture (default: ${target.size})`, whole(4, 512)),
    )
    .addOption(
      option("--padding <cells>", `empty cells around it (default: ${target.padding})`, whole(0, 256)),
    )
    .optionsGroup("Training:")
    .addOption(option("--steps <n>", `training steps (default: ${training.steps})`, whole(1, 1e6)))
    .addOption(option("--batch <n>", `samples a step (default: ${rampText(training.batch)})`, whole(1, 256)))
    .addOption(option("--pool <n>", `states that training returns to (default: ${pool})`, whole(1, MAX_POOL)))
    .addOption(
      option(
        "--rollout <a..b>",
        `steps that a sample runs, drawn from a to b (default: ${rollout})`,
        range(1, 1e5),
      ),
    )
    .addOption(
      option(
        "--seed <n>",
        "of everything random: the same seed, the same model (default: 0)",
        whole(0, MAX_SEED),
      ),
    )
    .addOption(
      repeatable("--set <name=value>", "any setting by its name in config.json, repeatable", anyText),
    )
    .addOption(
      option(
        "--config <file>",
        "settings from a JSON file: some, or the config.json of another run",
        filePath,
      ),
    )
    .optionsGroup("Engine:")
    .addOption(option("--engine <name>", "wasm, or the slow reference (default: wasm)", oneOf(engineNames)))
    .addOption(
      option(
        "--kernels <build>",
        "strict (the same bits on every machine), relaxed (faster) or auto (relaxed where the machine has it) (default: auto)",
        oneOf(kernelChoices),
      ),
    )
    .addOption(
      option("--threads <n>", "worker threads; the number changes no bit", orAuto(whole(1, 256))).default(
        "auto",
        "one per processor",
      ),
    )
    .optionsGroup("Run folder:")
    .addOption(
      option("--out <folder>", `a new or empty folder (default: ${RUNS_FOLDER}/<name>-<n>)`, filePath),
    )
    .addOption(
      option("--resume <folder>", "go on with a run that was stopped, bit for bit", filePath).conflicts([
        "out",
        "config",
      ]),
    )
    .addOption(
      option(
        "--checkpoint-every <seconds>",
        "what a killed run may have to do again",
        number(0, 86400),
      ).default(20),
    )
    .optionsGroup("Display:")
    .option("--json", "tell of everything as one JSON object a line on standard output")
    .option("--preview", "show the cells above the bar (default: on terminals with 24-bit colours)")
    .option("--no-preview", "show the bar alone")
    .addHelpText("after", HELP)
    .action(async (source: string | undefined, options: GrowOptions) => {
      // What the work needs takes a while to load, which help and wrong calls need not wait for.
      const { grow } = await import("./growAction.ts");
      await grow(source, options);
    });
}

const HELP = `
Of several settings of the same thing, the later one wins: recipe and preset,
--config, the options above, --set. Ctrl-C stops and saves a checkpoint. The
path of the run folder goes to standard output, all else to standard error.

Examples:
  neoblast grow                                            the lizard
  neoblast grow 🦋 --size 32 --steps 800                   smaller, and sooner done
  neoblast grow logo.png --recipe regenerating --out logo  a picture of yours that heals
  neoblast grow --set training.learningRate=1e-3 --set rule.hidden=[96]
  neoblast grow --config runs/lizard-1/config.json --seed 1
  neoblast grow --resume runs/lizard-1`;

function rampText(ramp: Ramp<number>): string {
  return typeof ramp === "number" ? String(ramp) : `${ramp.from}, later ${ramp.to}`;
}

function rolloutText(ramp: Ramp<Range>): string {
  return "from" in ramp ? `${ramp.from.join("..")}, later ${ramp.to.join("..")}` : ramp.join("..");
}
