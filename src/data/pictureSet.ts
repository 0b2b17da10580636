import type { Plane } from "../rule/grid.ts";

/** Pictures of one size, by number. */
export interface PictureSet {
  /** Height and width in pixels, which are cells. */
  readonly grid: Plane;
  /** 1: grey; 4: RGBA, not premultiplied. */
  readonly channels: 1 | 4;
  readonly count: number;
  /** Shape (H, W, K), values 0 to 1, row-major. The same numbers for the same index, always. RangeError beyond count. */
  picture(index: number): Float32Array;
  /** What it shows (0 to 9 for digits), where that is known. */
  label?(index: number): number;
  /** What each label stands for, where they have names, from 0 on. */
  readonly kinds?: readonly string[] | undefined;
}

/** Pictures to learn from and others of the same size and kind, held out to judge by. */
export type PictureSets = Readonly<{
  train: PictureSet;
  test: PictureSet;
  /** Fit for a file name: `handwriting`. */
  name: string;
  /** For people: `handwriting: 60,000 grey pictures of 28 x 28, 10,000 held out`. */
  description: string;
}>;

/** Bytes of pictures, shape (count, H, W, K), 255 for 1; `labels` has shape (count), and `kinds` names them. */
export type PictureBytes = Readonly<{
  grid: Plane;
  channels: 1 | 4;
  data: Uint8Array;
  labels?: Uint8Array | undefined;
  kinds?: readonly string[] | undefined;
}>;

/** A set of pictures whose bytes lie in memory. @throws RangeError where the sizes do not agree. */
export function bytePictures({ grid, channels, data, labels, kinds }: PictureBytes): PictureSet {
  const length = grid[0] * grid[1] * channels;
  const count = data.length / length;
  if (!Number.isInteger(count) || (labels && labels.length !== count)) {
    throw new RangeError(
      `${data.length} bytes and ${labels?.length ?? "no"} labels are no pictures of shape ${[...grid, channels].join(" x ")}`,
    );
  }
  const picture = (index: number) => {
    checkIndex(index, count);
    return Float32Array.from(data.subarray(index * length, (index + 1) * length), (byte) => byte / 255);
  };
  const label = (index: number) => {
    checkIndex(index, count);
    return labels![index];
  };
  return { grid, channels, count, picture, ...(labels && { label, kinds }) };
}

/** Pictures whose labels are known. */
export type Labelled = PictureSet & Required<Pick<PictureSet, "label">>;

export function isLabelled(pictures: PictureSet): pictures is Labelled {
  return pictures.label !== undefined;
}

/** What the labels of pictures stand for, in order: their names, or else their numbers. */
export function kindsOf(pictures: Labelled): readonly string[] {
  if (pictures.kinds) return pictures.kinds;
  let most = 0;
  for (let index = 0; index < pictures.count; index++) most = Math.max(most, pictures.label(index));
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}

/** Those pictures of a set for whose number `chosen` says so, in their order. */
export function pickPictures(set: PictureSet, chosen: (index: number) => boolean): PictureSet {
  const indices = Uint32Array.from({ length: set.count }, (_, index) => index).filter(chosen);
  const original = (index: number) => {
    checkIndex(index, indices.length);
    return indices[index];
  };
  return {
    grid: set.grid,
    channels: set.channels,
    count: indices.length,
    picture: (index) => set.picture(original(index)),
    ...(set.label && { label: (index: number) => set.label!(original(index)), kinds: set.kinds }),
  };
}

/** Names and describes two sets. */
export function pictureSets(name: string, train: PictureSet, test: PictureSet): PictureSets {
  const kind = train.channels === 1 ? "grey" : "RGBA";
  const held = train === test ? "none" : test.count.toLocaleString("en");
  const pictures = `${train.count.toLocaleString("en")} ${kind} pictures of ${train.grid.join(" x ")}`;
  return { train, test, name, description: `${name}: ${pictures}, ${held} held out` };
}

/** @throws RangeError where `index` is not the number of one of `count` pictures. */
export function checkIndex(index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new RangeError(`there is no picture ${index} among ${count}, which count from 0`);
}

/** The same pictures, of which the last `size` to be looked at are kept; they must not be changed. */
export function cachedPictures(set: PictureSet, size: number): PictureSet {
  const kept = new Map<number, Float32Array>();
  return {
    ...set,
    picture(index) {
      const picture = kept.get(index) ?? set.picture(index);
      kept.delete(index);
      kept.set(index, picture);
      if (kept.size > size) kept.delete(kept.keys().next().value!);
      return picture;
    },
  };
}
