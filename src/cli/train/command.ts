/** What the commands that train have in common: one of them is little more than its own options. */
import { type Argument, Command, type Option } from "commander";
import type { Ramp } from "../../train/ramp.ts";
import { engineNames, kernelChoices } from "../engine.ts";
import { type Experiment, type ExperimentName, RUNS_FOLDER, type TrainingOptions } from "./experiment.ts";
import {
  anyText,
  filePath,
  folderPath,
  MAX_SEED,
  number,
  oneOf,
  option,
  orAuto,
  repeatable,
  whole,
} from "../values.ts";

export type TrainingCommand = Readonly<{
  name: ExperimentName;
  summary: string;
  description: string;
  /** Optional ones: what to train for. */
  arguments?: readonly Argument[];
  /** Its own options: of what it trains for and the rule, under a heading of their own; and of training. */
  subjectHeading: string;
  subjectOptions: readonly Option[];
  trainingOptions: readonly Option[];
  /** Names of the defaults, over which all settings win, for the help text. */
  defaults: string;
  /** A line each. */
  examples: string;
  /** What the work needs takes a while to load, which help and wrong calls need not wait for. */
  load: () => Promise<Experiment>;
}>;

/** A command that trains. */
export function trainingCommand(own: TrainingCommand): Command {
  const command = new Command(own.name).summary(own.summary).description(own.description);
  for (const each of own.arguments ?? []) command.addArgument(each);
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    [own.subjectHeading, own.subjectOptions],
    ["Training:", [...own.trainingOptions, ...settingOptions()]],
    ["Engine:", engineOptions()],
    ["Run folder:", folderOptions()],
  ];
  for (const [heading, options] of groups) {
    command.optionsGroup(heading);
    for (const each of options) command.addOption(each);
  }
  return command
    .optionsGroup("Display:")
    .option("--json", "report everything on standard output, one JSON object a line")
    .option("--preview", "show the cells above the bar (default: on terminals with 24-bit colours)")
    .option("--no-preview", "show the bar alone")
    .addHelpText("after", helpText(own))
    .action(async () => {
      const [{ train }, experiment] = await Promise.all([import("./action.ts"), own.load()]);
      const args = command.processedArgs.flat().filter((word): word is string => typeof word === "string");
      await train(experiment, { args, options: command.opts<TrainingOptions>() });
    });
}

/** A default that may change in the course of training. */
export function rampText(ramp: Ramp<number>): string {
  return typeof ramp === "number" ? String(ramp) : `${ramp.from}, later ${ramp.to}`;
}

function settingOptions(): Option[] {
  return [
    option(
      "--seed <n>",
      "seed of all random numbers: the same seed, the same model (default: 0)",
      whole(0, MAX_SEED),
    ),
    repeatable("--set <name=value>", "any setting by its name in config.json, repeatable", anyText),
    option("--config <file>", "settings from a JSON file: some, or the config.json of another run", filePath),
  ];
}

function engineOptions(): Option[] {
  return [
    option("--engine <name>", "wasm, or the slow reference (default: wasm)", oneOf(engineNames)),
    option(
      "--kernels <build>",
      "strict (the same bits on every machine), relaxed (faster) or auto (relaxed where the machine has it) (default: auto)",
      oneOf(kernelChoices),
    ),
    option("--threads <n>", "worker threads; any number gives the same bits", orAuto(whole(1, 256))).default(
      "auto",
      "one per processor",
    ),
  ];
}

function folderOptions(): Option[] {
  return [
    option("--out <folder>", `a new or empty folder (default: ${RUNS_FOLDER}/<name>-<n>)`, folderPath),
    option(
      "--resume <folder>",
      "resume a run that was stopped; the result has the same bits",
      filePath,
    ).conflicts(["out", "config", "start"]),
    option(
      "--checkpoint-every <seconds>",
      "time between checkpoints: at most so much work is lost when a run is killed",
      number(0, 86400),
    ).default(20),
  ];
}

function helpText({ defaults, examples }: TrainingCommand): string {
  return `
Where the same setting is given several times, the last in this order wins:
${defaults}; --config; the options above; --set. Ctrl-C stops and saves a checkpoint. The path of the
run folder goes to standard output, all else to standard error.

Examples:
${examples}`;
}
