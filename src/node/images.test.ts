import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bitmap, bmp, icon } from "../data/bmp.case.ts";
import type { Target } from "../data/image.ts";
import { UserError } from "../errors.ts";
import { decodePicture, loadTarget } from "./images.ts";

const options = { size: 20, padding: 4, premultiplied: true };
const NO_PICTURE = "not a picture that can be read: PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "neoblast-images-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file and returns its path. */
function file(name: string, data: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

/** Left half red, right half blue, 40 x 20 pixels. */
const halves = () => {
  const pixels = new Uint8Array(40 * 20 * 4).map((_, i) => {
    const right = Math.floor(i / 4) % 40 >= 20;
    return [right ? 0 : 255, 0, right ? 255 : 0, 255][i % 4];
  });
  return sharp(pixels, { raw: { width: 40, height: 20, channels: 4 } });
};

const cell = ({ data, grid }: Target, y: number, x: number) => [
  ...data.subarray((y * grid[1] + x) * 4, (y * grid[1] + x) * 4 + 4),
];

/** A PNG's signature and header alone, of any claimed size. */
async function pngHeader(width: number, height: number): Promise<Uint8Array> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

/** A drawing whose left half is red. */
const halfSquare = (size: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="${size}" height="${size}"><rect width="5" height="10" fill="#f00"/></svg>`;

describe("loadTarget", () => {
  it("reads BMP, and the largest picture of an icon: a bitmap or a PNG file", async () => {
    const { data } = await halves().raw().toBuffer({ resolveWithObject: true });
    const rows = Array.from({ length: 20 }, (_, y) => [
      ...data.subarray(y * 160, (y + 1) * 160),
    ]).toReversed();
    // From RGBA to BGRA.
    const pixels = rows.flat().map((_value, i, all) => all[i % 4 === 3 ? i : i - (i % 4) + 2 - (i % 4)]);
    const expected = await loadTarget(file("halves.png", await halves().png().toBuffer()), options);
    const size = { width: 40, height: 20, bits: 32, pixels };
    const masked = bitmap({ ...size, height: 40, pixels: [...pixels, ...new Uint8Array(8 * 20)] });
    const png = await halves().png().toBuffer();
    for (const [name, bytes] of [
      ["a.bmp", bmp(size)],
      ["b.ico", icon([{ side: 40, bits: 32, data: masked }])],
      ["c.ico", icon([{ side: 40, bits: 32, data: png }])],
    ] as const) {
      expect((await loadTarget(file(name, bytes), options)).data, name).toEqual(expected.data);
    }
  });

  it("says in a sentence what is wrong with a BMP or an icon", async () => {
    const cut = bmp({ width: 8, height: 8, bits: 24, pixels: [1, 2, 3] });
    await expect(loadTarget(file("cut.bmp", cut), options)).rejects.toThrow(
      /cut\.bmp: the BMP file is cut short/,
    );
    const huge = bmp({ width: 20_000, height: 20_000, bits: 24, pixels: [] });
    await expect(loadTarget(file("huge.bmp", huge), options)).rejects.toThrow("at most 100 million are read");
    const none = icon([{ side: 16, bits: 32, data: Uint8Array.of(1, 2, 3) }]);
    await expect(loadTarget(file("none.ico", none), options)).rejects.toThrow(
      /none\.ico: the BMP file is cut/,
    );
  });

  it("draws an emoji, or one named, in the middle of the grid", async () => {
    const lizard = await loadTarget("🦎", { size: 40, padding: 16, premultiplied: true });
    expect(lizard).toMatchObject({ name: "lizard", description: "🦎 lizard (Noto Emoji)", grid: [72, 72] });
    const alpha = Array.from({ length: 72 * 72 }, (_, i) => lizard.data[i * 4 + 3]);
    // The drawing covers a third of its box; a blank or filled one would be far from that.
    const covered = alpha.filter((value) => value > 0.1).length / (40 * 40);
    expect(covered).toBeGreaterThan(0.2);
    expect(covered).toBeLessThan(0.5);
    expect(alpha.every((value, i) => value === 0 || (i % 72 >= 16 && i % 72 < 56))).toBe(true);

    const named = await loadTarget("lizard", { size: 40, padding: 16, premultiplied: true });
    expect(named).toEqual({ ...lizard, description: "lizard (Noto Emoji)" });
  });

  it("draws a flag, and says which other set it is from", async () => {
    const flag = await loadTarget("🇩🇪", { size: 36, padding: 4, premultiplied: true });
    expect(flag).toMatchObject({
      name: "flag-germany",
      description: "🇩🇪 flag-germany (Twemoji)",
      grid: [44, 44],
    });
    const middle = (y: number) => cell(flag, 4 + y, 22).map((value) => Math.round(value * 255));
    // Stripes of 9, 9 and 8 rows from the sixth on. Lanczos resampling reaches three rows beyond.
    expect([1, 9, 18, 26, 34].map(middle)).toEqual([
      [0, 0, 0, 0],
      [0x14, 0x14, 0x14, 255],
      [0xed, 0x1f, 0x24, 255],
      [0xff, 0xcd, 0x05, 255],
      [0, 0, 0, 0],
    ]);
  });

  // Their drawings refer to parts of themselves by xlink:href.
  it.each(["bald", "🦰"])("draws %s", async (source) => {
    const { data } = await loadTarget(source, options);
    expect(data.filter((value, i) => i % 4 === 3 && value > 0.5).length).toBeGreaterThan(50);
  });

  it.each(["png", "jpeg", "webp", "avif", "gif", "tiff"] as const)("reads %s", async (format) => {
    const path = file(`my picture.${format}`, await halves().toFormat(format, { quality: 100 }).toBuffer());
    const target = await loadTarget(path, options);
    expect(target).toMatchObject({ name: "my-picture", description: `my picture.${format}`, grid: [18, 28] });
    // 20 x 10 cells in the middle. Lossy codecs shift a colour by some percent.
    const corner = (y: number, x: number, expected: number[]) =>
      cell(target, y, x).forEach((value, c) => expect(Math.abs(value - expected[c])).toBeLessThan(0.05));
    corner(4, 4, [1, 0, 0, 1]);
    corner(13, 23, [0, 0, 1, 1]);
    corner(3, 4, [0, 0, 0, 0]);
    corner(14, 23, [0, 0, 0, 0]);
  });

  it("reads SVG at any nominal size, crisp", async () => {
    const targets = [];
    for (const size of [1, 10, 3000]) {
      targets.push((await loadTarget(file(`${size}.svg`, halfSquare(size)), options)).data);
    }
    expect(targets[1]).toEqual(targets[0]);
    expect(targets[2]).toEqual(targets[0]);
    expect(cell({ data: targets[0], grid: [28, 28] }, 14, 8)).toEqual([1, 0, 0, 1]);
    expect(cell({ data: targets[0], grid: [28, 28] }, 14, 20)).toEqual([0, 0, 0, 0]);
  });

  it("takes the first frame of an animated GIF", async () => {
    const pixels = new Uint8Array(8 * 16 * 4).map((_, i) => [i < 8 * 8 * 4 ? 0 : 255, 0, 0, 255][i % 4]);
    const gif = await sharp(pixels, { raw: { width: 8, height: 16, channels: 4, pageHeight: 8 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const target = await loadTarget(file("two.gif", gif), options);
    expect(cell(target, 14, 14)).toEqual([0, 0, 0, 1]);
  });

  it("turns a photograph as its camera says", async () => {
    const jpeg = await halves().withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const { width, height } = await decodePicture(jpeg, 20);
    expect([width, height]).toEqual([10, 20]);
  });

  it("weighs colours by alpha when it reduces: no dark seam beside transparent pixels", async () => {
    const pixels = new Uint8Array(40 * 40 * 4).map((_, i) =>
      Math.floor(i / 4) % 40 < 21 ? [255, 255, 255, 255][i % 4] : 0,
    );
    const png = await sharp(pixels, { raw: { width: 40, height: 40, channels: 4 } })
      .png()
      .toBuffer();
    const { data } = await decodePicture(png, 20);
    // Column 10 is half covered: half transparent, but still white, up to 8-bit rounding of small alphas.
    expect(data[10 * 4 + 3]).toBeGreaterThan(100);
    expect(data[10 * 4 + 3]).toBeLessThan(160);
    expect([...data.subarray(40, 43)].every((value) => value >= 253)).toBe(true);
  });

  it.each<[string, () => string | Promise<string>, (path: string) => string]>([
    ["a text file named .png", () => file("text.png", "hello"), (path) => `${path}: ${NO_PICTURE}`],
    ["an empty file", () => file("empty.png", ""), (path) => `${path}: ${NO_PICTURE}`],
    ["a broken SVG", () => file("broken.svg", "<svg xmlns='x'>"), (path) => `${path}: ${NO_PICTURE}`],
    ["a missing file", () => join(folder, "missing.png"), (path) => `cannot read ${path}: it does not exist`],
    ["a folder", () => folder, (path) => `${path} is a folder, not a file`],
    [
      "a path below a file",
      () => join(file("plain", "x"), "cat.png"),
      (path) => `cannot read ${path}: a part of the path is a file, not a folder`,
    ],
    [
      "a 1x1 picture",
      async () => file("one.png", await halves().resize(1, 1).png().toBuffer()),
      (path) => `${path}: the picture has 1 x 1 pixels; each side needs at least 4 to show something`,
    ],
    [
      "a header of 20,000 x 20,000 pixels",
      async () => file("huge.png", await pngHeader(20_000, 20_000)),
      (path) =>
        `${path}: the picture has 20000 x 20000 pixels, and at most 100 million are read; make it smaller first`,
    ],
    [
      "a transparent picture",
      async () =>
        file("clear.png", await halves().ensureAlpha().linear([1, 1, 1, 0], [0, 0, 0, 0]).png().toBuffer()),
      (path) => `${path}: the picture is fully transparent, so there is nothing to grow`,
    ],
    [
      "a picture cut short",
      async () => file("cut.png", (await halves().png().toBuffer()).subarray(0, 80)),
      (path) => `${path}: the picture is damaged and cannot be decoded`,
    ],
    [
      "an unknown emoji",
      () => "🇽🇽",
      () => "neither Noto Emoji nor Twemoji has 🇽🇽; give a picture file instead, such as picture.png",
    ],
    [
      "an unknown word",
      () => "lizzard",
      () =>
        '"lizzard" is neither an emoji nor the name of one, such as lizard; a picture file needs its path, such as ./picture.png',
    ],
  ])("refuses %s in one sentence", async (_, make, sentence) => {
    const source = await make();
    await expect(loadTarget(source, options)).rejects.toThrow(new UserError(sentence(source)));
  });
});

describe("a drawing", () => {
  it("has nothing fetched and no file opened that it names", async () => {
    const red = file(
      "red.png",
      await sharp({ create: { width: 8, height: 8, channels: 3, background: "#f00" } })
        .png()
        .toBuffer(),
    );
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const bound = server.address();
      if (bound === null || typeof bound === "string") throw new Error("the server listens at no port");
      const remote = `http://127.0.0.1:${bound.port}/a.png`;
      for (const address of [remote, `file://${red}`, red, "red.png"]) {
        const shapes = [
          `<image href="${address}" width="10" height="10"/>`,
          `<image xlink:href="${address}" width="10" height="10"/>`,
          `<use href="${address}#a"/>`,
          `<style>@import url("${address}"); rect { fill: url("${address}#a") }</style><rect width="10" height="10"/>`,
          `<filter id="f"><feImage href="${address}"/></filter><rect width="10" height="10" filter="url(#f)"/>`,
          `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${address}" parse="text"/>`,
          "<text>&outside;</text>",
        ];
        const svg = `<?xml version="1.0"?><?xml-stylesheet href="${address}" type="text/css"?>
<!DOCTYPE svg [<!ENTITY outside SYSTEM "${address}">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10">
<rect x="9" width="1" height="1" fill="#00f"/>`;
        for (const shape of shapes) {
          const path = file("naming.svg", `${svg}${shape}</svg>`);
          const drawn = await loadTarget(path, options).catch((error: unknown) => error);
          if (drawn instanceof Error) expect(drawn, shape).toBeInstanceOf(UserError);
          else expect(drawn, shape).toMatchObject({ data: expect.toSatisfy(hasNoRed) });
        }
      }
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });
});

function hasNoRed(data: Float32Array): boolean {
  return data.every((value, i) => i % 4 !== 0 || value < 0.1);
}
