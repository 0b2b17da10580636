/** Reading values off the command line, strictly: no trailing junk, nothing out of range. */
import { Argument, Option } from "commander";
import { inWords } from "../config/inWords.ts";
import { usageError } from "../errors.ts";
import { type DamageAt, damageKinds } from "../edit/damage.ts";

/** What an option takes. */
export type Kind<T> = Readonly<{
  /** In words, after "it must be". */
  allowed: string;
  /** The value that a text stands for; undefined where it stands for none. */
  parse(text: string): T | undefined;
  /** All texts that stand for one, where they are few words. */
  words?: readonly string[];
}>;

/** Largest seed of random draws. */
export const MAX_SEED = 2 ** 32 - 1;

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

export { usageError };

/** An option with a value. */
export function option(flags: string, description: string, kind: Kind<unknown>): Option {
  const result = new Option(flags, description);
  if (kind.words) words.set(result, kind.words);
  return result.argParser((text) => valueOf(text, result.long, kind));
}

/** Of options whose value is one of several words, these. Not commander's `choices`, which go into the help. */
const words = new WeakMap<Option, readonly string[]>();

/** The words that an option's value may be; none where it may be any. */
export function wordsOf(of: Option): readonly string[] {
  return words.get(of) ?? [];
}

/** An argument, in brackets where it may be missing. */
export function argument(name: string, description: string, kind: Kind<unknown>): Argument {
  const result = new Argument(name, description);
  return result.argParser((text) => valueOf(text, result.name(), kind));
}

/** An argument that may be given several times: a list of its values, in order. */
export function argumentList(name: string, description: string, kind: Kind<unknown>): Argument {
  const result = new Argument(name, description);
  return result.argParser<unknown[] | undefined>((text, before) => [
    ...(before ?? []),
    valueOf(text, result.name(), kind),
  ]);
}

/** An option that may be given several times: a list of its values, in order. */
export function repeatable(flags: string, description: string, kind: Kind<unknown>): Option {
  const result = new Option(flags, description);
  return result.argParser<unknown[] | undefined>((text, before) => [
    ...(before ?? []),
    valueOf(text, result.long, kind),
  ]);
}

function valueOf<T>(text: string, name: string | undefined, { parse, allowed }: Kind<T>): T {
  const value = parse(text);
  if (value !== undefined) return value;
  throw usageError(`${name} is ${DECIMAL.test(text) ? text : JSON.stringify(text)}; it must be ${allowed}`);
}

export const anyText: Kind<string> = { allowed: "text", parse: (text) => text };

export const filePath: Kind<string> = { allowed: "a path", parse: (text) => text || undefined };

export const folderPath: Kind<string> = {
  allowed: "the path of a folder: several files do not fit into standard output",
  parse: (text) => (text === "-" ? undefined : text || undefined),
};

/** What commands take that run a model. */
export const MODEL = "a model.safetensors, the folder of a run, or - for standard input";

/** What a picture is named by: see `loadTarget`. */
export const pictureSource: Kind<string> = {
  allowed: "an emoji, its name or a file",
  parse: (text) => text || undefined,
};

/** One of several words. */
export function oneOf<T extends string>(choices: readonly T[]): Kind<T> {
  return {
    words: choices,
    allowed: inWords(choices, "or"),
    parse: (text) => choices.find((word) => word === text),
  };
}

/** A number from `low` to `high`. */
export function number(low: number, high: number): Kind<number> {
  return {
    allowed: `a number from ${low} to ${high}`,
    parse(text) {
      const value = DECIMAL.test(text) ? Number(text) : NaN;
      // The sum turns -0 into 0.
      return value >= low && value <= high ? value + 0 : undefined;
    },
  };
}

/** A number above 0, up to `high`. */
export function positive(high: number): Kind<number> {
  const { parse } = number(0, high);
  return { allowed: `a number above 0, at most ${high}`, parse: (text) => parse(text) || undefined };
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): Kind<number> {
  const { parse } = number(low, high);
  return {
    allowed: `a whole number from ${low} to ${high}`,
    parse(text) {
      const value = parse(text);
      return Number.isInteger(value) ? value : undefined;
    },
  };
}

/** Several of what `kind` takes, with commas between them. */
export function listOf<T>({ allowed, parse }: Kind<T>): Kind<T[]> {
  return {
    allowed: `a list such as A,B,C, each ${allowed}`,
    parse(text) {
      const values = text.split(",").map((part) => parse(part.trim()));
      return values.every((value) => value !== undefined) ? values : undefined;
    },
  };
}

/** `ROWSxCOLUMNS`, each a whole number from `low` to `high`. */
export function tableOf(low: number, high: number): Kind<[number, number]> {
  const { parse } = whole(low, high);
  return {
    allowed: `ROWSxCOLUMNS, such as 8x8, each from ${low} to ${high}`,
    parse(text) {
      const [rows, columns, ...rest] = text.split("x").map(parse);
      return rows !== undefined && columns !== undefined && rest.length === 0 ? [rows, columns] : undefined;
    },
  };
}

/** The word "auto", or what `kind` takes. */
export function orAuto<T>({ allowed, parse }: Kind<T>): Kind<T | "auto"> {
  return { allowed: `auto or ${allowed}`, parse: (text) => (text === "auto" ? text : parse(text)) };
}

/** `A..B`, or one number for both: whole numbers from `low` to `high`. */
export function range(low: number, high: number): Kind<[number, number]> {
  const { parse } = whole(low, high);
  return {
    allowed: `A..B, two whole numbers from ${low} to ${high} of which the first is not the larger`,
    parse(text) {
      const ends = text.split("..").map(parse);
      const [from, to] = [ends.at(0), ends.at(-1)];
      if (from === undefined || to === undefined || from > to || ends.length > 2) return undefined;
      return [from, to];
    },
  };
}

/** `KIND@STEP`. */
export const damageAt: Kind<DamageAt> = {
  allowed: `KIND@STEP, such as circle@100; the kinds are ${damageKinds.join(", ")}`,
  parse(text) {
    const [name, after = "", ...rest] = text.split("@");
    const kind = damageKinds.find((known) => known === name);
    const step = whole(0, Number.MAX_SAFE_INTEGER).parse(after);
    return kind !== undefined && step !== undefined && rest.length === 0 ? { kind, step } : undefined;
  },
};
