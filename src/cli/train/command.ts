/** The command of an experiment. */
import { Command, Option } from "commander";
import { inWords } from "../../config/inWords.ts";
import * as z from "zod/mini";
import { fieldAt } from "../../config/config.ts";
import { type FieldOutline, type FieldType, outlineOf } from "../../config/outline.ts";
import {
  type Experiment,
  type ExperimentConfig,
  fieldOption,
  type OptionField,
} from "../../experiments/experiment.ts";
import { rampSchema, rampText } from "../../train/ramp.ts";
import { kernelChoices } from "../engine.ts";
import { engineOption } from "../engineOption.ts";
import { explain, type Explanation, rarely } from "../help.ts";
import {
  anyText,
  filePath,
  folderPath,
  type Kind,
  MAX_SEED,
  number,
  oneOf,
  option,
  orAuto,
  positive,
  range,
  repeatable,
  whole,
} from "../values.ts";
import { patienceOption, queueOption, tagOption, verifyOption } from "../queueOption.ts";
import { RUNS_FOLDER, type TrainingOptions } from "./options.ts";
import { subjectWords } from "../subjects/kinds.ts";

/** The command that starts and resumes the runs of an experiment. */
export function trainingCommand(experiment: Experiment): Command {
  const { name, description } = experiment;
  const command = explain(new Command(name), explanationOf(experiment)).description(description);
  const base = experiment.resolve({});
  const words = subjectWords(experiment);
  for (const each of words.arguments(base)) command.addArgument(each);
  const own = fieldOptions(experiment, base);
  const subjectOptions = [
    ...presetOptions(experiment),
    ...words.options(),
    ...startOptions(experiment),
    ...own.subject,
  ];
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    [words.heading, subjectOptions],
    ["Training:", [...own.training, ...settingOptions()]],
    ["Engine:", engineOptions().map((each) => rarely(each))],
    ...(experiment.hasMembers
      ? [["Many machines:", clusterOptions().map((each) => rarely(each))] as const]
      : []),
    ["Run folder:", folderOptions()],
  ];
  for (const [heading, options] of groups) {
    command.optionsGroup(heading);
    for (const each of options) command.addOption(each);
  }
  // As they are written, for a sweep to hand on.
  const written: [string, unknown][] = [];
  for (const [, options] of groups) {
    for (const each of options) {
      command.on(`option:${each.name()}`, (text: unknown) => written.push([`--${each.name()}`, text]));
    }
  }
  command.optionsGroup("Display:");
  for (const each of displayOptions()) command.addOption(rarely(each));
  return command.action(async () => {
    // What the work needs takes a while to load, which help and wrong calls need not wait for.
    const [{ train }, { loadKind }] = await Promise.all([import("./action.ts"), import("./kind.ts")]);
    const args = command.processedArgs.flat().filter((word): word is string => typeof word === "string");
    const options = command.opts<TrainingOptions & { each?: true }>();
    if (options.each) {
      const { sweepEach } = await import("../sweep/each.ts");
      return sweepEach(experiment, { args, options }, written);
    }
    await train(await loadKind(experiment), { args, options });
  });
}

function presetOptions({ presets }: Experiment): Option[] {
  return Object.entries(presets).map(([name, { names, help, rare }]) => {
    const each = option(`--${name} <name>`, help, oneOf(names));
    return rare ? rarely(each) : each;
  });
}

function startOptions({ startFrom }: Pick<Experiment, "startFrom">): Option[] {
  if (!startFrom) return [];
  return [
    option(
      "--start <model>",
      "a model file or run folder to start from, with its rule and picture",
      filePath,
    ),
  ];
}

/** The options of an experiment's table, by the headings that they stand under. */
function fieldOptions(
  { options, schema }: Experiment,
  base: ExperimentConfig,
): Readonly<Record<"subject" | "training", Option[]>> {
  const groups: Record<"subject" | "training", Option[]> = { subject: [], training: [] };
  for (const [name, entry] of Object.entries(options)) {
    const own = fieldOption(entry);
    const outline = outlineOf(schema, own.field);
    const help = own.help ?? outline?.description ?? own.field;
    const group = own.group ?? (own.field.startsWith("training.") ? "training" : "subject");
    const add = (each: Option) => groups[group].push(own.rare ? rarely(each) : each);
    if (own.becomes !== undefined) {
      add(new Option(name, help));
      continue;
    }
    const otherwise = own.otherwise ?? textOf(fieldAt(base, ...own.field.split(".")));
    const type = typeOf(own, outline?.type);
    const flags = `${name} <${own.value ?? VALUES[type.kind]}>`;
    add(option(flags, `${help} (default: ${otherwise})`, kindOf(type, own, outline)));
  }
  return groups;
}

/** What the help calls a value of each type. */
const VALUES: Readonly<Record<FieldType["kind"], string>> = {
  whole: "n",
  number: "x",
  range: "a..b",
  words: "kind",
  flag: "true|false",
  text: "text",
  other: "json",
};

/** What the schema allows, as the table narrows it. */
function typeOf({ words, low, high }: OptionField, type: FieldType = { kind: "other" }): FieldType {
  if (words) return { kind: "words", words };
  if (type.kind !== "whole" && type.kind !== "number" && type.kind !== "range") return type;
  return { ...type, low: low ?? type.low, high: high ?? type.high };
}

function kindOf(type: FieldType, { allowed }: OptionField, outline: FieldOutline | undefined): Kind<unknown> {
  switch (type.kind) {
    case "whole":
      return whole(type.low, type.high);
    case "number":
      return type.above && type.low === 0 ? positive(type.high) : number(type.low, type.high);
    case "range":
      return range(type.low, type.high);
    case "words":
      return oneOf(type.words);
    case "flag":
      return {
        allowed: "true or false",
        parse: (text) =>
          new Map([
            ["true", true],
            ["false", false],
          ]).get(text),
      };
    case "text":
      return allowed === undefined
        ? anyText
        : { allowed, parse: (text) => (outline?.accepts(text) ? text : undefined) };
    case "other":
      return { allowed: "JSON", parse: jsonOf };
    default:
      return type satisfies never;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A default, which may change in the course of training. */
function textOf(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return value;
  const ramp = rampOfNumbers.safeParse(value);
  return ramp.success ? rampText(ramp.data) : JSON.stringify(value);
}

const numbers = z.union([z.number(), z.tuple([z.number(), z.number()])]);
const rampOfNumbers = rampSchema(numbers);

function settingOptions(): Option[] {
  return [
    option("--seed <n>", "seed of random numbers: same seed, same model (default: 0)", whole(0, MAX_SEED)),
    repeatable("--set <name=value>", "any setting by its name in config.json, repeatable", anyText),
    rarely(
      option(
        "--config <file>",
        "settings from a JSON file: some, or the config.json of another run",
        filePath,
      ),
    ),
  ];
}

function engineOptions(): Option[] {
  return [
    engineOption(),
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

function clusterOptions(): Option[] {
  return [
    queueOption(
      "has members judged by workers that joined this queue: redis://host:6379/0, or rediss://; the same bits",
    ),
    verifyOption(),
    tagOption(),
    patienceOption(),
  ];
}

function folderOptions(): Option[] {
  return [
    option("--out <folder>", `a new or empty folder (default: ${RUNS_FOLDER}/<name>-<n>)`, folderPath),
    option(
      "--resume <folder>",
      "go on with a run that was stopped; the result has the same bits",
      filePath,
    ).conflicts(["out", "config", "start"]),
    rarely(
      option(
        "--checkpoint-every <seconds>",
        "time between checkpoints: at most so much work is lost when a run is killed",
        number(0, 86400),
      ),
    ).default(20),
  ];
}

function displayOptions(): Option[] {
  return [
    new Option("--json", "report everything on standard output, one JSON object a line"),
    new Option("--preview", "show the cells above the bar (default: on terminals with 24-bit colours)"),
    new Option("--no-preview", "show the bar alone"),
  ];
}

function explanationOf(experiment: Experiment): Explanation {
  const { presets, subject, examples } = experiment;
  const defaults = [
    ...Object.keys(presets),
    ...(subject === "pictures" ? ["--conditional"] : []),
    ...(experiment.startFrom ? ["start"] : []),
  ];
  const { notes } = subjectWords({ subject });
  const first = defaults.length > 0 ? inWords(defaults) : "the defaults";
  return {
    notes: `Where the same setting is given several times, the last in this order wins: ${first}; --config; the options above; --set. Ctrl-C stops and saves a checkpoint. The path of the run folder goes to standard output, all else to standard error.${notes === undefined ? "" : `\n\n${notes}`}`,
    examples,
  };
}
