/** What `neoblast run` starts from: a rule, a grid and a state. */
import { FormatError, UserError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import { decodeNpyState } from "../../formats/npy.ts";
import { turnedRule } from "../../rule/kernels.ts";
import { type Grid, stateSize } from "../../rule/grid.ts";
import { axesOf, type Rule } from "../../rule/rule.ts";
import { goalOfInput, seedOutside, startState, turnedStart } from "../../model/start.ts";
import type { RunOptions } from "./options.ts";
import { decodeNamed } from "../standardInput.ts";
import { usageError } from "../values.ts";

const MAX_STATE_BYTES = 2 ** 30;
/** Most numbers of a state: 512 MiB. */
const MAX_NUMBERS = 2 ** 27;

/** @throws UserError for a rule with an input, which a command has none to give for. */
export function refuseInputs({ inputSize }: Rule, command: string, encoder?: Model["encoder"]): void {
  if (inputSize === 0) return;
  throw new UserError(
    `this automaton expects an input of ${inputSize} numbers, which neoblast ${command} does not give${encoder ? "; neoblast reconstruct measures and draws it" : ""}`,
  );
}

/** The rule turned by `--angle`. @throws UserError (exit status 2) where it has kernels that do not turn so. */
export function turnedBy(rule: Rule, angle: number): Rule {
  try {
    return turnedRule(rule, angle);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`--angle: ${error.message}`, { exitCode: 2, cause: error });
  }
}

/**
 * Grid and first state, of shape (...grid, C): those in a .npy file, or else the model's seeds, turned by the angle, on the
 * grid that it was trained on or on one of `size` cells along each axis. Where seeds are to be planted at step 0, nothing
 * else is there.
 *
 * @param input of cells at the start.
 */
export async function startOf(
  model: Model,
  { state: path, size, plant, angle = 0 }: RunOptions,
  input: Float32Array | undefined,
): Promise<{ grid: Grid; start: Float32Array }> {
  const { rule, provenance } = model;
  if (path !== undefined) {
    const { grid, state: start } = await decodeNamed(path, MAX_STATE_BYTES, (bytes) => {
      const decoded = decodeNpyState(bytes, rule);
      const fault = decoded.state.find((value) => !Number.isFinite(value));
      if (fault === undefined) return decoded;
      throw new FormatError(`the state holds ${fault}; its numbers must be finite`);
    });
    checkNumbers(grid, rule);
    return { grid, start };
  }
  const grid = size === undefined ? provenance.grid : cube(axesOf(rule), size);
  checkNumbers(grid, rule);
  const { seeds } = model.start;
  if (seedOutside(seeds, grid) >= 0) {
    const least = Math.max(...seeds.flat().map((offset) => (offset < 0 ? -2 * offset : 2 * offset + 1)));
    throw usageError(
      `--size is ${size}; the seeds of this model need a grid of at least ${least} cells a side`,
    );
  }
  const planted = plant?.some(({ step }) => step === 0) ?? false;
  const start = planted
    ? new Float32Array(stateSize(rule, grid))
    : startState(
        { ...model, start: turnedStart(model.start, angle) },
        grid,
        undefined,
        input && goalOfInput(input),
      );
  return { grid, start };
}

/** A grid of the same size along each axis. */
function cube(axes: 1 | 2 | 3, size: number): Grid {
  return ([[size], [size, size], [size, size, size]] as const)[axes - 1];
}

function checkNumbers(grid: Grid, rule: Rule): void {
  if (stateSize(rule, grid) <= MAX_NUMBERS) return;
  const { channels } = rule;
  const side = Math.floor((MAX_NUMBERS / channels) ** (1 / grid.length));
  throw new UserError(
    `a grid of ${grid.join(" x ")} cells is too large for an automaton of ${channels} channels; choose --size ${side} or less`,
  );
}
