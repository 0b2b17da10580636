import { mergeConfig } from "../config/config.ts";
import type { Imported, Reading, TensorImportOptions } from "./imported.ts";
import { type Dialect, importStateDict, readStateDict } from "./stateDict.ts";

const DIALECT: Dialect = { preset: "cax", layouts: ["in-out"], perceivesAlike: true };

/** What a file of CAX does not say. */
export type CaxImportOptions = TensorImportOptions &
  Readonly<{
    /**
     * CAX's `cell_dropout_rate`, from 0 to below 1; default 0.5. Flax drops updates with this probability and divides
     * the others by what is left: a fire rate of 1 - dropout and a step size of 1 / (1 - dropout).
     */
    dropout?: number | undefined;
  }>;

/**
 * Imports parameters of CAX (https://github.com/maxencefaldor/cax), Flax's names joined by any separator, saved as
 * safetensors or .npz: layers as convolutions (1, 1, in, out) or dense (in, out); kernels as those of a depthwise
 * convolution, (side, side, 1, C * K). What the first layer takes beside the perception is the automaton's input. The
 * preset is "cax" by default, of CAX up to 0.4.3: RGBA and the alive channel last, colours not premultiplied; "cax-2026"
 * is that of its main branch since, whose colours are premultiplied.
 *
 * @throws RangeError for a dropout out of range; FormatError where the file is damaged, or no automaton can be found in
 * it; UserError (exit status 2) where what was stated does not fit it.
 */
export function importCax(bytes: Uint8Array, options: CaxImportOptions = {}): Imported {
  return importStateDict(bytes, DIALECT, withDropout(options));
}

/** All ways to read such a file, the likeliest first, for `chooseReading`. @throws as `importCax`. */
export function caxReadings(bytes: Uint8Array, options: CaxImportOptions = {}): Reading[] {
  return readStateDict(bytes, DIALECT, withDropout(options));
}

function withDropout({ dropout, ...options }: CaxImportOptions): TensorImportOptions {
  if (dropout === undefined) return options;
  if (!(dropout >= 0 && dropout < 1)) {
    throw new RangeError(`dropout must be from 0 to below 1, not ${dropout}`);
  }
  const fired = { rule: { fireRate: 1 - dropout, stepSize: 1 / (1 - dropout) } };
  return { ...options, overrides: mergeConfig(fired, options.overrides) };
}
