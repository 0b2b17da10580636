/** Whether cells learn where they are, or are told. */
import * as z from "zod/mini";
import { alternation } from "../../data/alternation.ts";
import type { Target } from "../../data/image.ts";
import { MOST_SEEDS, partsOf } from "../../data/parts.ts";
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
/** What the farthest cell is given: in so large numbers, the first layer tells neighbours apart that are to differ. */
const FARTHEST = 4;

/**
 * Whether the cells of a picture can learn where they are. Not those of a filled rectangle, such as a photograph: they are
 * too far from an outline that tells one place from another, and what they hold slides. Nor those of a pattern that
 * alternates from cell to cell, which Sobel filters do not see; nor those of more parts than there are seeds that differ.
 */
export function canLearnCoordinates(
  target: Target,
  { alive: { threshold } }: Pick<PictureRule, "alive">,
): boolean {
  const { height, width, data } = opaqueCells([target], threshold);
  const filled = data.filter((opaque) => opaque > 0).length / Math.max(1, height * width);
  const parts = partsOf(target, threshold).length;
  return filled < RECTANGLE && !alternates(target) && parts <= MOST_SEEDS;
}

function alternates(target: Target): boolean {
  return alternation(target) >= UNSEEN;
}

/** Channels that can hold coordinates of such pictures; undefined where the rule has none to spare. */
function channelsFor(
  targets: readonly Target[],
  conventions: PictureRule,
): Pick<GivenCoordinates, "channels" | "parity"> | undefined {
  const needed = targets.some(alternates) ? 4 : 2;
  const hidden = coordinateChannels(splitRule(conventions), needed);
  if (hidden.length < needed) return undefined;
  const [row, column] = hidden.slice(-2);
  const [oddRow, oddColumn] = hidden;
  return { channels: [row, column], ...(needed > 2 && { parity: [oddRow, oddColumn] }) };
}

/** Whether a rule has channels that can hold the coordinates of such a picture. */
export function hasCoordinates(target: Target, conventions: PictureRule): boolean {
  return channelsFor([target], conventions) !== undefined;
}

/** Those that are given, if any, of a configuration that was fitted. */
export function givenIn({
  coordinates,
}: Readonly<{ coordinates: Coordinates }>): GivenCoordinates | undefined {
  return typeof coordinates === "string" ? undefined : coordinates;
}

/**
 * Coordinates that cells of pictures are given: in a box around all of them, in hidden channels, up to 4 in the farthest cell;
 * and where one of the pictures alternates from cell to cell, whether they are odd, too.
 *
 * @param targets all of one grid.
 * @throws UserError (exit status 2) for a rule that has too few channels to spare.
 */
export function givenCoordinates(targets: readonly Target[], conventions: PictureRule): GivenCoordinates {
  const channels = channelsFor(targets, conventions);
  if (!channels) {
    throw new UserError(
      "target.coordinates cannot be given: the rule has too few channels beside the picture's to hold them",
      { exitCode: 2 },
    );
  }
  const { top, left, height, width } = opaqueCells(targets, conventions.alive.threshold);
  const [middle, centre] = centreOf(targets[0].grid);
  const box = { top: top - middle, left: left - centre, height, width };
  const farthest = Math.max(1, -box.top, box.top + height - 1, -box.left, box.left + width - 1);
  return { ...channels, box, unit: farthest / FARTHEST };
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
