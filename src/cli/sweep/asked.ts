/** A sweep that is asked for: every arm is tried on every subject before anything is trained. */
import { withoutSet } from "../../data/emoji.ts";
import { UserError } from "../../errors.ts";
import type { Subject } from "../../experiments/experiment.ts";
import { type Arm, armsOf } from "../../sweep/arms.ts";
import type { Plan } from "../../sweep/plan.ts";
import { type SweepRun, valueText } from "../../sweep/results.ts";
import { checkEngine } from "../engine.ts";
import type { Engine } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { type Kind, loadKind } from "../train/kind.ts";
import { type AskedRun, askedRun } from "../train/openRun.ts";
import { commandLineOf, experimentNamed, isWholeSetting } from "./words.ts";

/** A plan with its arms and the files that its runs need. */
export type AskedSweep = Readonly<{
  kind: Kind;
  plan: Plan;
  arms: readonly Arm[];
  /** A run of it. */
  run(run: Pick<SweepRun, "arm" | "words" | "seed">): Promise<AskedRun>;
}>;

/** @throws UserError (exit status 2) for an experiment or arms that there are not. */
export async function askedSweep(plan: Plan): Promise<AskedSweep> {
  const experiment = experimentNamed(plan.experiment);
  const kind = await loadKind(experiment);
  const arms = armsOf(plan, (name) => isWholeSetting(experiment, name));
  const load = loadOnce((config, how) => kind.files.load(config, how));
  return {
    kind,
    plan,
    arms,
    async run({ arm, words, seed }) {
      try {
        const commandLine = commandLineOf(experiment, plan, arms[arm], { words, seed });
        return await askedRun(kind, commandLine, load);
      } catch (error) {
        if (!(error instanceof UserError) || arms.length === 1) throw error;
        throw new UserError(`${armText(arm, arms[arm])}: ${error.message}`, {
          exitCode: error.exitCode,
          cause: error,
        });
      }
    },
  };
}

/** An arm in words: its number, from 1 on, and what it sets. */
export function armText(index: number, arm: Arm): string {
  const values = Object.entries(arm).map(([name, value]) => `${name}=${valueText(value)}`);
  return [`arm ${index + 1}`, ...(values.length > 0 ? [`(${values.join(", ")})`] : [])].join(" ");
}

type Load = Kind["files"]["load"];

/** Loads a subject once for all runs that ask for it alike: seed, training and all of the rule but how it
 * holds pictures have no part in it. */
function loadOnce(load: Load): Load {
  const loaded = new Map<string, Promise<Subject>>();
  return (config, how) => {
    const key = JSON.stringify({ ...config, seed: 0, training: {}, rule: config.rule.image });
    const found = loaded.get(key) ?? load(config, how);
    loaded.set(key, found);
    return found;
  };
}

/** What all runs of a sweep are, and what they take at most. */
export type Census = Readonly<{
  runs: readonly SweepRun[];
  /** Training steps of each run, at most. */
  steps: readonly number[];
  /** Most samples that any of them computes at once. */
  samples: number;
}>;

/**
 * Names the runs, by arm, subject and seed, after trying each arm on each subject.
 *
 * @param onProgress is told how many are tried, and how many there are.
 * @throws UserError for settings that are wrong and subjects that cannot be read, naming the arm.
 */
export async function censusOf(
  asked: AskedSweep,
  onProgress: (done: number, total: number) => void,
): Promise<Census> {
  const { plan, arms, kind } = asked;
  const runs: SweepRun[] = [];
  const steps: number[] = [];
  let samples = 1;
  const names = new Set<string>();
  for (const arm of arms.keys()) {
    for (const [i, words] of plan.subjects.entries()) {
      const { config, subject } = await asked.run({ arm, words, seed: plan.seeds[0] });
      samples = Math.max(samples, kind.experiment.samples(config));
      for (const seed of plan.seeds) {
        const name = freeName(
          [
            ...(arms.length > 1 ? [`arm-${arm + 1}`] : []),
            subject.name,
            ...(plan.seeds.length > 1 ? [`seed-${seed}`] : []),
          ].join("-"),
          names,
        );
        runs.push({ name, arm, subject: withoutSet(subject.description), words, seed });
        steps.push(kind.experiment.total(config));
      }
      onProgress(arm * plan.subjects.length + i + 1, arms.length * plan.subjects.length);
    }
  }
  return { runs, steps, samples };
}

/** The name, or one with a number behind it where that is taken. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
  taken.add(free);
  return free;
}

/** @throws UserError (exit status 2), in the engine's own sentence, where it cannot run an arm. */
export function checkRuns({ kind }: AskedSweep, engine: Engine, { config }: AskedRun): void {
  checkEngine(engine, splitRule(config.rule).rule, kind.experiment.need);
}
