import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { loadPicture } from "./pictureFolder.ts";
import { loadPictureSets } from "./pictureSets.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "neoblast-sets-"));
});
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
/** A new folder with these files; a slash leads into a subfolder. */
function folder(files: Record<string, Uint8Array | string>): string {
  const path = join(root, `set${++folders}`);
  mkdirSync(path);
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), data);
  }
  return path;
}

/** An IDX file whose bytes count up from `first`. */
function idx(shape: readonly number[], first = 0): Uint8Array {
  const sizes = shape.flatMap((side) => [0, 0, side >> 8, side & 255]);
  const count = shape.reduce((product, side) => product * side, 1);
  return Uint8Array.from([
    0,
    0,
    8,
    shape.length,
    ...sizes,
    ...Array.from({ length: count }, (_, i) => first + i),
  ]);
}

const png = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 4, background } })
    .png()
    .toBuffer();
const greys = (bytes: Float32Array) => [...bytes].map((value) => Math.round(value * 255));

describe("handwriting", () => {
  it("needs no file", async () => {
    const { train, test, name } = await loadPictureSets("handwriting");
    expect([name, train.count, test.count, ...train.grid]).toEqual(["handwriting", 60_000, 10_000, 28, 28]);
    expect((await loadPictureSets("handwriting", { size: 20 })).test.grid).toEqual([20, 20]);
  });
});

describe("a folder of IDX files", () => {
  const images = idx([12, 4, 4]);
  const labels = idx([12]);

  it.each<[string, Record<string, Uint8Array>]>([
    ["plain", { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels }],
    [
      "gzipped",
      { "train-images-idx3-ubyte.gz": gzipSync(images), "train-labels-idx1-ubyte.gz": gzipSync(labels) },
    ],
    [
      "spelled with a dot, gzipped without saying so",
      { "train-images.idx3-ubyte": gzipSync(images), "train-labels.idx1-ubyte": labels },
    ],
  ])("is read %s, the last sixth held out", async (_, files) => {
    const path = folder(files);
    const { train, test, name, description } = await loadPictureSets(path);
    expect(name).toBe(path.slice(root.length + 1));
    expect(description).toBe(`${name}: 10 grey pictures of 4 x 4, 2 held out`);
    expect([train.count, test.count]).toEqual([10, 2]);
    expect(greys(train.picture(9))).toEqual(Array.from({ length: 16 }, (__, i) => 144 + i));
    expect(greys(test.picture(1))[0]).toBe(176);
    expect([train.label!(9), test.label!(1)]).toEqual([9, 11]);
  });

  it("takes the test files, and needs no labels", async () => {
    const path = folder({
      "train-images-idx3-ubyte": images,
      "t10k-images-idx3-ubyte.gz": gzipSync(idx([3, 4, 4], 100)),
    });
    const { train, test } = await loadPictureSets(path, { size: 4 });
    expect([train.count, test.count, "label" in train, "label" in test]).toEqual([12, 3, false, false]);
    expect(greys(test.picture(0))[0]).toBe(100);
  });

  it.each<[string, Record<string, Uint8Array | string>, (path: string) => string, number?]>([
    [
      "labels where the pictures should be",
      { "train-images-idx3-ubyte": labels },
      (path) =>
        `${join(path, "train-images-idx3-ubyte")}: the IDX file holds labels where pictures should be`,
    ],
    [
      "pictures where the labels should be",
      { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": images },
      (path) =>
        `${join(path, "train-labels-idx1-ubyte")}: the IDX file holds pictures where labels should be`,
    ],
    [
      "labels of another number",
      { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte.gz": gzipSync(idx([11])) },
      (path) => `${join(path, "train-labels-idx1-ubyte.gz")}: there are 11 labels for 12 pictures`,
    ],
    [
      "truncated pictures",
      { "train-images-idx3-ubyte": images.subarray(0, 100) },
      (path) =>
        `${join(path, "train-images-idx3-ubyte")}: the IDX file is cut short: its header says 12 x 4 x 4, which takes 208 bytes, but it has 100`,
    ],
    [
      "a truncated gzip file",
      { "train-images-idx3-ubyte.gz": gzipSync(images).subarray(0, 60) },
      (path) =>
        `${join(path, "train-images-idx3-ubyte.gz")}: the gzip file is cut short and cannot be unpacked`,
    ],
    [
      "a corrupt gzip file",
      { "train-images-idx3-ubyte.gz": gzipSync(images).map((byte, i) => (i > 40 ? byte ^ 85 : byte)) },
      (path) =>
        `${join(path, "train-images-idx3-ubyte.gz")}: the gzip file is damaged and cannot be unpacked`,
    ],
    [
      "a web page instead of the file",
      { "train-images-idx3-ubyte.gz": "<html>not found</html>" },
      (path) =>
        `${join(path, "train-images-idx3-ubyte.gz")}: not an IDX file: it begins with the bytes 3c 68 74 6d instead of 00 00 08`,
    ],
    [
      "test pictures alone",
      { "t10k-images-idx3-ubyte": images },
      (path) => `${path} has the MNIST test pictures alone; train-images-idx3-ubyte is missing`,
    ],
    [
      "labels alone",
      { "train-labels-idx1-ubyte": labels },
      (path) => `${path} has train-labels-idx1-ubyte, but no train-images-idx3-ubyte, the pictures`,
    ],
    [
      "test pictures of another size",
      { "train-images-idx3-ubyte": images, "t10k-images-idx3-ubyte": idx([3, 4, 5]) },
      (path) => `${path}: the test pictures have 4 x 5 pixels, those to learn from 4 x 4`,
    ],
    [
      "another size than is asked for",
      { "train-images-idx3-ubyte": images },
      (path) => `the pictures in ${path} have 4 x 4 pixels, not 28 x 28; choose a size of 4`,
      28,
    ],
  ])("refuses %s in one sentence", async (_, files, sentence, size) => {
    const path = folder(files);
    await expect(loadPictureSets(path, { size })).rejects.toMatchObject({ message: sentence(path) });
    await expect(loadPictureSets(path, { size })).rejects.toBeInstanceOf(UserError);
  });

  it("refuses a gzip file that unpacks to more than 256 MiB, without unpacking it all", async () => {
    // 257 KiB: a gzip file of 257 members, each 1 MiB of zeros.
    const member = gzipSync(new Uint8Array(2 ** 20));
    const path = folder({ "train-images-idx3-ubyte.gz": Buffer.concat(Array(257).fill(member)) });
    await expect(loadPictureSets(path)).rejects.toThrow(
      `${join(path, "train-images-idx3-ubyte.gz")}: the gzip file unpacks to more than 256 MiB`,
    );
  });
});

describe("a folder of pictures", () => {
  it("reads every kind, mixed sizes, fitted and centred, every sixth held out", async () => {
    const wide = sharp({ create: { width: 40, height: 20, channels: 3, background: "#808080" } });
    const path = folder({
      "a.png": await wide.png().toBuffer(),
      "b.JPG": await wide.jpeg().toBuffer(),
      "c.webp": await wide.webp({ lossless: true }).toBuffer(),
      "d.gif": await wide.gif().toBuffer(),
      "e.avif": await wide.avif({ lossless: true }).toBuffer(),
      "f.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#fff"/></svg>`,
      "notes.txt": "no picture",
      ".hidden.png": "no picture either",
    });
    const seen: [number, number][] = [];
    const { train, test, description } = await loadPictureSets(path, {
      size: 8,
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(description).toMatch(/: 5 grey pictures of 8 x 8, 1 held out$/);
    expect(seen).toEqual([[6, 6]]);
    for (let i = 0; i < 5; i++) {
      const rows = greys(train.picture(i));
      // AVIF and JPEG may be off by a step or two.
      rows.slice(0, 16).forEach((value) => expect(value).toBe(0));
      rows.slice(16, 48).forEach((value) => expect(Math.abs(value - 128)).toBeLessThan(3));
      rows.slice(48).forEach((value) => expect(value).toBe(0));
    }
    expect(new Set(greys(test.picture(0)))).toEqual(new Set([255]));
    expect("label" in train).toBe(false);
  });

  it("is RGBA where one picture has colour, not premultiplied, and transparent where there is none", async () => {
    const path = folder({ "a.png": await png(4, 8, "#fff"), "b.png": await png(8, 8, "rgba(255,0,51,0.2)") });
    const { train, test, description } = await loadPictureSets(path, { size: 8 });
    expect(description).toMatch(/: 2 RGBA pictures of 8 x 8, none held out$/);
    expect(train).toBe(test);
    expect(greys(train.picture(0)).slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
    expect(greys(train.picture(1)).slice(0, 4)).toEqual([255, 0, 51, 51]);
  });

  it("is RGBA where a grey picture is transparent", async () => {
    const path = folder({ "a.png": await png(8, 8, "#fff"), "b.png": await png(8, 8, "rgba(0,0,0,0.4)") });
    expect((await loadPictureSets(path, { size: 8 })).train.channels).toBe(4);
  });

  it("takes labels from subfolders: their numbers, or their places", async () => {
    const [black, white] = [await png(8, 8, "#000"), await png(8, 8, "#fff")];
    const numbered = await loadPictureSets(folder({ "7/a.png": white, "3/a.png": black, "3/b.png": black }));
    expect([0, 1, 2].map((i) => numbered.train.label!(i))).toEqual([3, 3, 7]);
    expect([0, 2].map((i) => numbered.train.picture(i)[0])).toEqual([0, 1]);
    const named = await loadPictureSets(folder({ "dog/a.png": white, "cat/a.png": black, "none/a.txt": "" }));
    expect([0, 1].map((i) => [named.train.label!(i), named.train.picture(i)[0]])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const mixed = await loadPictureSets(folder({ "a.png": white, "cat/a.png": black }));
    expect([mixed.train.count, "label" in mixed.train]).toEqual([2, false]);
  });

  it.each<[string, () => string | Promise<string>, (path: string) => string]>([
    [
      "an empty folder",
      () => folder({}),
      (path) =>
        `${path} holds no pictures: neither MNIST files, such as train-images-idx3-ubyte.gz, nor PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO`,
    ],
    ["a missing folder", () => join(root, "missing"), (path) => `cannot read ${path}: it does not exist`],
    [
      "a file",
      () => join(folder({ "a.png": "x" }), "a.png"),
      (path) => `${path} is a file, not a folder of pictures; give the folder that holds it`,
    ],
    [
      "a picture that is none",
      async () => folder({ "a.png": await png(8, 8, "#fff"), "b.png": "hello" }),
      (path) =>
        `${join(path, "b.png")}: not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO`,
    ],
    [
      "a picture cut short",
      async () => folder({ "sub/a.png": (await png(64, 64, "#fff")).subarray(0, 80) }),
      (path) => `${join(path, "sub", "a.png")}: the picture is damaged and cannot be decoded`,
    ],
  ])("refuses %s in one sentence", async (_, make, sentence) => {
    const path = await make();
    await expect(loadPictureSets(path)).rejects.toThrow(new UserError(sentence(path)));
  });

  it("refuses more pixels than fit into its memory before it reads any", async () => {
    const path = folder({ "a.png": "x", "b.png": "x" });
    await expect(loadPictureSets(path, { size: 11_000 })).rejects.toThrow(
      new UserError(`${path} has 2 pictures; at most 1 of 11000 x 11000 pixels are read`),
    );
  });

  it("stops when it is asked to", async () => {
    const path = folder({ "a.png": await png(8, 8, "#fff") });
    const reason = new Error("enough");
    await expect(loadPictureSets(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

/** Files by their paths below a folder. */
const below = (path: string, files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([name, data]) => [`${path}/${name}`, data]));

describe("what torchvision and EMNIST leave", () => {
  const mnist = {
    "train-images-idx3-ubyte": idx([6, 2, 2]),
    "t10k-images-idx3-ubyte.gz": gzipSync(idx([2, 2, 2])),
  };
  it.each(["raw", "MNIST/raw"])("is found in %s", async (path) => {
    const { train, test } = await loadPictureSets(folder(below(path, mnist)));
    expect([train.count, test.count, ...greys(train.picture(1))]).toEqual([6, 2, 4, 5, 6, 7]);
  });

  it("is refused where it is several data sets", async () => {
    const path = folder({ ...below("MNIST/raw", mnist), ...below("FashionMNIST/raw", mnist) });
    const [fashion, digits] = ["FashionMNIST", "MNIST"].map((name) => join(path, name, "raw"));
    await expect(loadPictureSets(path)).rejects.toThrow(/holds several data sets; name one: /);
    await expect(loadPictureSets(path)).rejects.toThrow(digits);
    expect((await loadPictureSets(fashion)).train.count).toBe(6);
  });

  it("is turned upright where it is EMNIST's", async () => {
    const letters = {
      "emnist-letters-train-images-idx3-ubyte.gz": gzipSync(idx([6, 2, 3])),
      "emnist-letters-train-labels-idx1-ubyte.gz": gzipSync(idx([6], 1)),
      "emnist-letters-test-images-idx3-ubyte": idx([1, 2, 3], 100),
    };
    const { train, test } = await loadPictureSets(folder(letters));
    expect(train.grid).toEqual([3, 2]);
    // Rows 0 1 2 and 3 4 5 are columns.
    expect(greys(train.picture(0))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(train.label!(2)).toBe(3);
    expect(greys(test.picture(0))).toEqual([100, 103, 101, 104, 102, 105]);

    const path = folder({ ...letters, "emnist-digits-train-images-idx3-ubyte": idx([7, 2, 2]) });
    await expect(loadPictureSets(path)).rejects.toThrow(
      new UserError(
        `${path} holds 2 sets: emnist-digits, emnist-letters; name one, such as ${join(path, "emnist-digits")}`,
      ),
    );
    expect((await loadPictureSets(join(path, "emnist-digits"))).train.grid).toEqual([2, 2]);
    expect((await loadPictureSets(join(path, "emnist-letters"))).train.count).toBe(6);
    await expect(loadPictureSets(join(path, "emnist-lettres"))).rejects.toThrow("it does not exist");
  });

  it("is a folder of classes to learn from, and one to judge by", async () => {
    const [black, white] = [await png(8, 8, "#000"), await png(8, 8, "#fff")];
    const classes = { "train/ant/a.png": black, "train/bee/b.png": white, "train/bee/c.png": white };
    const { train, test } = await loadPictureSets(folder({ ...classes, "val/bee/d.png": white }));
    expect([0, 1, 2].map((i) => train.label!(i))).toEqual([0, 1, 1]);
    // The bee is a bee where there is no ant, too.
    expect([test.count, test.label!(0), test.channels]).toEqual([1, 1, 1]);

    const colourful = { ...classes, "test/ant/e.png": await png(8, 8, "#f00"), "val/bee/d.png": white };
    const coloured = await loadPictureSets(folder(colourful));
    expect([coloured.train.channels, coloured.test.channels, coloured.test.label!(0)]).toEqual([4, 4, 0]);
    expect(coloured.train.picture(1).length).toBe(28 * 28 * 4);

    const alone = await loadPictureSets(folder(classes));
    expect([alone.train.count, alone.train === alone.test]).toEqual([3, true]);
  });
});

describe("loadPicture", () => {
  it("is what the set holds, or its brightness on black where the set is grey", async () => {
    const path = folder({
      "a.png": await png(8, 8, "#ff0"),
      "b.png": await png(4, 8, "rgba(255,255,255,0.2)"),
    });
    const { train } = await loadPictureSets(path, { size: 8 });
    expect(await loadPicture(join(path, "a.png"), train)).toEqual(train.picture(0));
    const grey = { grid: [8, 8], channels: 1 } as const;
    // 0.299 red + 0.587 green.
    expect((await loadPicture(join(path, "a.png"), grey))[0]).toBeCloseTo(0.886, 6);
    const half = await loadPicture(join(path, "b.png"), { grid: [8, 10], channels: 1 });
    expect(half.length).toBe(80);
    expect(greys(half).slice(0, 10)).toEqual([0, 0, 0, 51, 51, 51, 51, 0, 0, 0]);
  });
});
