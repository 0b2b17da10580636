/** What a schema says of one field: for the options of a command line, and for the hints of a page. */
import * as z from "zod/mini";

/** What a field may hold, as far as one text can say it. */
export type FieldType =
  | Readonly<{
      kind: "whole" | "number";
      low: number;
      high: number;
      /** Whether `low` is not one of them. */ above: boolean;
    }>
  /** Fewest and most, both whole numbers. */
  | Readonly<{ kind: "range"; low: number; high: number }>
  | Readonly<{ kind: "words"; words: readonly string[] }>
  | Readonly<{ kind: "flag" | "text" | "other" }>;

export type FieldOutline = Readonly<{
  /** As `z.describe` has it. */
  description: string | undefined;
  type: FieldType;
  /** Whether it may be this value. */
  accepts(value: unknown): boolean;
}>;

type Schema = z.core.$ZodType;

/** The field at a path such as `training.learningRate`; undefined where there is none. Of a union, the first plain member. */
export function outlineOf(schema: Schema, path: string): FieldOutline | undefined {
  const found = schemasAt(schema, path);
  if (found.length === 0) return undefined;
  const plain = found.flatMap(membersOf);
  const types = plain.map(typeOf);
  const words = types.flatMap((type) => (type.kind === "words" ? type.words : []));
  const [type = { kind: "other" } as const] = types.filter(({ kind }) => kind !== "other");
  return {
    description: [...found, ...plain].map(describedAs).find((text) => text !== undefined),
    type: type.kind === "words" ? { kind: "words", words: [...new Set(words)] } : type,
    accepts: (value) => found.some((each) => z.safeParse(each, value).success),
  };
}

/** The names of the fields that a schema has at a path; of a union, those of all members. */
export function fieldNames(schema: Schema, path = ""): string[] {
  const found = path === "" ? [schema] : schemasAt(schema, path);
  return [...new Set(found.flatMap(shapesOf).flatMap((shape) => Object.keys(shape)))];
}

/** The paths of all fields that a schema has, such as `training.batch`. */
export function fieldPaths(schema: Schema): string[] {
  return fieldNames(schema).flatMap((name) => [
    name,
    ...fieldsOf(schema, name).flatMap((each) => fieldPaths(each).map((path) => `${name}.${path}`)),
  ]);
}

function describedAs(schema: Schema): string | undefined {
  return z.globalRegistry.get(schema)?.description;
}

/** The schemas that a schema stands for: without defaults, null and the like, the members of a union. */
function membersOf(schema: Schema): Schema[] {
  const def = defOf(schema);
  if ("innerType" in def) return membersOf(def.innerType);
  if (def.type === "pipe") return membersOf(def.in);
  return def.type === "union" ? def.options.flatMap(membersOf) : [schema];
}

function schemasAt(schema: Schema, path: string): readonly Schema[] {
  return path
    .split(".")
    .reduce<readonly Schema[]>((schemas, name) => schemas.flatMap((each) => fieldsOf(each, name)), [schema]);
}

function fieldsOf(schema: Schema, name: string): Schema[] {
  return shapesOf(schema).flatMap((shape) => (Object.hasOwn(shape, name) ? [shape[name]] : []));
}

/** The fields of each member that is an object. */
function shapesOf(schema: Schema): Readonly<Record<string, Schema>>[] {
  return membersOf(schema).flatMap((member) => {
    const def = defOf(member);
    return def.type === "object" ? [def.shape] : [];
  });
}

function typeOf(schema: Schema): FieldType {
  const def = defOf(schema);
  if (def.type === "number") {
    return { kind: "format" in def ? "whole" : "number", ...boundsOf(def.checks) };
  }
  if (def.type === "boolean") return { kind: "flag" };
  if (def.type === "string") return { kind: "text" };
  if (def.type === "enum") return { kind: "words", words: Object.values(def.entries).map(String) };
  if (def.type === "literal" && def.values.every((value) => typeof value === "string")) {
    return { kind: "words", words: def.values.map(String) };
  }
  if (def.type === "tuple" && def.items.length === 2 && !def.rest) {
    const [first] = membersOf(def.items[0]).map(typeOf);
    if (first.kind === "whole") return { kind: "range", low: first.low, high: first.high };
  }
  return { kind: "other" };
}

function boundsOf(
  checks: readonly z.core.$ZodCheck[] = [],
): Readonly<{ low: number; high: number; above: boolean }> {
  let bounds = { low: -Infinity, high: Infinity, above: false };
  for (const { _zod } of checks) {
    const check: z.core.$ZodCheckDef & { value?: unknown; inclusive?: unknown } = _zod.def;
    if (typeof check.value !== "number") continue;
    if (check.check === "greater_than") {
      bounds = { ...bounds, low: check.value, above: check.inclusive === false };
    }
    if (check.check === "less_than") bounds = { ...bounds, high: check.value };
  }
  return bounds;
}

type Def = z.core.$ZodTypes["_zod"]["def"] & { checks?: readonly z.core.$ZodCheck[] };

/** Of the class that `type` names. */
function defOf({ _zod }: Schema): Def;
function defOf({ _zod }: Schema): unknown {
  return _zod.def;
}
