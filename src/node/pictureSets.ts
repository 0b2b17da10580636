import { readdir } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { HANDWRITING, handwritingSets } from "../data/handwriting.ts";
import { pickPictures, pictureSets, type PictureSet, type PictureSets } from "../data/pictureSet.ts";
import { UserError } from "../errors.ts";
import { fileError } from "./files.ts";
import { loadIdxSets } from "./idxFiles.ts";
import { loadPictures } from "./pictureFolder.ts";

export type PictureSetOptions = Readonly<{
  /** Height and width in pixels; default 28, or that of the IDX files. */
  size?: number | undefined;
  /** Called now and then while pictures are read. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}>;

const SIZE = 28;
/** Without a test set of their own, one picture in so many is held out. */
const HOLD_OUT = 6;

/**
 * Loads pictures to learn from and pictures held out.
 *
 * `handwriting` draws digits. A folder holds either MNIST's IDX files, plain or gzipped; or pictures (PNG, JPEG, WebP,
 * AVIF, GIF, SVG), also one folder deeper, whose names then are the labels. Without test files the last sixth of the
 * IDX pictures is held out, of other pictures every sixth; of fewer than six none, and both sets are the same.
 *
 * @throws UserError, one sentence with the path, for whatever cannot be read.
 */
export async function loadPictureSets(source: string, options: PictureSetOptions = {}): Promise<PictureSets> {
  const { size, onProgress, signal } = options;
  if (source === HANDWRITING) return handwritingSets(size);
  const names = await folderNames(source);
  const name = basename(resolve(source)) || "pictures";
  const idx = await loadIdxSets(source, names);
  if (idx) {
    const [height, width] = idx.train.grid;
    if (size !== undefined && (size !== height || size !== width)) {
      throw new UserError(
        `the pictures in ${source} have ${height} x ${width} pixels, not ${size} x ${size}; ${height === width ? `choose a size of ${height}` : "only square ones are taken"}`,
      );
    }
    return idx.test ? pictureSets(name, idx.train, idx.test) : split(name, idx.train, "last");
  }
  return split(name, await loadPictures(source, { size: size ?? SIZE, onProgress, signal }), "every");
}

/** Holds out the last sixth, or every sixth. */
function split(name: string, set: PictureSet, held: "last" | "every"): PictureSets {
  if (set.count < HOLD_OUT) return pictureSets(name, set, set);
  const first = set.count - Math.floor(set.count / HOLD_OUT);
  const isHeld = (index: number) => (held === "last" ? index >= first : index % HOLD_OUT === HOLD_OUT - 1);
  return pictureSets(
    name,
    pickPictures(set, (index) => !isHeld(index)),
    pickPictures(set, isHeld),
  );
}

async function folderNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") {
      const hint = extname(folder) === "" ? "" : "; give the folder that holds it";
      throw new UserError(`${folder} is a file, not a folder of pictures${hint}`, { cause: error });
    }
    throw fileError(error, "read", folder);
  }
}
