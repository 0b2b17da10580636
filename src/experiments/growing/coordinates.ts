/** Whether cells learn where they are, or are told. */
import * as z from "zod/mini";
import { alternation } from "../../data/alternation.ts";
import type { Target } from "../../data/image.ts";
import { DISTINCT_SEEDS, findSeeds, opaqueCells, partsOf, reachOf } from "../../data/parts.ts";
import { cropState } from "../../engine/window.ts";
import { UserError } from "../../errors.ts";
import { type PictureRule, splitRule } from "../../model/pictureRule.ts";
import type { GivenCoordinates } from "../../model/start.ts";
import { coordinatesSchema } from "../../model/startSchema.ts";
import { type Box, cellCount, centreOf, type Plane } from "../../rule/grid.ts";
import { coordinateChannels } from "../../train/loss/coordinates.ts";
import type { ValidationSettings } from "./validation.ts";

export const coordinateChoices = ["picture", "learned", "given"] as const;

/**
 * As words: of one picture, "picture" is "given" where {@link canLearnCoordinates} says no, and where training does not get good
 * without (`validation.giveCoordinatesFrom`); of several, always "learned".
 */
export const coordinatesField = z.union([z.enum(coordinateChoices), coordinatesSchema]);
export type Coordinates = z.infer<typeof coordinatesField>;

/** Opaque cells of the box around a part, from which on it is a rectangle, though its corners be round. */
const RECTANGLE = 0.9;
/** Cells across from which on a rectangle is broad: of a narrower one, all cells are near the outline. */
const BROAD = 8;
/** Most of a picture that may be grey: three quarters of the relative error at which it is still good. */
const UNSEEN = 0.0075;
/** Longest side of a part from which on it is large: in a smaller one, all cells are near its ends. */
const LARGE = 24;
/** Cells that count as 1, at least: the more coordinates differ from cell to cell, the sooner fine detail is learned. */
const UNIT = 5;
/** The largest coordinate of a picture: beyond, training explodes. */
const LARGEST = 4;

/**
 * Whether the cells of a picture can learn where they are. Not those of a filled rectangle, such as a photograph, where that
 * is the largest part: they are too far from an outline that tells one place from another, and what they hold slides. Nor
 * those of a large pattern that alternates from cell to cell, which Sobel filters do not see; nor those of a large frame or
 * coil, where the way from the seed to the farthest cell is longer than the part is; nor those of more parts than
 * there are seeds that differ, or of any two, where they are to heal: what is left of a part does not tell which it was.
 *
 * @param heals whether what it grows is to heal.
 */
export function canLearnCoordinates(
  target: Target,
  { alive: { threshold } }: Pick<PictureRule, "alive">,
  heals: boolean,
): boolean {
  const [largest, ...others] = partsOf(target, threshold);
  if (!largest) return true;
  const { height, width } = boxOf(largest, target.grid);
  const isBroad = Math.min(height, width) >= BROAD;
  const isRectangle = isBroad && largest.length >= RECTANGLE * height * width;
  const longest = Math.max(height, width);
  const isChequered = longest >= LARGE && alternates(target);
  const isWinding = longest >= LARGE && reachOf(target, threshold, findSeeds(target, threshold)) > longest;
  const distinct = heals ? 1 : DISTINCT_SEEDS;
  return !isRectangle && !isChequered && !isWinding && others.length < distinct;
}

/** @param cells of a part, y * W + x. */
function boxOf(cells: Int32Array, grid: Plane): Box {
  const part = new Float32Array(cellCount(grid));
  for (const cell of cells) part[cell] = 1;
  return cropState(part, grid, 1);
}

function alternates(target: Target): boolean {
  return alternation(target) >= UNSEEN;
}

/** Channels that can hold coordinates of such pictures; undefined where the rule has none to spare. */
function channelsFor(
  targets: readonly Target[],
  conventions: PictureRule,
): Pick<GivenCoordinates, "channels" | "parity"> | undefined {
  const layout = splitRule(conventions);
  const [row, column] = coordinateChannels(layout);
  if (column === undefined) return undefined;
  const [oddRow, oddColumn, ...others] = targets.some(alternates) ? coordinateChannels(layout, 4) : [];
  return { channels: [row, column], ...(others.length === 2 && { parity: [oddRow, oddColumn] }) };
}

/** Whether a rule has channels that can hold coordinates. */
export function hasCoordinates(conventions: PictureRule): boolean {
  return channelsFor([], conventions) !== undefined;
}

/** Those that are given, if any, of a configuration that was fitted. */
export function coordinatesIn({
  coordinates,
}: Readonly<{ coordinates: Coordinates }>): GivenCoordinates | undefined {
  return typeof coordinates === "string" ? undefined : coordinates;
}

/** Settings of validation with the aim that holds for a configuration that was fitted; null where it is not validated. */
export function validationOf({
  target,
  training: { validation },
}: Readonly<{
  target: Readonly<{ coordinates: Coordinates }>;
  training: Readonly<{ validation: ValidationSettings | null }>;
}>): ValidationSettings | null {
  if (!validation || !coordinatesIn(target)) return validation;
  return { ...validation, aim: validation.aimWithCoordinates ?? validation.aim };
}

/**
 * Coordinates that cells of pictures are given: in a box around all of them, in hidden channels, in units of five cells or,
 * where the farthest would have more than 4, of a quarter of its distance; and where one of the pictures alternates from
 * cell to cell, whether they are odd, too.
 *
 * @param targets all of one grid, none of them empty.
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
  const { top, left, height, width } = boxAround(targets, conventions.alive.threshold);
  const [middle, centre] = centreOf(targets[0].grid);
  const box = { top: top - middle, left: left - centre, height, width };
  const farthest = Math.max(1, -box.top, box.top + height - 1, -box.left, box.left + width - 1);
  return { ...channels, box, unit: Math.max(UNIT, farthest / LARGEST) };
}

/** The smallest window of all cells that are opaque in one of several pictures. */
function boxAround(targets: readonly Target[], threshold: number): Box {
  const [{ grid }] = targets;
  const opaque = new Float32Array(cellCount(grid));
  for (const target of targets) {
    for (const [cell, isOpaque] of opaqueCells(target, threshold).entries()) opaque[cell] += isOpaque;
  }
  return cropState(opaque, grid, 1);
}
