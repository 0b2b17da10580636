import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { isBmp, openBmp } from "./bmp.ts";
import { bitmap, type BitmapOptions, bmp, icon } from "./bmp.case.ts";
import { isIco, openIco } from "./ico.ts";

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const BLUE = [0, 0, 255, 255];
const WHITE = [255, 255, 255, 255];
const CLEAR = [0, 0, 0, 0];

/** Blue, green, red, unused. */
const PALETTE = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];

/** Three by two: red, green, blue over white, red, green; the lower row first, each filled up to four bytes. */
const PICTURE = [...RED, ...GREEN, ...BLUE, ...WHITE, ...RED, ...GREEN];
const INDEXED_8 = [3, 0, 1, 0, 0, 1, 2, 0];
const INDEXED_4 = [0x30, 0x10, 0, 0, 0x01, 0x20, 0, 0];
const INDEXED_2 = [0b11000100, 0, 0, 0, 0b00011000, 0, 0, 0];
const TRUE_24 = [255, 255, 255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0];
const FIVE_BITS = [0xff, 0x7f, 0x00, 0x7c, 0xe0, 0x03, 0, 0, 0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0, 0];
const SIX_BITS = [0xff, 0xff, 0x00, 0xf8, 0xe0, 0x07, 0, 0, 0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0, 0];
const true32 = (alpha: number) =>
  [WHITE, RED, GREEN, RED, GREEN, BLUE].flatMap(([r, g, b]) => [b, g, r, alpha]);
const reversed32 = [WHITE, RED, GREEN, RED, GREEN, BLUE].flatMap(([r, g, b]) => [0, r, g, b]);

const files: [name: string, options: BitmapOptions][] = [
  ["8 bits", { bits: 8, palette: PALETTE, pixels: INDEXED_8 }],
  ["8 bits and fewer colours", { bits: 8, palette: PALETTE, colours: 4, pixels: INDEXED_8 }],
  ["4 bits", { bits: 4, palette: PALETTE, pixels: INDEXED_4 }],
  ["2 bits", { bits: 2, palette: PALETTE, pixels: INDEXED_2 }],
  ["16 bits", { bits: 16, pixels: FIVE_BITS }],
  ["16 bits by masks", { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], pixels: SIX_BITS }],
  ["24 bits", { bits: 24, pixels: TRUE_24 }],
  ["32 bits, the fourth byte unused", { bits: 32, pixels: true32(0) }],
  ["32 bits", { bits: 32, pixels: true32(255) }],
  [
    "32 bits by masks",
    { bits: 32, compression: 3, masks: [0xff00, 0xff0000, 0xff000000], pixels: reversed32 },
  ],
  ["the upper row first", { bits: 8, palette: PALETTE, height: -2, pixels: [0, 1, 2, 0, 3, 0, 1, 0] }],
  ["a gap before the pixels", { bits: 24, gap: 10, pixels: TRUE_24 }],
  ["a later header", { bits: 24, header: 124, pixels: TRUE_24 }],
];

it.each(files)("reads %s", (_name, options) => {
  const bytes = bmp({ width: 3, height: 2, ...options });
  expect(isBmp(bytes)).toBe(true);
  const { width, height, decode } = openBmp(bytes);
  expect({ width, height }).toEqual({ width: 3, height: 2 });
  expect([...decode().data]).toEqual(PICTURE);
});

it("reads one bit, across bytes, and the oldest header", () => {
  const core = bmp({
    width: 9,
    height: 1,
    bits: 1,
    header: 12,
    palette: [0, 0, 0, 255, 255, 255],
    pixels: [0b10000001, 0b10000000, 0, 0],
  });
  const shown = [...openBmp(core).decode().data].filter((_, i) => i % 4 === 0);
  expect(shown).toEqual([255, 0, 0, 0, 0, 0, 0, 255, 255]);
});

it("takes the fourth byte for alpha where one has any", () => {
  const pixels = [0, 0, 255, 128, 0, 0, 255, 0];
  const two = { width: 2, height: 1, bits: 32, pixels };
  expect([...openBmp(bmp(two)).decode().data]).toEqual([255, 0, 0, 128, 255, 0, 0, 0]);
  const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
  const later = bmp({ ...two, header: 108, compression: 3, masks });
  expect([...openBmp(later).decode().data]).toEqual([255, 0, 0, 128, 255, 0, 0, 0]);
});

describe("a BMP file that cannot be read", () => {
  const whole = bmp({ width: 3, height: 2, bits: 24, pixels: TRUE_24 });
  const cases: [name: string, bytes: Uint8Array, sentence: string][] = [
    ["compressed", bmp({ bits: 8, compression: 1, palette: PALETTE, pixels: [] }), "is compressed (RLE8)"],
    ["of odd bits", bmp({ bits: 7, pixels: [] }), "has 7 bits a pixel"],
    ["of an odd header", bmp({ bits: 24, header: 300, pixels: [] }), "has a header of 300 bytes"],
    ["without height", bmp({ bits: 24, height: 0, pixels: [] }), "its picture has 3 x 0 pixels"],
    ["of negative width", bmp({ bits: 24, width: -3, pixels: [] }), "its picture has -3 x 2 pixels"],
    ["cut in its header", whole.subarray(0, 40), "is cut short in its header"],
    ["cut in its palette", bmp({ bits: 8, pixels: [] }), "is cut short in its header"],
    ["cut in its pixels", whole.subarray(0, 70), "end at byte 78, but it has 70"],
    ["larger than said", bmp({ width: 2e9, height: 2e9, bits: 32, pixels: [1] }), "is cut short"],
    [
      "that uses colours it lacks",
      bmp({ bits: 8, palette: PALETTE.slice(0, 8), colours: 2, pixels: INDEXED_8 }),
      "uses colour 2, and has 2",
    ],
  ];
  it.each(cases)("%s", (_name, bytes, sentence) => {
    const decode = () => openBmp(bytes).decode();
    expect(decode).toThrow(FormatError);
    expect(decode).toThrow(sentence);
  });
});

describe("an icon", () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3);
  /** Red and green; of the mask, the second pixel is 1. */
  const masked = bitmap({
    width: 2,
    height: 2,
    bits: 24,
    pixels: [0, 0, 255, 0, 255, 0, 0, 0, 0b01000000, 0, 0, 0],
  });

  it("has its largest picture taken, with the most colours", () => {
    const small = { side: 2, bits: 32, data: masked };
    const bytes = icon([small, { side: 0, bits: 8, data: masked }, { side: 0, bits: 32, data: png }]);
    expect(isIco(bytes)).toBe(true);
    expect(openIco(bytes)).toEqual({ png });
  });

  it.each([
    ["by a mask", masked, [...RED, 0, 255, 0, 0]],
    [
      "by its own alpha",
      bitmap({
        width: 2,
        height: 2,
        bits: 32,
        pixels: [0, 0, 255, 255, 0, 0, 0, 0, 0b11000000, 0, 0, 0],
      }),
      [...RED, ...CLEAR],
    ],
    [
      "by a mask where no pixel has alpha",
      bitmap({ width: 2, height: 2, bits: 32, pixels: [0, 0, 255, 0, 0, 255, 0, 0, 0b10000000, 0, 0, 0] }),
      [255, 0, 0, 0, ...GREEN],
    ],
  ])("shows through %s", (_name, data, pixels) => {
    const opened = openIco(icon([{ side: 2, bits: 32, data }]));
    if ("png" in opened) throw new Error("not a bitmap");
    const { width, height, decode } = opened.bitmap;
    expect({ width, height }).toEqual({ width: 2, height: 1 });
    expect([...decode().data]).toEqual(pixels);
  });

  it("is refused where it is cut short", () => {
    const bytes = icon([{ side: 2, bits: 24, data: masked }]);
    for (let length = 6; length < bytes.length; length++) {
      expect(() => openIco(bytes.subarray(0, length)), String(length)).toThrow(FormatError);
    }
    expect(() => openIco(icon([{ side: 2, bits: 24, data: masked.subarray(0, 44) }]))).not.toThrow();
    const odd = bitmap({ width: 2, height: 3, bits: 24, pixels: [] });
    expect(() => openIco(icon([{ side: 2, bits: 24, data: odd }]))).toThrow("no room for its mask");
  });
});
