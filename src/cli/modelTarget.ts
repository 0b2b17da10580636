/** The picture that a model should draw: from the folder of its run, or made again. */
import { basename, dirname, join, resolve } from "node:path";
import { FormatError } from "../errors.ts";
import { growingDefaults } from "../experiments/growingPresets.ts";
import type { Model } from "../io/model.ts";
import { decodeNpy, encodeNpy } from "../io/npy.ts";
import { decodeFile, isFile, isFolder, writeFileAtomic } from "../node/files.ts";
import { loadTarget, type NamedTarget } from "../node/images.ts";
import { CHECKPOINT_FOLDER } from "../node/runFolder.ts";
import type { Grid } from "../rule/rule.ts";
import { usageError } from "./values.ts";

/** The target as it was trained for, so that it is there even where the picture has moved or changed. */
const TARGET_FILE = join(CHECKPOINT_FOLDER, "target.npy");
const MAX_TARGET_BYTES = 2 ** 26;

/** Keeps a target, of shape (H, W, 4), in the folder of a run. */
export async function saveRunTarget(folder: string, { grid, data }: NamedTarget): Promise<void> {
  await writeFileAtomic(join(folder, TARGET_FILE), encodeNpy({ shape: [...grid, 4], data }));
}

/** The target kept in the folder of a run. @throws FormatError where it has not the shape (H, W, 4) of the grid. */
export function loadRunTarget(folder: string, grid: Grid): Promise<Float32Array> {
  return decodeFile(join(folder, TARGET_FILE), MAX_TARGET_BYTES, (bytes) => {
    const { shape, data } = decodeNpy(bytes);
    if (shape.join() === [...grid, 4].join()) return data;
    throw new FormatError(
      `the target has shape (${shape.join(", ")}); this run needs (${[...grid, 4].join(", ")})`,
    );
  });
}

/** What of a target was said on the command line. */
export type TargetChoice = Readonly<{
  source?: string | undefined;
  size?: number | undefined;
  padding?: number | undefined;
}>;

/**
 * What a model should draw, colours premultiplied as its rule says: what the command line says; else what lies in the
 * folder of its run; else what the model file says. Its grid may differ from the one that the model was trained on.
 *
 * @param path of the model, or of its run's folder.
 * @returns undefined where nothing says what it draws.
 * @throws UserError where that cannot be loaded.
 */
export async function findModelTarget(
  path: string,
  { rule, provenance }: Model,
  { source, size, padding }: TargetChoice,
): Promise<NamedTarget | undefined> {
  const { picture, target: description = "the target", grid } = provenance;
  const asTrained = source === undefined && size === undefined && padding === undefined;
  const folder = (await isFolder(path)) ? path : dirname(path);
  if (asTrained && (await isFile(join(folder, TARGET_FILE)))) {
    const name = basename(resolve(folder)).replace(/-\d+$/, "");
    return { name, description, grid, data: await loadRunTarget(folder, grid) };
  }
  const drawn = source ?? picture?.source;
  if (drawn === undefined) return undefined;
  const defaults = picture ?? growingDefaults().target;
  return loadTarget(drawn, {
    size: size ?? defaults.size,
    padding: padding ?? defaults.padding,
    premultiplied: rule.image.premultiplied,
  });
}

/** {@link findModelTarget}, or a UserError (exit status 2) where nothing says what the model draws. */
export async function modelTarget(path: string, model: Model, choice: TargetChoice): Promise<NamedTarget> {
  const target = await findModelTarget(path, model, choice);
  if (target) return target;
  throw usageError(`${path} does not say what it draws; name an emoji or a picture after it`);
}
