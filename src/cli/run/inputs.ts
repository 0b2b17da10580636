/** The inputs that cells get in `neoblast run`. */
import type { UnrollOptions } from "../../engine/unroll.ts";
import type { Model } from "../../model/model.ts";
import { goalInput } from "../../experiments/goals.ts";
import { findGoal } from "../goals.ts";
import type { RunOptions } from "./options.ts";
import { usageError } from "../values.ts";

/** From the start, and from later steps on. */
export type CellInputs = Pick<UnrollOptions, "inputs" | "switches">;

/**
 * The inputs that the options ask for; without them that of the first goal, or none where the rule has none.
 *
 * @param path of the model.
 * @param needed whether the automaton is to run.
 * @throws UserError (exit status 2) where they do not fit the model.
 */
export function cellInputs(
  path: string,
  model: Model,
  { steps, goal, input }: Pick<RunOptions, "steps" | "goal" | "input">,
  needed: boolean,
): CellInputs {
  const { rule, provenance } = model;
  if (input) return { inputs: [inputOf(path, model, input)] };
  const chosen = (goal ?? []).map(({ name, step }) => {
    if (step > steps) throw usageError(`--goal ${name}@${step} comes after the last step, ${steps}`);
    return { step, input: goalInput(model, findGoal(path, model, name)) };
  });
  if (provenance.goals) {
    const first = chosen.findLast(({ step }) => step === 0)?.input ?? goalInput(model, 0);
    return { inputs: [first], switches: chosen.filter(({ step }) => step > 0) };
  }
  if (rule.inputSize === 0 || !needed) return {};
  throw usageError(
    `this automaton expects an input of ${rule.inputSize} numbers; give them by --input, with commas between them`,
  );
}

function inputOf(path: string, { rule: { inputSize } }: Model, input: readonly number[]): Float32Array {
  if (input.length === inputSize) return Float32Array.from(input);
  throw usageError(
    inputSize === 0
      ? `the cells of ${path} have no input; leave out --input`
      : `--input has ${input.length} numbers; the automaton expects ${inputSize}`,
  );
}
