/** The goals of a model, which are the pictures it can grow, and how a user names one. */
import { withoutSet } from "../data/emoji.ts";
import { goalInput, goalName } from "../experiments/goals.ts";
import type { Model, Provenance } from "../model/model.ts";
import { conditionedAutomaton } from "../model/conditioned.ts";
import { usageError } from "./values.ts";

type Goal = NonNullable<Provenance["goals"]>[number];

/** Every name that a user may give for a goal. */
function namesOf(goal: Goal, index: number): string[] {
  const { target, picture } = goal;
  const names = [String(index + 1), goalName(goal, index), picture?.source, target && withoutSet(target)];
  return names.filter((name) => name !== undefined).map(folded);
}

/** A name without differences of spelling: case, variation selectors, hyphens for blanks. */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\ufe0e\ufe0f]/g, "")
    .replaceAll("-", " ")
    .trim();
}

/**
 * The number, from 0, of a goal that is named by its emoji, its name or its number from 1.
 *
 * @param path of the model.
 * @throws UserError (exit status 2) where the model has no goals, or none of that name.
 */
export function findGoal(path: string, { provenance, rule }: Model, name: string): number {
  const goals = goalsOf(path, { provenance, rule });
  const found = goals.findIndex((goal, index) => namesOf(goal, index).includes(folded(name)));
  if (found >= 0) return found;
  throw usageError(`${path} has no goal ${JSON.stringify(name)}; its goals are ${listOfGoals(goals)}`);
}

/**
 * The number, from 0, of the goal that a command is to look at alone; undefined for a model without goals.
 *
 * @param name as on the command line.
 * @throws UserError (exit status 2) where it is missing and there are several goals, or given and there are none.
 */
export function oneOfGoals(path: string, model: Model, name: string | undefined): number | undefined {
  if (name !== undefined) return findGoal(path, model, name);
  const { goals } = model.provenance;
  if (!goals) return undefined;
  throw usageError(`${path} grows several pictures; say by --goal which: ${listOfGoals(goals)}`);
}

/** A model without goals and inputs that grows one goal of a model: the goal's input is folded into its parameters. */
export function modelOfGoal(model: Model, goal: number | undefined): Model {
  if (goal === undefined) return model;
  const { goals: _, ...provenance } = model.provenance;
  const fixed = conditionedAutomaton(model.rule, model.parameters, goalInput(model, goal));
  const { pictures } = model.start;
  const start = pictures
    ? { ...model.start, pictures: { ...pictures, data: pictures.data.slice(goal, goal + 1) } }
    : model.start;
  return { ...fixed, readout: model.readout, start, provenance };
}

function goalsOf(path: string, { provenance: { goals }, rule }: Pick<Model, "provenance" | "rule">) {
  if (goals) return goals;
  throw usageError(
    rule.inputSize === 0
      ? `${path} grows one picture, so there is no goal to choose; leave out --goal`
      : `${path} names no goals; give its input of ${rule.inputSize} numbers by --input`,
  );
}

function listOfGoals(goals: readonly Goal[]): string {
  return goals
    .map((goal, i) => `${i + 1} ${goal.target ? withoutSet(goal.target) : goalName(goal, i)}`)
    .join(", ");
}
