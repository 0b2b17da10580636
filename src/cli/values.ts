/** Reading values off the command line, strictly: no trailing junk, nothing out of range. */
import { Option } from "commander";
import { UserError } from "../errors.ts";
import { type DamageKind, damageKinds } from "../train/damage.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** Longest rollout of a training step. */
const MAX_ROLLOUT = 1e5;

/** A wrong call, as one sentence: exit status 2. */
export function usageError(message: string): UserError {
  return new UserError(message, { exitCode: 2 });
}

/** Parser of an option that takes a number from `low` to `high`. */
export function number(flag: string, low: number, high: number): (text: string) => number {
  return (text) => parseNumber(text, flag, low, high, `a number from ${low} to ${high}`, () => true);
}

/** Parser of an option that takes a whole number from `low` to `high`. */
export function whole(flag: string, low: number, high: number): (text: string) => number {
  return (text) =>
    parseNumber(text, flag, low, high, `a whole number from ${low} to ${high}`, Number.isInteger);
}

/** As `whole`, or the word "auto". */
export function wholeOrAuto(flag: string, low: number, high: number): (text: string) => number | "auto" {
  const allowed = `auto or a whole number from ${low} to ${high}`;
  return (text) => (text === "auto" ? "auto" : parseNumber(text, flag, low, high, allowed, Number.isInteger));
}

/** Parser of `A..B`, or of one number for both. */
export function range(flag: string): (text: string) => [number, number] {
  return (text) => {
    const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
    const [low, high] = [Number(first), Number(last)];
    if (low >= 1 && low <= high && high <= MAX_ROLLOUT) return [low, high];
    throw usageError(
      `${flag} is ${shown(text)}; it must be A..B with whole numbers from 1 to ${MAX_ROLLOUT}, A not above B, such as 48..64`,
    );
  };
}

/** A wound and the step after which it is dealt. */
export type DamageAt = Readonly<{ kind: DamageKind; step: number }>;

/** Parser of `KIND@STEP`. */
export function damageAt(flag: string): (text: string) => DamageAt {
  return (text) => {
    const [, name, step] = /^([^@]*)@(\d{1,9})$/.exec(text) ?? [];
    const kind = damageKinds.find((known) => known === name);
    if (kind !== undefined) return { kind, step: Number(step) };
    throw usageError(
      `${flag} is ${shown(text)}; it must be KIND@STEP with one of ${damageKinds.join(", ")}, such as circle@100`,
    );
  };
}

/** An option with a value that `parse` checks. */
export function option(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(flags, description).argParser(parse);
}

/** An option that may be given several times: a list of every value, in order. */
export function repeatable(flags: string, description: string, parse: (text: string) => unknown): Option {
  return new Option(flags, description).argParser<unknown[] | undefined>((text, before) => [
    ...(before ?? []),
    parse(text),
  ]);
}

function parseNumber(
  text: string,
  flag: string,
  low: number,
  high: number,
  allowed: string,
  fits: (value: number) => boolean,
): number {
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  // The sum turns -0 into 0.
  if (value >= low && value <= high && fits(value)) return value + 0;
  throw usageError(`${flag} is ${shown(text)}; it must be ${allowed}`);
}

/** A number as it was typed, anything else quoted. */
function shown(text: string): string {
  return DECIMAL.test(text) ? text : JSON.stringify(text);
}
