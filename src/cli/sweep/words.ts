/** From the settings of a plan to the command lines of its runs. */
import { CommanderError } from "commander";
import { inWords } from "../../config/inWords.ts";
import { closest } from "../../config/closest.ts";
import { outlineOf } from "../../config/outline.ts";
import { type Experiment, fieldOption } from "../../experiments/experiment.ts";
import { experiments } from "../../experiments/registry.ts";
import type { Plan } from "../../sweep/plan.ts";
import type { Arm } from "../../sweep/arms.ts";
import { valueText } from "../../sweep/results.ts";
import { trainingCommand } from "../train/command.ts";
import type { CommandLine, TrainingOptions } from "../train/options.ts";
import { usageError } from "../values.ts";

/** @param more what else it may be, in words. @throws UserError (exit status 2) where there is none of the name. */
export function experimentNamed(name: unknown, more = ""): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found) return found;
  throw usageError(
    `experiment is ${JSON.stringify(name)}; it must be ${inWords(
      experiments.map((each) => each.name),
      "or",
    )}${more}`,
  );
}

/** Whether a setting, named as in a plan, takes whole numbers only. */
export function isWholeSetting(experiment: Experiment, name: string): boolean {
  const { options, schema } = experiment;
  const option = Object.entries(options).find(([own]) => own === name)?.[1];
  const field = option === undefined ? name : fieldOption(option).field;
  return outlineOf(schema, field)?.type.kind === "whole";
}

/**
 * The command line of one run.
 *
 * @param words what it is trained for.
 * @throws UserError (exit status 2) for an option that the experiment's command does not have, or not with this value.
 */
export function commandLineOf(
  experiment: Experiment,
  { fixed }: Pick<Plan, "fixed">,
  arm: Arm,
  { words, seed }: Readonly<{ words: readonly string[]; seed: number }>,
): CommandLine {
  const settings = Object.entries({ ...fixed, ...arm });
  const set = settings
    .filter(([name]) => !name.startsWith("--"))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const options = optionsOf(
    experiment,
    settings.filter(([name]) => name.startsWith("--")),
  );
  const conditional = experiment.subject === "pictures" && words.length > 1 && { conditional: true };
  return { args: words, options: { ...options, ...conditional, seed, set } };
}

function optionsOf(
  experiment: Experiment,
  settings: readonly (readonly [string, unknown])[],
): TrainingOptions {
  const command = trainingCommand(experiment)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const [name, value] of settings) {
    const known = command.options.find(({ long }) => long === name);
    if (known && ENGINE.has(name)) {
      throw usageError(`settings.${name} is not for plans; use the option ${name} of sweep`);
    }
    if (!known) {
      const near = closest(
        name,
        command.options.map(({ long }) => long ?? ""),
      );
      const step = near ? `did you mean ${near}?` : `neoblast ${experiment.name} --help-all lists them`;
      throw usageError(`settings.${name} is no option of neoblast ${experiment.name}; ${step}`);
    }
    const isFlag = !known.required && !known.optional;
    if (isFlag && value !== true) {
      throw usageError(`settings.${name} is ${JSON.stringify(value)}; it must be true, or left out`);
    }
    try {
      command.parseOptions(isFlag ? [name] : [name, valueText(value)]);
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      throw usageError(error.message.replace(/^error: /, ""));
    }
  }
  return command.opts<TrainingOptions>();
}

/** What belongs to the sweep as a whole. */
const ENGINE: ReadonlySet<string> = new Set([
  "--engine",
  "--kernels",
  "--threads",
  "--queue",
  "--tag",
  "--patience",
]);
