import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Raster } from "../data/image.ts";
import { bytePictures, type PictureSet } from "../data/pictureSet.ts";
import { UserError } from "../errors.ts";
import { luma } from "../math.ts";
import type { Plane } from "../rule/grid.ts";
import { fileError } from "./files.ts";
import { PICTURE_FORMATS, readPicture } from "./images.ts";

export type PictureFolderOptions = Readonly<{
  /** Height and width in pixels, from 4 on. */
  size: number;
  /** Called after each batch of pictures. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}>;

const PICTURE = /^\.(?:png|jpe?g|webp|avif|gif|svg|bmp|ico)$/i;
const MIN_SIZE = 4;
const MAX_PICTURES = 100_000;
/** Most bytes of pixels, as RGBA. */
const MAX_BYTES = 2 ** 29;
/** Pictures that are decoded at the same time. */
const BATCH = 16;

/** A picture file, and the subfolder that it lies in. */
type PictureFile = Readonly<{ path: string; kind: string | undefined }>;

/**
 * The pictures of folders, a set for each, in alphabetical order, each fitted into a square by Lanczos resampling, aspect kept, and
 * centred on transparent pixels. Grey, on black, where every picture is grey and opaque. Labelled where all lie in
 * subfolders: by the numbers that these are called, or their places in the alphabet. Takes 4 bytes a pixel while it reads; at most 100,000 pictures and 512 MiB.
 *
 * @throws UserError, one sentence with the path, for a folder without pictures or with too many, or a picture that
 * cannot be read; the signal's reason once it is aborted.
 */
export async function loadPictures(
  folders: readonly string[],
  { size, onProgress, signal }: PictureFolderOptions,
): Promise<PictureSet[]> {
  if (!Number.isInteger(size) || size < MIN_SIZE) {
    throw new RangeError(`size must be a whole number of pixels from ${MIN_SIZE} on, not ${size}`);
  }
  const found = await Promise.all(folders.map(findPictures));
  const files = found.flat();
  const length = size * size * 4;
  if (files.length > MAX_PICTURES || files.length * length > MAX_BYTES) {
    const most = Math.min(MAX_PICTURES, Math.floor(MAX_BYTES / length)).toLocaleString("en");
    throw new UserError(
      `${folders.join(" and ")} ${folders.length > 1 ? "have" : "has"} ${files.length.toLocaleString("en")} pictures; at most ${most} of ${size} x ${size} pixels are read`,
    );
  }
  const grid = [size, size] as const;
  const rgba = new Uint8Array(files.length * length);
  let grey = true;
  for (let done = 0; done < files.length;) {
    signal?.throwIfAborted();
    const batch = files.slice(done, done + BATCH);
    const pictures = await Promise.all(
      batch.map(async ({ path }) => fitted(await readPicture(path, size), grid)),
    );
    for (const picture of pictures) {
      rgba.set(picture.rgba, done++ * length);
      grey &&= picture.grey;
    }
    onProgress?.(done, files.length);
  }
  const { kinds, labelOf } = labelling(files);
  let first = 0;
  return found.map((own) => {
    const data = rgba.subarray(first * length, (first + own.length) * length);
    first += own.length;
    const labels = own.flatMap((file) => labelOf(file) ?? []);
    return bytePictures({
      grid,
      channels: grey ? 1 : 4,
      data: grey ? firstOfFour(data) : data,
      labels: labels.length === own.length ? Uint8Array.from(labels) : undefined,
      kinds,
    });
  });
}

/** Labels by the subfolders that pictures lie in, and their names where these are no numbers. */
function labelling(files: readonly PictureFile[]): Readonly<{
  kinds: readonly string[] | undefined;
  labelOf: (file: PictureFile) => number | undefined;
}> {
  const kinds = [...new Set(files.flatMap(({ kind }) => kind ?? []))].toSorted();
  const numbered = kinds.every((kind) => /^\d{1,3}$/.test(kind) && Number(kind) < 256);
  return {
    kinds: numbered ? undefined : kinds,
    labelOf({ kind }) {
      if (kind === undefined || (!numbered && kinds.length > 256)) return undefined;
      return numbered ? Number(kind) : kinds.indexOf(kind);
    },
  };
}

/**
 * One picture file as those of a set are: shape (H, W, K), 0 to 1, fitted into the middle of the grid. Where the set is
 * grey, colours become their brightness on black.
 *
 * @throws UserError, one sentence with the path, for a picture that cannot be read.
 */
export async function loadPicture(
  path: string,
  kind: Pick<PictureSet, "grid" | "channels">,
): Promise<Float32Array> {
  return pictureOf(await readPicture(path, Math.min(...kind.grid)), kind);
}

/** {@link loadPicture}, of a picture that was read; its longer side has to be the grid's shorter one. */
export function pictureOf(
  raster: Raster,
  { grid, channels }: Pick<PictureSet, "grid" | "channels">,
): Float32Array {
  const { rgba } = fitted(raster, grid);
  if (channels === 4) return Float32Array.from(rgba, (byte) => byte / 255);
  return Float32Array.from({ length: grid[0] * grid[1] }, (_, i) => {
    const [red, green, blue, alpha] = rgba.subarray(4 * i, 4 * i + 4);
    if (red === green && green === blue && alpha === 255) return red / 255;
    return (luma(red, green, blue) / 255) * (alpha / 255);
  });
}

/** A picture in the middle of the grid, on transparent pixels; `grey` where it is grey and opaque. */
function fitted(raster: Raster, [height, width]: Plane): Readonly<{ rgba: Uint8Array; grey: boolean }> {
  const rgba = new Uint8Array(height * width * 4);
  const top = (height - raster.height) >> 1;
  const left = (width - raster.width) >> 1;
  let grey = true;
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < raster.width; x++) {
      const from = (y * raster.width + x) * 4;
      const [red, green, blue, alpha] = raster.data.subarray(from, from + 4);
      if (alpha > 0) rgba.set([red, green, blue, alpha], ((top + y) * width + left + x) * 4);
      grey &&= alpha === 255 && red === green && green === blue;
    }
  }
  return { rgba, grey };
}

function firstOfFour(rgba: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: rgba.length / 4 }, (_, i) => rgba[4 * i]);
}

async function findPictures(folder: string): Promise<PictureFile[]> {
  const { pictures, folders } = await listFolder(folder);
  const found: PictureFile[] = pictures.map((name) => ({ path: join(folder, name), kind: undefined }));
  const inside = await Promise.all(
    folders.map(async (name) => ({ name, ...(await listFolder(join(folder, name))) })),
  );
  for (const { name, pictures: names } of inside) {
    for (const file of names) found.push({ path: join(folder, name, file), kind: name });
  }
  if (found.length === 0) {
    throw new UserError(
      `${folder} holds no pictures: neither MNIST files, such as train-images-idx3-ubyte.gz, nor ${PICTURE_FORMATS}`,
    );
  }
  return found;
}

/** Names of pictures and of subfolders, hidden ones left out, in the same order on every machine. */
async function listFolder(folder: string): Promise<{ pictures: string[]; folders: string[] }> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(
      ({ name }) => !name.startsWith("."),
    );
    return {
      pictures: entries
        .filter((entry) => !entry.isDirectory() && PICTURE.test(extname(entry.name)))
        .map(({ name }) => name)
        .toSorted(),
      folders: entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    };
  } catch (error) {
    throw fileError(error, "read", folder);
  }
}
