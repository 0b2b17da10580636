import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { HANDWRITING, handwritingSets } from "../data/handwriting.ts";
import { pickPictures, pictureSets, type PictureSet, type PictureSets } from "../data/pictureSet.ts";
import { UserError } from "../errors.ts";
import { fileError, isFile, isFolder } from "./files.ts";
import { loadIdxSets } from "./idxFiles.ts";
import { loadPictures } from "./pictureFolder.ts";

/** How large pictures are read. */
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
 * `handwriting` draws digits. A folder holds either the IDX files of MNIST or EMNIST, plain or gzipped, itself or in `raw`
 * or `MNIST/raw`, as torchvision leaves them; where it holds several sets, `folder/emnist-letters` is one. Or pictures (PNG, JPEG, WebP,
 * AVIF, GIF, SVG, BMP, ICO), also one folder deeper, whose names then are the labels; or folders `train` and `test` (or `val`) of such pictures. Without test files the last sixth of the
 * IDX pictures is held out, of other pictures every sixth; of fewer than six none, and both sets are the same.
 *
 * @throws UserError, one sentence with the path, for whatever cannot be read.
 */
export async function loadPictureSets(source: string, options: PictureSetOptions = {}): Promise<PictureSets> {
  const { size, onProgress, signal } = options;
  if (source === HANDWRITING) return handwritingSets(size);
  const name = basename(resolve(source)) || "pictures";
  const idx = await loadIdx(source);
  if (idx) {
    const [height, width] = idx.train.grid;
    if (size !== undefined && (size !== height || size !== width)) {
      throw new UserError(
        `the pictures in ${source} have ${height} x ${width} pixels, not ${size} x ${size}; ${height === width ? `choose a size of ${height}` : "only square ones are taken"}`,
      );
    }
    return idx.test ? pictureSets(name, idx.train, idx.test) : split(name, idx.train, "last");
  }
  const folders = await pictureFolders(source);
  const [train, test] = await loadPictures(folders, { size: size ?? SIZE, onProgress, signal });
  return test ? pictureSets(name, train, test) : split(name, train, "every");
}

/** Where torchvision keeps IDX files: in `raw`, below a folder called like the data set. */
const RAW = "raw";

/** The IDX files that a path leads to; undefined where there are none. */
async function loadIdx(source: string): ReturnType<typeof loadIdxSets> {
  if (!(await isFolder(source)) && !(await isFile(source)) && (await isFolder(dirname(source)))) {
    const part = await loadIdxSets(dirname(source), await folderNames(dirname(source)), basename(source));
    if (part) return part;
  }
  const names = await folderNames(source);
  const here = await loadIdxSets(source, names);
  if (here) return here;
  // Only folders have names without an ending, as a rule, and looking at each of many pictures would take a while.
  const below = names.filter((name) => extname(name) === "").map((name) => join(name, RAW));
  const places = [RAW, ...below].map((inside) => join(source, inside));
  const raw = [];
  for (const place of places) if (await isFolder(place)) raw.push(place);
  if (raw.length > 1) {
    throw new UserError(`${source} holds several data sets; name one: ${raw.join(" or ")}`);
  }
  return raw.length === 0 ? undefined : loadIdxSets(raw[0], await folderNames(raw[0]));
}

/** Names of folders with pictures to judge by, the first of which counts. */
const HELD_OUT = ["test", "val", "valid", "validation"];

/** `train` and what is held out, where a folder has them; else the folder. */
async function pictureFolders(folder: string): Promise<string[]> {
  const train = join(folder, "train");
  if (!(await isFolder(train))) return [folder];
  for (const name of HELD_OUT) {
    if (await isFolder(join(folder, name))) return [train, join(folder, name)];
  }
  return [train];
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
