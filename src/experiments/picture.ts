/** What experiments that grow pictures from one cell have in common. */
import * as z from "zod/mini";
import { defined, fieldAt, firstDifference, withChanges } from "../config/config.ts";
import type { Target } from "../data/image.ts";
import { findSeeds } from "../data/parts.ts";
import type { Engine } from "../engine.ts";
import { UserError } from "../errors.ts";
import type { PictureModel } from "../model/model.ts";
import { type PictureRule, pictureRuleSchema } from "../model/pictureRule.ts";
import type { Plane } from "../rule/grid.ts";
import { seedsSchema } from "../model/startSchema.ts";
import {
  type GivenCoordinates,
  MAX_GOALS,
  MAX_SEEDS,
  ONE_SEED,
  seedOutside,
  type Seeds,
} from "../model/start.ts";
import { whole, withDefault } from "../config/fields.ts";
import type { Chosen, Fields } from "./experiment.ts";
import { trainedModel } from "./trained.ts";

/** An emoji, or the name of a picture file. */
const sourceSchema = z.string().check(z.minLength(1));

const placedFields = {
  /** Longest side of the picture in cells. */
  size: whole(4, 512),
  /** Empty cells around it. */
  padding: whole(0, 256),
  /**
   * Where growth starts: "picture", to be found from it (`findSeeds`), or [rows down, columns right] of each seed from
   * the grid's centre cell. Runs that do not say are older than the field, and start from one seed in the centre.
   */
  seeds: withDefault(
    z.custom<"picture" | Seeds>().check(
      z.refine((seeds) => seeds === "picture" || isPlaneSeeds(seeds), {
        error: `must be "picture" or a list of 1 to ${MAX_SEEDS} seeds, each [rows down, columns right] from the grid's centre cell, such as [[0,-9],[0,9]]`,
      }),
    ),
    ONE_SEED,
  ),
};

/** Whether these are seeds, one at least, on a grid of rows and columns. */
function isPlaneSeeds(seeds: unknown): boolean {
  const parsed = seedsSchema.safeParse(seeds);
  return parsed.success && parsed.data.length > 0 && parsed.data.every(({ length }) => length === 2);
}

export const pictureTargetSchema = z.strictObject({ source: sourceSchema, ...placedFields });
/** A picture and its size, as `loadTarget` takes them. */
export type PictureTarget = Readonly<Omit<z.infer<typeof pictureTargetSchema>, "seeds">>;

/** One picture; or several, which an input calls for, all on one grid. */
export const goalTargetSchema = z.strictObject({
  source: z
    .union([sourceSchema, z.array(sourceSchema)])
    .check(
      z.refine(
        (source) => typeof source === "string" || (source.length > 1 && source.length <= MAX_GOALS),
        `must name from 2 to ${MAX_GOALS} pictures where it is a list`,
      ),
    )
    .check(
      z.refine(
        (source) => typeof source === "string" || new Set(source).size === source.length,
        "must not name a picture twice",
      ),
    ),
  ...placedFields,
});
/** What is grown, one picture or several, and on what grid. */
export type GoalTarget = Readonly<z.infer<typeof goalTargetSchema>>;

/** The targets of each picture by itself. */
export function pictureTargets({ source, size, padding }: Omit<GoalTarget, "seeds">): PictureTarget[] {
  return [source].flat().map((each) => ({ source: each, size, padding }));
}

/** A rule that can grow pictures in colour. */
export const colourRuleSchema = pictureRuleSchema.check(
  z.refine(({ image }) => image.channels > 1, {
    path: ["image", "channels"],
    error: "must be 3 or 4: the target is in colour",
  }),
);

/** @throws RangeError for a target that says of its colours other than the rule does. */
export function checkColours({ image }: PictureRule, targets: readonly Target[]): void {
  const wrong = targets.findIndex(
    ({ premultiplied = image.premultiplied }) => premultiplied !== image.premultiplied,
  );
  if (wrong < 0) return;
  const which = targets.length > 1 ? `target ${wrong}` : "the target";
  throw new RangeError(
    `${which} has colours that are ${image.premultiplied ? "not " : ""}multiplied by alpha; rule.image.premultiplied is ${image.premultiplied}, so it has to be made with premultiplied: ${image.premultiplied}`,
  );
}

/** A rule that can grow one picture in colour. */
export const onePictureRuleSchema = colourRuleSchema.check(
  z.refine(({ inputSize }) => inputSize === 0, {
    path: ["inputSize"],
    error: "must be 0: growing one picture gives cells no input",
  }),
);

/** Of the cells with anything in them, at least one in so many is to live. */
const LIVING_SHARE = 50;

/** A configuration, and where its growth starts. */
export type Fitted<C> = C & Readonly<{ target: Readonly<{ seeds: Seeds }> }>;

/**
 * A configuration with seeds that fit what is to grow: where it says "picture", they are found from the picture
 * (`findSeeds`), or, of several pictures, it is one in the centre, as the cells that start are the same for all.
 *
 * @param targets all of one grid.
 * @param most seeds that are found; default as `findSeeds` has it.
 * @throws UserError for a picture fainter than what lives, and (exit status 2) for a seed outside the grid.
 */
export function fitSeeds<C extends Readonly<{ target: Pick<GoalTarget, "seeds">; rule: PictureRule }>>(
  config: C,
  targets: readonly Target[],
  most?: number,
): Fitted<C> {
  const { target, rule } = config;
  const [first, ...others] = targets;
  const found = () => (others.length > 0 ? ONE_SEED : findSeeds(first, rule.alive.threshold, most));
  const seeds = target.seeds === "picture" ? found() : target.seeds;
  checkSeeds(seeds, first.grid);
  for (const each of targets) checkVisible(each, rule);
  return { ...config, target: { ...target, seeds } };
}

function checkSeeds(seeds: Seeds, grid: Plane): void {
  const outside = seedOutside(seeds, grid);
  if (outside < 0) return;
  throw new UserError(
    `target.seeds[${outside}] is [${seeds[outside].join(", ")}], which lies outside the grid of ${grid.join(" x ")} cells; seeds are rows down and columns right from its centre cell`,
    { exitCode: 2 },
  );
}

/** Cells live by their alpha, so that of a picture that is fainter than that nothing can stand. */
function checkVisible({ data }: Target, { alive, image }: PictureRule): void {
  if (alive.mask === "none" || image.channels < 4 || alive.channel !== image.offset + 3) return;
  const alphas: number[] = [];
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) alphas.push(data[i]);
  const living = alphas.filter((alpha) => alpha > alive.threshold);
  if (LIVING_SHARE * living.length >= alphas.length) return;
  const most = alphas.toSorted((a, b) => a - b)[Math.floor(alphas.length * (1 - 1 / LIVING_SHARE))];
  throw new UserError(
    `the picture is fainter than what lives: its alpha hardly exceeds ${most.toFixed(2)}, and cells live above ${alive.threshold}; take one that is more opaque, or a lower rule.alive.threshold`,
  );
}

/** The fields of a target that hold what was found from its picture, or listed for it. */
export function foundFields(target: unknown): string[] {
  return ["seeds", "coordinates"].filter((name) => typeof fieldAt(target, name) === "object");
}

/** Values of `pictureOptions`. */
export type PictureValues = Readonly<{ size?: number; padding?: number }>;

/**
 * The part of a configuration's `target` that choices set. Seeds that are listed elsewhere, and coordinates, are those of the
 * picture there: where another one is chosen, or another size or padding, the default takes their place.
 *
 * @param base whose seeds and coordinates are the default.
 * @param stated the part of a configuration that is set elsewhere.
 */
export function targetOverrides(
  { source, values: { size, padding }, sets }: Chosen<PictureValues>,
  base: Readonly<{ target: GoalTarget }>,
  stated: unknown,
): Fields | undefined {
  const fields = { source, size, padding };
  const target = fieldAt(stated, "target");
  const changes = withChanges({}, { overrides: { target: defined(fields) }, sets });
  const isOther = (["source", "size", "padding"] as const).some((name) => {
    const [before, after] = [fieldAt(target, name), fieldAt(changes, "target", name)];
    return before !== undefined && after !== undefined && firstDifference(before, after) !== undefined;
  });
  const stale = isOther ? foundFields(target) : [];
  return defined({
    ...fields,
    ...Object.fromEntries(stale.map((name) => [name, fieldAt(base.target, name)])),
  });
}

/** The source of a picture that came by standard input, and is not there to be loaded again. */
export const UNNAMED = "-";

/** The model that grows pictures, with what can be loaded again. */
export function pictureModel({
  engine,
  config: { rule, seed, target },
  grid,
  trainer,
  coordinates,
}: Readonly<{
  engine: Engine;
  config: Fitted<Readonly<{ rule: PictureRule; seed: number; target: GoalTarget }>>;
  grid: Plane;
  trainer: Readonly<{ model: Float32Array; step: number }>;
  /** That cells are given; default none. */
  coordinates?: GivenCoordinates | undefined;
}>): PictureModel {
  const pictures = pictureTargets(target).map((picture) => ({
    target: picture.source,
    ...(picture.source !== UNNAMED && { picture }),
  }));
  return trainedModel(
    { rule, seed, grid, trainer, build: engine.build },
    {
      seeds: target.seeds,
      coordinates,
      provenance: pictures.length === 1 ? pictures[0] : { goals: pictures },
    },
  );
}
