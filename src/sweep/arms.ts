/** The arms of a sweep: the settings that are compared. */
import { usageError } from "../errors.ts";
import { exponential, logarithm } from "../math.ts";
import { STREAM, uniform } from "../random.ts";
import { MAX_RUNS, type Plan, type SettingChoices, type SettingRange } from "./plan.ts";

/** Values of the settings that a sweep varies, by name, in the order of the plan. */
export type Arm = Readonly<Record<string, unknown>>;

/** Digits that count of a number that is drawn: enough to tell it from the next, and few to read. */
const DIGITS = { linear: 6, log: 4 } as const;
/** Draws for each arm that is wanted, until a new one is found. */
const PATIENCE = 100;

/**
 * The arms of a plan: one without values where nothing is varied. The same plan gives the same arms on every machine. In a
 * grid, the last setting changes first.
 *
 * @param isWhole whether a setting takes whole numbers only, to which those of a range are then rounded.
 * @throws UserError (exit status 2) for more runs than `MAX_RUNS`, or more random arms than there are.
 */
export function armsOf(plan: Plan, isWhole: (name: string) => boolean): Arm[] {
  const settings = Object.entries(plan.varied).map(([name, choices]): Setting => ({
    name,
    choices,
    whole: isWhole(name),
  }));
  const arms = plan.search === "grid" ? gridOf(settings) : drawnArms(settings, plan.search);
  const runs = arms.length * plan.subjects.length * plan.seeds.length;
  if (runs > MAX_RUNS) throw tooMany(runs);
  return arms;
}

function tooMany(runs: number): Error {
  return usageError(`the plan has ${runs} runs; a sweep has at most ${MAX_RUNS}`);
}

type Setting = Readonly<{ name: string; choices: SettingChoices; whole: boolean }>;

function gridOf(settings: readonly Setting[]): Arm[] {
  const choices = settings.map((setting): [string, readonly unknown[]] => [
    setting.name,
    listed(setting) ?? [],
  ]);
  const count = choices.reduce((product, [, values]) => product * values.length, 1);
  if (count > MAX_RUNS) throw tooMany(count);
  return choices.reduce<Arm[]>(
    (arms, [name, values]) => arms.flatMap((arm) => values.map((value) => ({ ...arm, [name]: value }))),
    [{}],
  );
}

function drawnArms(
  settings: readonly Setting[],
  { random, seed }: Readonly<{ random: number; seed: number }>,
): Arm[] {
  const found = new Map<string, Arm>();
  for (let draw = 0; found.size < random; draw++) {
    if (draw >= PATIENCE * random) {
      throw usageError(
        `search.random is ${random}, but only ${found.size} different settings were found; ask for at most so many`,
      );
    }
    const values = settings.map((setting, i): [string, unknown] => [
      setting.name,
      drawnValue(setting, uniform(seed, STREAM.sweep, draw, i)),
    ]);
    const arm = Object.fromEntries(values);
    found.set(JSON.stringify(arm), found.get(JSON.stringify(arm)) ?? arm);
  }
  return [...found.values()];
}

/** @param share from 0 to 1, exclusive. */
function drawnValue(setting: Setting, share: number): unknown {
  const values = listed(setting);
  if (values) return values[Math.floor(share * values.length)];
  const { choices, whole } = setting;
  return choices.kind === "range" ? numberAt(choices, share, whole) : undefined;
}

/** All values; undefined where there are any number of them. */
function listed({ choices, whole }: Setting): readonly unknown[] | undefined {
  if (choices.kind === "list") return choices.values;
  const { count } = choices;
  if (count === undefined) return undefined;
  return [...new Set(Array.from({ length: count }, (_, i) => numberAt(choices, i / (count - 1), whole)))];
}

/** @param share 0: `from`; 1: `to`. */
function numberAt({ from, to, draw }: SettingRange, share: number, whole: boolean): number {
  if (share === 0 || share === 1) return rounded(share === 0 ? from : to, whole);
  const exact =
    draw === "linear"
      ? from + share * (to - from)
      : exponential((1 - share) * logarithm(from) + share * logarithm(to));
  const short = Number(exact.toPrecision(DIGITS[draw]));
  return rounded(Math.min(to, Math.max(from, short)), whole);
}

function rounded(value: number, whole: boolean): number {
  return whole ? Math.round(value) : value;
}
