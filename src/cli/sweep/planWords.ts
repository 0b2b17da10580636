/** A plan from a command line: a file, and options that win over what it says. */
import { isTree, parseSetting, fieldAt } from "../../config/config.ts";
import { FormatError } from "../../errors.ts";
import { decodeNamed } from "../standardInput.ts";
import { usageError } from "../values.ts";
import { experimentNamed } from "./words.ts";
import type { SweepOptions } from "./options.ts";

const MAX_PLAN_BYTES = 2 ** 20;

/**
 * The plan that a command line asks for, not yet checked.
 *
 * @param args a file, or the name of an experiment; then what is trained for.
 * @throws UserError where the file cannot be read or is not JSON; with exit status 2 for words that do not go together.
 */
export async function planValue(
  [first, ...subjects]: readonly string[],
  options: SweepOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { grid = [], set = [], seeds, random, halving, keep, pictures } = options;
  const isFile = first !== undefined && (first === "-" || /\.json$/i.test(first));
  if (first === undefined && grid.length === 0) {
    throw usageError(
      "name a plan (a JSON file) or settings to try: neoblast sweep grow --grid training.learningRate=1e-3,2e-3",
    );
  }
  const base = isFile
    ? await readPlan(first)
    : { experiment: experimentNamed(first ?? "grow", "; a plan is a file whose name ends in .json").name };
  const changes = Object.fromEntries([...set.map(fixedSetting), ...grid.map(gridSetting)]);
  const { search, settings, halving: planned } = base;
  if (keep !== undefined && halving === undefined && planned === undefined) {
    throw usageError("--keep says how many arms --halving keeps; add that");
  }
  const own = isTree(planned) ? planned : {};
  return {
    ...base,
    ...(subjects.length > 0 && { subjects }),
    ...(seeds !== undefined && { seeds }),
    settings: { ...(isTree(settings) ? settings : {}), ...changes },
    ...(random !== undefined && { search: { ...(isTree(search) ? search : {}), random } }),
    ...((halving !== undefined || keep !== undefined) && {
      halving: { ...own, ...(halving && { at: halving }), ...(keep !== undefined && { keep }) },
    }),
    ...(pictures && { pictures }),
  };
}

async function readPlan(path: string): Promise<Readonly<Record<string, unknown>>> {
  return decodeNamed(path, MAX_PLAN_BYTES, (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
    if (isTree(value) && !Array.isArray(value)) return value;
    throw new FormatError("a plan is a JSON object");
  });
}

/** `name=value`, of all runs. A value that is a list or an object is one value. */
function fixedSetting(text: string): [string, unknown] {
  const [name, value] = splitSetting(text);
  return [name, [valueIn(value)]];
}

/** `name=a,b,c`: values to try, each JSON or else a word. */
function gridSetting(text: string): [string, unknown] {
  const [name, values] = splitSetting(text);
  try {
    return [name, JSON.parse(`[${values}]`)];
  } catch {
    return [name, values.split(",").map((value) => valueIn(value.trim()))];
  }
}

function splitSetting(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
  throw usageError(`"${text}" is not a setting; write name=value, for example training.batch=8`);
}

/** As `--set` reads it: JSON, or else plain text. */
function valueIn(text: string): unknown {
  return fieldAt(parseSetting(`value=${text}`), "value");
}
