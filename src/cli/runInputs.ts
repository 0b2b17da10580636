/** What `neoblast run` starts from: a rule, a grid and a state. */
import { FormatError, UserError } from "../errors.ts";
import type { Model } from "../io/model.ts";
import { decodeNpyState } from "../io/npy.ts";
import { decodeFile } from "../node/files.ts";
import { turnedRule } from "../rule/kernels.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { seedState } from "../rule/seed.ts";

const MAX_STATE_BYTES = 2 ** 30;
/** Most numbers of a state: 512 MiB. */
const MAX_NUMBERS = 2 ** 27;

/** The model's rule with another fire rate or step size, or turned by an angle in degrees. */
export function changedRule(
  { rule }: Model,
  changes: Readonly<{ fireRate?: number; stepSize?: number; angle?: number }>,
): Rule {
  if (rule.inputSize > 0) {
    throw new UserError(
      `this automaton expects an input of ${rule.inputSize} numbers, which neoblast run does not give`,
    );
  }
  const { fireRate = rule.fireRate, stepSize = rule.stepSize, angle = 0 } = changes;
  try {
    return turnedRule({ ...rule, fireRate, stepSize }, angle);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`--angle: ${error.message}`, { exitCode: 2, cause: error });
  }
}

/**
 * Grid and first state, of shape (H, W, C): those in a .npy file, or else the seed on the grid that the model was
 * trained on or on a square one of `size` cells a side.
 */
export async function startOf(
  { rule, provenance }: Model,
  { state: path, size }: Readonly<{ state?: string; size?: number }>,
): Promise<{ grid: Grid; start: Float32Array }> {
  if (path !== undefined) {
    const { grid, state: start } = await decodeFile(path, MAX_STATE_BYTES, (bytes) => {
      const decoded = decodeNpyState(bytes, rule);
      const fault = decoded.state.find((value) => !Number.isFinite(value));
      if (fault === undefined) return decoded;
      throw new FormatError(`the state holds ${fault}; its numbers must be finite`);
    });
    checkNumbers(grid, rule);
    return { grid, start };
  }
  const grid: Grid = size === undefined ? provenance.grid : [size, size];
  checkNumbers(grid, rule);
  return { grid, start: seedState(rule, grid) };
}

function checkNumbers([height, width]: Grid, { channels }: Rule): void {
  if (height * width * channels <= MAX_NUMBERS) return;
  const side = Math.floor(Math.sqrt(MAX_NUMBERS / channels));
  throw new UserError(
    `a grid of ${height} x ${width} cells is too large for an automaton of ${channels} channels; choose --size ${side} or less`,
  );
}
