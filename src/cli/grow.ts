import { Command, Option } from "commander";
import { growingDefaults, growingRecipes } from "../experiments/growing.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Ramp, Range } from "../train/ramp.ts";
import { engineNames, kernelChoices } from "./engine.ts";
import type { GrowOptions } from "./growOptions.ts";
import { interruptible } from "./interrupt.ts";
import { hasTrueColour, LiveReporter } from "./liveReport.ts";
import { resumeRun, RUNS_FOLDER, startRun } from "./openRun.ts";
import { jsonReporter, LineReporter, type Reporter } from "./report.ts";
import { carryOut, isComplete } from "./training.ts";
import { number, option, range, repeatable, whole, wholeOrAuto } from "./values.ts";

/** `neoblast grow`: trains an automaton to grow a picture. */
export function growCommand(): Command {
  const { target, training } = growingDefaults("distill", "persistent");
  return new Command("grow")
    .summary("train an automaton to grow a picture")
    .description(
      "Trains an automaton that grows a picture from one cell, and leaves a folder with the model, a film, a contact sheet and a page to play with it.",
    )
    .argument(
      "[target]",
      `an emoji (🦎), its name (lizard), or a PNG, JPEG, WebP, AVIF, GIF or SVG file (default: ${target.source})`,
    )
    .addOption(
      new Option(
        "--recipe <name>",
        "growing: reaches the picture; persistent: also holds it; regenerating: also heals (default: persistent)",
      ).choices(growingRecipes),
    )
    .addOption(
      new Option("--preset <name>", "conventions of the rule (default: distill)").choices(
        Object.keys(rulePresets),
      ),
    )
    .addOption(
      option(
        "--size <cells>",
        `longest side of the picture (default: ${target.size})`,
        whole("--size", 4, 512),
      ),
    )
    .addOption(
      option(
        "--padding <cells>",
        `empty cells around it (default: ${target.padding})`,
        whole("--padding", 0, 256),
      ),
    )
    .addOption(option("--steps <n>", `training steps (default: ${training.steps})`, whole("--steps", 1, 1e6)))
    .addOption(
      option(
        "--batch <n>",
        `samples a step (default: ${rampText(training.batch)})`,
        whole("--batch", 1, 256),
      ),
    )
    .addOption(
      option(
        "--pool <n>",
        `states that training returns to (default: ${training.pool ? rampText(training.pool.size) : "none"})`,
        whole("--pool", 1, 16384),
      ),
    )
    .addOption(
      option(
        "--rollout <a..b>",
        `steps that a sample runs, drawn from a to b (default: ${rolloutText(training.rollout)})`,
        range("--rollout"),
      ),
    )
    .addOption(
      option(
        "--seed <n>",
        "of everything random: the same seed, the same model (default: 0)",
        whole("--seed", 0, 2 ** 32 - 1),
      ),
    )
    .addOption(repeatable("--set <name=value>", "any setting by its name in config.json, repeatable", String))
    .option("--config <file>", "settings from a JSON file: some, or the config.json of another run")
    .addOption(
      new Option("--engine <name>", "wasm, or the slow reference (default: wasm)").choices(engineNames),
    )
    .addOption(
      new Option(
        "--kernels <build>",
        "strict: the same bits on every machine; relaxed: faster; auto: relaxed where there is such (default: auto)",
      ).choices(kernelChoices),
    )
    .addOption(
      option("--threads <n>", "worker threads; changes no bit", wholeOrAuto("--threads", 1, 256)).default(
        "auto",
      ),
    )
    .option("--out <folder>", `folder of the run, new or empty (default: ${RUNS_FOLDER}/<name>-<n>)`)
    .addOption(
      new Option("--resume <folder>", "go on with a run that was stopped, bit for bit").conflicts([
        "out",
        "config",
      ]),
    )
    .addOption(
      option(
        "--checkpoint-every <seconds>",
        "how much of a killed run may have to be done again",
        number("--checkpoint-every", 0, 86400),
      ).default(20),
    )
    .option("--json", "tell of everything as one JSON object a line on standard output")
    .option("--preview", "show the cells above the bar (default: on terminals with 24-bit colours)")
    .option("--no-preview", "show the bar alone")
    .addHelpText("after", HELP)
    .action(grow);
}

const HELP = `
Of several settings of the same thing, the later one wins: recipe and preset, --config, the options above, --set.
The folder's path goes to standard output, all else to standard error. Ctrl-C saves a checkpoint; a second one does not.

Examples:
  neoblast grow                                            the lizard
  neoblast grow 🦋 --size 32 --steps 800                   smaller, and sooner done
  neoblast grow logo.png --recipe regenerating --out logo  a picture of yours that heals
  neoblast grow --set training.learningRate=1e-3 --set rule.hidden=[96]
  neoblast grow --config runs/lizard-1/config.json --seed 1
  neoblast grow --resume runs/lizard-1`;

async function grow(source: string | undefined, options: GrowOptions): Promise<void> {
  const { resume, checkpointEvery } = options;
  await interruptible(async (signal) => {
    const run =
      resume === undefined ? await startRun(source, options) : await resumeRun(resume, source, options);
    const { engine, folder, record, trainer } = run;
    try {
      const reporter = createReporter(options);
      if (resume !== undefined && isComplete(run)) {
        reporter.tell({ event: "complete", folder: folder.path, steps: trainer.step });
        return;
      }
      const resumedAt = resume === undefined ? null : trainer.step;
      reporter.tell({ event: "config", folder: folder.path, resumedAt, ...record });
      await carryOut(run, { signal, checkpointEvery, reporter });
    } finally {
      await engine.dispose();
    }
  });
}

function createReporter({ json, preview }: GrowOptions): Reporter {
  if (json) return jsonReporter();
  const { stderr, env } = process;
  if (!stderr.isTTY || env.TERM === "dumb") return new LineReporter();
  return new LiveReporter(stderr, { preview: preview ?? hasTrueColour(env) });
}

function rampText(ramp: Ramp<number>): string {
  return typeof ramp === "number" ? String(ramp) : `${ramp.from}, later ${ramp.to}`;
}

function rolloutText(ramp: Ramp<Range>): string {
  return "from" in ramp ? `${ramp.from.join("..")}, later ${ramp.to.join("..")}` : ramp.join("..");
}
