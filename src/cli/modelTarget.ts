/** The picture that a model should draw: from the folder of its run, or made again. */
import { basename, dirname, join, resolve } from "node:path";
import { centredOn, holds, type Target } from "../data/image.ts";
import { FormatError } from "../errors.ts";
import { growingDefaults } from "../experiments/growing/presets.ts";
import { type Model, withPicture, modelPlane } from "../model/model.ts";
import { decodeNpy, encodeNpy } from "../formats/npy.ts";
import { decodeFile, isFile, isFolder, writeFileAtomic } from "../node/files.ts";
import { isPictureFile, type NamedTarget } from "../node/images.ts";
import { CHECKPOINT_FOLDER } from "../node/runFolder.ts";
import type { Plane } from "../rule/grid.ts";
import { loadNamedTarget, loadNamedTexture, STANDARD } from "./standardInput.ts";
import { usageError } from "./values.ts";

/** The targets as they were trained for, so that they are there even where a picture has moved or changed. */
type Which = "target" | "start";
const fileOf = (which: Which) => join(CHECKPOINT_FOLDER, `${which}.npy`);
const TARGET_FILE = fileOf("target");
/** Some more than the most pictures on the largest grid need. */
const MAX_TARGET_BYTES = 2 ** 31 - 1;

/**
 * Keeps targets, all of one grid, in the folder of a run: (H, W, 4), or (N, H, W, 4) where there are several.
 *
 * @param which what runs are to end with, or what they start from.
 */
export async function saveRunTargets(
  folder: string,
  targets: readonly Target[],
  which: Which = "target",
): Promise<void> {
  const [{ grid }] = targets;
  const data = new Float32Array(targets.reduce((sum, target) => sum + target.data.length, 0));
  for (const [i, target] of targets.entries()) data.set(target.data, i * target.data.length);
  const shape = targets.length === 1 ? [...grid, 4] : [targets.length, ...grid, 4];
  await writeFileAtomic(join(folder, fileOf(which)), encodeNpy({ shape, data }));
}

/**
 * The targets kept in the folder of a run, all on its grid.
 *
 * @param how.known that grid, where it is known from elsewhere. @param how.which as of {@link saveRunTargets}.
 * @throws FormatError where there are more or fewer, or they are of another grid.
 */
export function loadRunTargets(
  folder: string,
  count: number,
  { known, which = "target" }: Readonly<{ known?: Plane; which?: Which }> = {},
): Promise<Target[]> {
  return decodeFile(join(folder, fileOf(which)), MAX_TARGET_BYTES, (bytes) => {
    const { shape, data } = decodeNpy(bytes);
    const [height = 0, width = 0] = known ?? shape.slice(-3, -1);
    const needed = count === 1 ? [height, width, 4] : [count, height, width, 4];
    if (shape.join() !== needed.join() || data.length === 0) {
      throw new FormatError(
        `the target has shape (${shape.join(", ")}); this run needs (${needed.join(", ")})`,
      );
    }
    const size = data.length / count;
    return Array.from({ length: count }, (_, i) => ({
      grid: [height, width],
      data: data.slice(i * size, (i + 1) * size),
    }));
  });
}

/** What of a target was said on the command line. */
export type TargetChoice = Readonly<{
  source?: string | undefined;
  size?: number | undefined;
  padding?: number | undefined;
}>;

/**
 * What a model should draw, colours premultiplied as its readout says: what the command line says; else what lies in the
 * folder of its run; else the emoji that the model file names. It lies in the middle of the grid that the model was trained
 * on, unless that is too small, or the command line says another size or padding. A path in a model file is never opened:
 * model files come from anywhere.
 *
 * @param path of the model, or of its run's folder.
 * @param goal which of its goals it draws, where it has any.
 * @returns undefined where nothing says what it draws, or the model file alone does, and names a path.
 * @throws UserError where that cannot be loaded.
 */
export async function findModelTarget(
  path: string,
  model: Model,
  { source, size, padding }: TargetChoice,
  goal?: number,
): Promise<NamedTarget | undefined> {
  const { provenance } = model;
  const { goals = [] } = provenance;
  const grid = modelPlane(model, path);
  const { picture, target: description = "the target" } = goal === undefined ? provenance : goals[goal];
  const asTrained = source === undefined && size === undefined && padding === undefined;
  const folder = (await isFolder(path)) ? path : dirname(path);
  if (asTrained && (await isFile(join(folder, TARGET_FILE)))) {
    const name = basename(resolve(folder)).replace(/-\d+$/, "");
    const targets = await loadRunTargets(folder, Math.max(1, goals.length), { known: grid });
    return { name, description, ...targets[goal ?? 0] };
  }
  const drawn = source ?? picture?.source;
  if (drawn === undefined) return undefined;
  // What a model names is not a person's word: no file of the machine is opened for it.
  if (source === undefined && (drawn === STANDARD || isPictureFile(drawn))) return undefined;
  const defaults = picture ?? growingDefaults().target;
  const load = provenance.match === "texture" ? loadNamedTexture : loadNamedTarget;
  const loaded = await load(drawn, {
    size: size ?? defaults.size,
    padding: padding ?? defaults.padding,
    premultiplied: withPicture(model, path).readout.premultiplied,
  });
  const placed = picture && size === undefined && padding === undefined && holds(grid, loaded.grid);
  return placed ? { ...loaded, ...centredOn(loaded, grid) } : loaded;
}

/** {@link findModelTarget}, or a UserError (exit status 2) where nothing says what the model draws. */
export async function modelTarget(
  path: string,
  model: Model,
  choice: TargetChoice,
  goal?: number,
): Promise<NamedTarget> {
  const target = await findModelTarget(path, model, choice, goal);
  if (target) return target;
  const { picture } = goal === undefined ? model.provenance : (model.provenance.goals ?? [])[goal];
  throw usageError(
    picture
      ? `${path} draws ${picture.source}, and no file is opened because a model names it; name the picture after the model`
      : `${path} does not say what it draws; name an emoji or a picture after it`,
  );
}
