/** What a sweep tries, as plain JSON: settings, subjects and seeds of one experiment. */
import * as z from "zod/mini";
import { isTree, parseConfig } from "../config/config.ts";
import { whole, withDefault } from "../config/fields.ts";
import { describeFault } from "../config/schema.ts";
import { usageError } from "../errors.ts";

/** Most runs of one sweep. */
export const MAX_RUNS = 100_000;
const MAX_SEED = 2 ** 32 - 1;

/** Numbers of a setting, from the smallest to the largest. */
const rangeSchema = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    /** Even in the numbers or in their logarithms. */
    draw: withDefault(z.enum(["linear", "log"]), "linear"),
    /** So many of them, both ends included; absent: any in between, which only a random search can draw. */
    count: z.optional(whole(2, 1000)),
  })
  .check(
    z.refine(({ from, to }) => from < to, { path: ["to"], error: "must be above from" }),
    z.refine(({ from, draw }) => draw === "linear" || from > 0, {
      path: ["from"],
      error: 'must be above 0 where draw is "log"',
    }),
  );
export type SettingRange = Readonly<z.infer<typeof rangeSchema>>;

/** What a setting may be: any of a list, or a number of a range. */
export type SettingChoices =
  | Readonly<{ kind: "list"; values: readonly unknown[] }>
  | (Readonly<{ kind: "range" }> & SettingRange);

const unique = (values: readonly unknown[]) =>
  new Set(values.map((value) => JSON.stringify(value))).size === values.length;

const seedSchema = whole(0, MAX_SEED);
const word = z.string().check(z.minLength(1));
const subjectSchema = z.union([word, z.array(word).check(z.minLength(1))]);

const planSchema = z.strictObject({
  /** `Experiment.name`. */
  experiment: z.string(),
  /** What each is named by on the experiment's command line: a word, or several. Absent: as by default. */
  subjects: z.optional(
    z.array(subjectSchema).check(z.minLength(1), z.refine(unique, "must not name a subject twice")),
  ),
  /** Of each setting and subject: a list, or how many, from 0 on. */
  seeds: withDefault(
    z.union([
      whole(1, MAX_RUNS),
      z.array(seedSchema).check(z.minLength(1), z.refine(unique, "must not have a seed twice")),
    ]),
    1,
  ),
  /** By name, as after `--set` or, with `--` in front, as an option of the experiment's command. */
  settings: withDefault(z.record(z.string(), z.unknown()), {}),
  /** All settings with each other, or so many at random. */
  search: withDefault(
    z.union([
      z.literal("grid"),
      z.strictObject({ random: whole(1, MAX_RUNS), seed: withDefault(seedSchema, 0) }),
    ]),
    "grid",
  ),
  /** After these parts of the training, the better arms go on, and the others end. */
  halving: z.optional(
    z.strictObject({
      at: z.array(z.number().check(z.gt(0), z.lt(1))).check(
        z.minLength(1),
        z.refine((parts) => parts.every((part, i) => i === 0 || part > parts[i - 1]), "must ascend"),
      ),
      /** The part of the arms that goes on, at least one arm. */
      keep: withDefault(z.number().check(z.gt(0), z.lt(1)), 0.5),
    }),
  ),
  /** Whether each run draws its pictures, films and page. */
  pictures: withDefault(z.boolean(), false),
});

type PlanFields = Readonly<z.infer<typeof planSchema>>;
export type Halving = NonNullable<PlanFields["halving"]>;

/** A plan whose settings are read: those that have one value, and those that the sweep is about. */
export type Plan = Readonly<
  Omit<PlanFields, "settings" | "seeds" | "subjects"> & {
    /** Words of a command line each; one without words: as by default. */
    subjects: readonly (readonly string[])[];
    seeds: readonly number[];
    /** By name. */
    fixed: Readonly<Record<string, unknown>>;
    varied: Readonly<Record<string, SettingChoices>>;
  }
>;

/**
 * The plan that JSON holds.
 *
 * @throws UserError (exit status 2), one sentence: the field, its value and what is allowed.
 */
export function parsePlan(value: unknown): Plan {
  if (!isTree(value) || Array.isArray(value)) throw usageError("a plan is a JSON object");
  const { settings, seeds, subjects, ...rest } = parseConfig(planSchema, value);
  const fixed: Record<string, unknown> = {};
  const varied: Record<string, SettingChoices> = {};
  for (const [name, given] of Object.entries(settings)) {
    checkName(name);
    const choices = choicesOf(name, given);
    if (choices.kind === "list" && choices.values.length === 1) [fixed[name]] = choices.values;
    else varied[name] = choices;
  }
  const plan = {
    ...rest,
    subjects: subjects?.map((subject) => [subject].flat()) ?? [[]],
    seeds: typeof seeds === "number" ? Array.from({ length: seeds }, (_, seed) => seed) : seeds,
    fixed,
    varied,
  };
  if (plan.search === "grid") checkCounted(varied);
  else if (Object.keys(varied).length === 0) {
    throw usageError(
      "search.random draws settings, and settings has none with more than one value; give one several, such as training.batch=2,4",
    );
  }
  if (plan.halving && Object.keys(varied).length === 0) {
    throw usageError(
      "halving compares settings, and settings has none with more than one value; give one several, such as training.batch=2,4",
    );
  }
  return plan;
}

/** Settings that a sweep sets itself, each with what names them instead. */
const OWN: Readonly<Record<string, string>> = {
  seed: "seeds",
  "--seed": "seeds",
  "target.source": "subjects",
  "--conditional": "subjects",
  "--each": "subjects",
  "--out": "the option --out of sweep",
  "--resume": "the option --resume of sweep",
  "--checkpoint-every": "the option --checkpoint-every of sweep",
  "--json": "the option --json of sweep",
  "--preview": "no setting, as a sweep shows no cells",
  "--set": "the setting by its own name",
  "--verify": "no setting, as a whole run is one job",
};

function checkName(name: string): void {
  if (Object.hasOwn(OWN, name)) throw usageError(`settings.${name} is not for plans; use ${OWN[name]}`);
  if (
    name
      .replace(/^--/, "")
      .split(".")
      .every((part) => part.trim() !== "")
  )
    return;
  throw usageError(
    `settings has ${JSON.stringify(name)}, which names nothing; write a name such as training.learningRate, or an option such as --steps`,
  );
}

function choicesOf(name: string, given: unknown): SettingChoices {
  if (Array.isArray(given)) {
    if (given.length === 0) throw usageError(`settings.${name} is an empty list; write one value at least`);
    if (!unique(given)) throw usageError(`settings.${name} must not have a value twice`);
    return { kind: "list", values: given };
  }
  if (!isTree(given)) return { kind: "list", values: [given] };
  const range = rangeSchema.safeParse(given);
  if (range.success) return { kind: "range", ...range.data };
  throw usageError(
    `${describeFault(range.error, given, `settings.${name}`)}; a value that is an object stands in a list`,
  );
}

function checkCounted(varied: Plan["varied"]): void {
  for (const [name, choices] of Object.entries(varied)) {
    if (choices.kind === "list" || choices.count !== undefined) continue;
    throw usageError(
      `settings.${name}.count is missing; a grid needs to know how many numbers from ${choices.from} to ${choices.to} to try`,
    );
  }
}
