import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodeIdx, idxPictures, type IdxArray, transposedPictures } from "../data/idx.ts";
import type { PictureSet } from "../data/pictureSet.ts";
import { FormatError, UserError } from "../errors.ts";
import { decodeFile } from "./files.ts";

/** Most bytes of a file, unpacked: those of 342,000 pictures of 28 x 28. */
const MAX_BYTES = 2 ** 28;
const MAX_TEXT = `${MAX_BYTES / 2 ** 20} MiB`;

/** What pictures or labels a file holds, by its name; `emnist-letters-` may come before. */
const FILE_NAME = /^(?:(.+)-)?(train|t10k|test)-(?:images|labels)[-.]idx[13]-ubyte(?:\.gz)?$/;
/** Of which the pictures lie on their sides. */
const TRANSPOSED = "emnist";

/**
 * The MNIST files of a folder: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same of `t10k` or `test`, also
 * with `.gz` or spelled `train-images.idx3-ubyte`; or EMNIST's, `emnist-letters-train-images-idx3-ubyte`, which are turned
 * upright. Labels and test files may be missing. Undefined where none of them is there.
 *
 * @param names what the folder holds.
 * @param part of several sets the one to load: what its files' names begin with, such as `emnist-letters`.
 * @throws UserError, one sentence with the path, where the files are damaged, swapped or do not fit each other, or are
 *   those of several sets.
 */
export async function loadIdxSets(
  folder: string,
  names: readonly string[],
  part?: string,
): Promise<{ train: PictureSet; test: PictureSet | undefined } | undefined> {
  const parts = new Set(
    names.map((name) => FILE_NAME.exec(name)).flatMap((found) => (found ? [found[1] ?? ""] : [])),
  );
  const chosen = part === undefined ? [...parts] : [...parts].filter((name) => name === part);
  if (chosen.length > 1) {
    const known = chosen.map((name) => name || "MNIST").toSorted();
    throw new UserError(
      `${folder} holds ${known.length} sets: ${known.join(", ")}; name one, such as ${join(folder, known[0])}`,
    );
  }
  if (chosen.length === 0) return undefined;
  const [prefix] = chosen;
  const before = prefix === "" ? "" : `${prefix}-`;
  const train = await loadSet(folder, names, before, "train");
  const test =
    (await loadSet(folder, names, before, "t10k")) ?? (await loadSet(folder, names, before, "test"));
  if (!train) {
    throw new UserError(
      `${folder} has the MNIST test pictures alone; ${before}train-images-idx3-ubyte is missing`,
    );
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
  before: string,
  part: "train" | "t10k" | "test",
): Promise<PictureSet | undefined> {
  const images = findFile(names, `${before}${part}-images`, "idx3-ubyte");
  const labels = findFile(names, `${before}${part}-labels`, "idx1-ubyte");
  if (!images) {
    if (labels)
      throw new UserError(`${folder} has ${labels}, but no ${before}${part}-images-idx3-ubyte, the pictures`);
    return undefined;
  }
  const read = await readIdx(join(folder, images), "pictures");
  const pictures = before.startsWith(TRANSPOSED) ? transposedPictures(read) : read;
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
