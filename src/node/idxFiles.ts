import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodeIdx, idxPictures, type IdxArray } from "../data/idx.ts";
import type { PictureSet } from "../data/pictureSet.ts";
import { FormatError, UserError } from "../errors.ts";
import { decodeFile } from "./files.ts";

/** Most bytes of a file, unpacked: those of 342,000 pictures of 28 x 28. */
const MAX_BYTES = 2 ** 28;
const MAX_TEXT = `${MAX_BYTES / 2 ** 20} MiB`;

/**
 * The MNIST files of a folder: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same of `t10k`, also with
 * `.gz` or spelled `train-images.idx3-ubyte`. Labels and test files may be missing. Undefined where none of them is there.
 *
 * @param names what the folder holds.
 * @throws UserError, one sentence with the path, where the files are damaged, swapped or do not fit each other.
 */
export async function loadIdxSets(
  folder: string,
  names: readonly string[],
): Promise<{ train: PictureSet; test: PictureSet | undefined } | undefined> {
  const train = await loadSet(folder, names, "train");
  const test = await loadSet(folder, names, "t10k");
  if (!train) {
    if (test)
      throw new UserError(`${folder} has the MNIST test pictures alone; train-images-idx3-ubyte is missing`);
    return undefined;
  }
  if (test && (test.grid[0] !== train.grid[0] || test.grid[1] !== train.grid[1])) {
    throw new FormatError(
      `${folder}: the test pictures have ${test.grid.join(" x ")} pixels, those to learn from ${train.grid.join(" x ")}`,
    );
  }
  return { train, test };
}

async function loadSet(
  folder: string,
  names: readonly string[],
  part: "train" | "t10k",
): Promise<PictureSet | undefined> {
  const images = findFile(names, `${part}-images`, "idx3-ubyte");
  const labels = findFile(names, `${part}-labels`, "idx1-ubyte");
  if (!images) {
    if (labels)
      throw new UserError(`${folder} has ${labels}, but no ${part}-images-idx3-ubyte, the pictures`);
    return undefined;
  }
  const pictures = await readIdx(join(folder, images), "pictures");
  if (!labels) return idxPictures(pictures);
  const path = join(folder, labels);
  return decodeIdxFile(path, "labels", (array) => idxPictures(pictures, array));
}

function findFile(names: readonly string[], stem: string, kind: string): string | undefined {
  const spellings = ["-", "."].flatMap((mark) => [`${stem}${mark}${kind}`, `${stem}${mark}${kind}.gz`]);
  return spellings.find((spelling) => names.includes(spelling));
}

function readIdx(path: string, kind: "labels" | "pictures"): Promise<IdxArray> {
  return decodeIdxFile(path, kind, (array) => array);
}

function decodeIdxFile<T>(
  path: string,
  kind: "labels" | "pictures",
  use: (array: IdxArray) => T,
): Promise<T> {
  return decodeFile(path, MAX_BYTES, async (bytes) => use(decodeIdx(await unpacked(bytes), kind)));
}

/** Unpacks what is gzipped, whatever its name says. */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new FormatError(`the gzip file unpacks to more than ${MAX_TEXT}`, { cause });
    }
    const damage = code === "Z_BUF_ERROR" ? "cut short" : "damaged";
    throw new FormatError(`the gzip file is ${damage} and cannot be unpacked`, { cause });
  }
}
