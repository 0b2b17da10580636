/** Whether cells learn where they are, or are told. */
import * as z from "zod/mini";
import { alternation } from "../../data/alternation.ts";
import type { Target } from "../../data/image.ts";
import { cropState, type StateWindow } from "../../engine/window.ts";
import { UserError } from "../../errors.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import type { GivenCoordinates } from "../../model/start.ts";
import { coordinatesSchema } from "../../model/startSchema.ts";
import { cellCount, centreOf } from "../../rule/grid.ts";
import { coordinateChannels } from "../../train/loss/coordinates.ts";

export const coordinateChoices = ["picture", "learned", "given"] as const;

/** As words: of one picture, "picture" is "given" where {@link canLearnCoordinates} says no; of several, always "learned". */
export const coordinatesField = z.union([z.enum(coordinateChoices), coordinatesSchema]);
export type Coordinates = z.infer<typeof coordinatesField>;

/** Opaque cells of the box around a picture, from which on it is a rectangle, though its corners be round. */
const RECTANGLE = 0.9;
/** Half of the relative error at which a picture is still good. */
const UNSEEN = 0.005;

/**
 * Whether the cells of a picture can learn where they are. Not those of a filled rectangle, such as a photograph: they are
 * too far from an outline that tells one place from another, and what they hold slides. Nor those of a pattern that
 * alternates from cell to cell, which Sobel filters do not see.
 */
export function canLearnCoordinates(
  target: Target,
  { alive: { threshold } }: Pick<PictureRule, "alive">,
): boolean {
  const { height, width, data } = opaqueCells([target], threshold);
  const filled = data.filter((opaque) => opaque > 0).length / Math.max(1, height * width);
  return filled < RECTANGLE && alternation(target) < UNSEEN;
}

/** Whether a rule has channels that can hold them. */
export function hasCoordinates(conventions: PictureRule): boolean {
  return coordinateChannels(splitRule(conventions)).length === 2;
}

/** Those that are given, if any, of a configuration that was fitted. */
export function givenIn({
  coordinates,
}: Readonly<{ coordinates: Coordinates }>): GivenCoordinates | undefined {
  return typeof coordinates === "string" ? undefined : coordinates;
}

/**
 * Coordinates that cells of pictures are given: in a box around all of them, in two hidden channels, in units of the
 * farthest cell.
 *
 * @param targets all of one grid.
 * @throws UserError (exit status 2) for a rule without two channels to spare.
 */
export function givenCoordinates(targets: readonly Target[], conventions: PictureRule): GivenCoordinates {
  const { rule, readout } = splitRule(conventions);
  const [row, column] = coordinateChannels({ rule, readout });
  if (column === undefined) {
    throw new UserError(
      "target.coordinates cannot be given: the rule has no two channels beside the picture's to hold them",
      { exitCode: 2 },
    );
  }
  const { top, left, height, width } = opaqueCells(targets, rule.alive.threshold);
  const [middle, centre] = centreOf(targets[0].grid);
  const box = { top: top - middle, left: left - centre, height, width };
  const unit = Math.max(1, -box.top, box.top + height - 1, -box.left, box.left + width - 1);
  return { channels: [row, column], box, unit };
}

/** The smallest window of all cells that are opaque in one of several pictures, with the number of those, for each cell. */
function opaqueCells(targets: readonly Target[], threshold: number): StateWindow {
  const [{ grid }] = targets;
  const limit = Math.fround(threshold);
  const opaque = Float32Array.from(
    { length: cellCount(grid) },
    (_, cell) => targets.filter(({ data }) => data[cell * 4 + 3] > limit).length,
  );
  return cropState(opaque, grid, 1);
}
