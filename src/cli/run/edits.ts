/** What is done to a state by hand while `neoblast run` rolls it out. */
import type { Edit } from "../../engine/unroll.ts";
import type { Model } from "../../model/model.ts";
import { type Grid, planeOf, positionOf } from "../../rule/grid.ts";
import { placeChannels, plantSeeds } from "../../model/start.ts";
import { eraseStroke } from "../../edit/stroke.ts";
import { damageEdit } from "../../edit/damage.ts";
import type { RunOptions } from "./options.ts";
import { usageError } from "../values.ts";

/**
 * The edits that the options ask for. At one step, damage comes first, then what is erased, then seeds.
 *
 * Rows and columns are those of the grid as it is drawn: on three axes, of all slices one below the other.
 *
 * @param model whose seeds are planted around a place.
 * @throws UserError (exit status 2) for one after the last step or outside the grid.
 */
export function editsOf(
  { steps, seed, firstStep, damage = [], erase = [], plant = [] }: RunOptions,
  model: Model,
  grid: Grid,
): Edit[] {
  const { rule } = model;
  const plane = planeOf(grid);
  const kept = placeChannels(model);
  const within = (words: string, row: number, column: number) => {
    if (row < plane[0] && column < plane[1]) return;
    throw usageError(`${words} lies outside the grid of ${plane[0]} x ${plane[1]} cells; both count from 0`);
  };
  const inTime = (words: string, { step, apply }: Edit): Edit => {
    if (step > steps) throw usageError(`${words} comes after the last step, ${steps}`);
    return { step, apply };
  };
  return [
    ...damage.map(({ kind, step }, index) => {
      // Drawn for the step's number in the fire masks, so that a run that goes on is damaged as an unbroken one.
      const { apply } = damageEdit(kind, firstStep + step, { rule, grid, seed, index, kept });
      return inTime(`--damage ${kind}@${step}`, { step, apply });
    }),
    ...erase.map(({ row, column, radius, step }) => {
      const words = `--erase ${row},${column},${radius}@${step}`;
      within(words, row, column);
      const at = { x: column + 0.5, y: row + 0.5 };
      return inTime(words, {
        step,
        apply: (state) => eraseStroke(state, plane, rule.channels, at, at, radius, kept),
      });
    }),
    ...plant.map(({ row, column, step }) => {
      const words = `--plant ${row},${column}${step > 0 ? `@${step}` : ""}`;
      within(words, row, column);
      const at = positionOf(grid, row * plane[1] + column);
      return inTime(words, { step, apply: (state) => plantSeeds(state, model, grid, at) });
    }),
  ];
}
