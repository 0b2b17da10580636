import { graftParameters } from "../rule/graft.ts";
import type { Grid } from "../rule/rule.ts";
import { toBase64 } from "./base64.ts";
import { playerPage } from "./generated/player.ts";
import { type Model, encodeModel } from "./model.ts";
import { escapeHtml, fillPage } from "./page.ts";
import { type PlayerGraft, encodeSettings } from "./playerSettings.ts";

export type PlayerOptions = Readonly<{
  /** What the model is called: heading of the page, and its name in the browser. */
  title: string;
  /** Another model of the same rule, whose tissue can be painted onto the grid of the first while it plays. */
  graft?: Readonly<{
    model: Model;
    title: string;
    /** Shape (H, W) of the first model's grid: 1 for cells that begin with the other model. Default: none. */
    cells?: Uint8Array;
  }>;
  /** Degrees by which cells are turned at first, counter-clockwise; default 0. */
  angle?: number;
  /** [row, column] of each seed that play begins from; default: one in the middle of the grid. */
  seeds?: readonly (readonly [number, number])[];
}>;

/**
 * A web page that plays a model: one file without a dependency, which also opens from disk. It carries the model file
 * (`encodeModel`) in base64 in the element `#model`, and the other options in `#settings`.
 *
 * @throws FormatError for a model that cannot be encoded; RangeError for a graft that does not fit (`graftParameters`),
 *   or for cells or seeds that are not on the grid.
 */
export function playerHtml(model: Model, { title, graft, angle = 0, seeds }: PlayerOptions): string {
  const { grid } = model.provenance;
  const centre = [grid[0] >> 1, grid[1] >> 1] as const;
  const outside = seeds?.find(([y, x]) => !(y >= 0 && y < grid[0] && x >= 0 && x < grid[1]));
  if (outside) {
    throw new RangeError(
      `the seed at row ${outside[0]}, column ${outside[1]} lies outside the ${grid[0]}x${grid[1]} grid`,
    );
  }
  const grafted = graft && fitGraft(model, graft, grid);
  const heading = graft ? `${title} + ${graft.title}` : title;
  return fillPage(playerPage, {
    title: escapeHtml(heading),
    settings: encodeSettings({ title, angle, seeds: seeds ?? [centre], graft: grafted }),
    model: toBase64(encodeModel(model)),
  });
}

/** The other model with the rule of the first. */
function fitGraft(
  { rule }: Model,
  { model, title, cells }: NonNullable<PlayerOptions["graft"]>,
  [height, width]: Grid,
): PlayerGraft {
  const parameters = graftParameters(rule, model.rule, model.parameters);
  const own = cells ?? new Uint8Array(height * width);
  if (own.length !== height * width || own.some((cell) => cell > 1)) {
    throw new RangeError(`cells of a graft must be ${height} x ${width} numbers 0 or 1`);
  }
  return { model: { ...model, rule, parameters }, title, cells: own };
}
