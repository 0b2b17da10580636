/** Putting a configuration together: defaults, a person's file, and single settings by name. */
import * as z from "zod/mini";
import { UserError } from "../errors.ts";
import { closest } from "./closest.ts";
import { fieldNames, fieldPaths } from "./outline.ts";
import { describeFault } from "./schema.ts";

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Any part of a configuration. Lists, plain values and null are given whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? Readonly<T>
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** What JSON or a command line holds, as overrides of a configuration, whose schema checks them later. */
export function uncheckedOverrides<T>(value: unknown): DeepPartial<T>;
export function uncheckedOverrides(value: unknown): unknown {
  return value;
}

/**
 * `base` with the fields of `change` in their place, field by field; lists, plain values and null replace what was
 * there. So does an object of another `kind`, whose fields mean something else.
 */
export function mergeConfig(base: unknown, change: unknown): unknown {
  if (change === undefined) return base;
  if (!isFields(base) || !isFields(change)) return change;
  if ("kind" in change && change.kind !== base.kind) return change;
  const merged = Object.entries(change).map(([key, value]) => [
    key,
    mergeConfig(Object.hasOwn(base, key) ? base[key] : undefined, value),
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

/** The fields that have a value; undefined where none has, so that nothing is replaced by it. */
export function defined(fields: Fields): Fields | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** The fields that have nothing but a value at a path such as `training.batch`. */
export function fieldsWith(path: string, value: unknown): unknown {
  return path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

/** The value of a field within fields, by their names from the outside in; undefined where there is none. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce(
    (inner, name) => (isFields(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  );
}

/**
 * The change that a text like `training.learningRate=1e-3` asks for. The value is JSON, or else plain text.
 * @throws UserError where the text has no name or no `=`.
 */
export function parseSetting(text: string): unknown {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(0, at)).split(".");
  if (path.some((key) => key.trim() === "")) {
    throw new UserError(`"${text}" is not a setting; write name=value, for example training.batch=8`, {
      exitCode: 2,
    });
  }
  const value = parseValue(text.slice(at + 1));
  return path.reduceRight<unknown>((inner, key) => ({ [key.trim()]: inner }), value);
}

/**
 * `base` with overrides in their place, and over them settings such as `training.batch=8`, in order.
 * @throws UserError as {@link parseSetting}.
 */
export function withChanges(
  base: unknown,
  { overrides, sets = [] }: Readonly<{ overrides?: unknown; sets?: readonly string[] | undefined }>,
): unknown {
  return [overrides, ...sets.map(parseSetting)].reduce(mergeConfig, base);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @throws UserError naming the first faulty field, its value and what is allowed. */
export function parseConfig<T extends z.ZodMiniType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const hint = issue.code === "unrecognized_keys" ? fieldHint(schema, issue.path, issue.keys[0]) : "";
  throw new UserError(`${describeFault(parsed.error, value)}${hint}`, { exitCode: 2, cause: parsed.error });
}

/** Which field one was meant to be that a schema does not have. @param path of what holds it. */
function fieldHint(schema: z.ZodMiniType, path: readonly PropertyKey[], name: string): string {
  const siblings = fieldNames(schema, path.join("."));
  const near = closest(name, siblings);
  const meant =
    near === undefined
      ? fieldPaths(schema).find((each) => each.endsWith(`.${name}`))
      : [...path, near].join(".");
  if (meant !== undefined) return `; did you mean ${meant}?`;
  return siblings.length > 0 ? `; there are ${siblings.join(", ")}` : "";
}

/** A field, by its path, and its values in two configurations. */
export type Difference = Readonly<{ path: string; values: readonly [unknown, unknown] }>;

/** The first field in which two JSON values differ; undefined where they are equal. A list is one value. */
export function firstDifference(a: unknown, b: unknown, path = ""): Difference | undefined {
  if (Object.is(a, b)) return undefined;
  if (isFields(a) && isFields(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], path ? `${path}.${key}` : key);
      if (found) return found;
    }
    return undefined;
  }
  const isSameList =
    Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((item, i) => firstDifference(item, b[i]) === undefined);
  return isSameList ? undefined : { path, values: [a, b] };
}

/** An object or a list. */
export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
