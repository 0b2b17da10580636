/** `--each`: a sweep that trains one automaton for each of several pictures, all with the same settings. */
import { fieldAt, parseSetting } from "../../config/config.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { engineNames } from "../../runs/record.ts";
import type { CommandLine } from "../train/options.ts";
import { usageError } from "../values.ts";
import { beginSweep } from "./action.ts";

/** Options that are the sweep's, or say nothing of it. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  "--each",
  "--seed",
  "--set",
  "--out",
  "--engine",
  "--kernels",
  "--threads",
  "--checkpoint-every",
]);

/** @param written the options of the command line with their values as they are written. */
export async function sweepEach(
  { name }: Experiment,
  { args, options }: CommandLine,
  written: readonly (readonly [string, unknown])[],
): Promise<void> {
  const { seed = 0, set = [], out, engine, kernels, threads, checkpointEvery, json } = options;
  const known = engineNames.find((each) => each === engine);
  if (engine !== undefined && known === undefined) {
    throw usageError(`--each trains all with one engine; name it rather than --engine ${engine}`);
  }
  const settings = [
    ...written
      .filter(([option]) => !NOT_SETTINGS.has(option))
      .map(([option, text]): [string, unknown] => [option, typeof text === "string" ? text : true]),
    ...set.map(settingOf),
  ];
  const plan = {
    experiment: name,
    ...(args.length > 0 && { subjects: args }),
    seeds: [seed],
    settings: Object.fromEntries(settings),
    pictures: true,
  };
  await beginSweep(plan, {
    threads,
    checkpointEvery,
    ...(known && { engine: known }),
    ...(out !== undefined && { out }),
    ...(kernels && { kernels }),
    ...(json && { json }),
  });
}

/** A setting as a plan has it: a value that is a list or an object stands in a list. */
function settingOf(text: string): [string, unknown] {
  const name = text.slice(0, Math.max(0, text.indexOf("="))).trim();
  return [name, [fieldAt(parseSetting(text), ...name.split("."))]];
}
