import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { UserError } from "../errors.ts";
import { encodeGif, encodeMp4, encodePng, encodeSheet, encodeWebp } from "./encode.ts";

/** A film of three frames in plain colours, 6 x 5 pixels. */
const COLOURS = [
  [255, 0, 0, 255],
  [0, 128, 0, 255],
  [0, 0, 255, 255],
];
const film = {
  width: 6,
  height: 5,
  frames: COLOURS.map((colour) => new Uint8ClampedArray(6 * 5 * 4).map((_, i) => colour[i % 4])),
  delays: [40, 40, 500],
};

describe("encodePng", () => {
  it("keeps every pixel, alpha included", async () => {
    const data = Uint8ClampedArray.of(1, 2, 3, 4, 250, 128, 0, 255);
    const png = await encodePng({ width: 2, height: 1, data });
    expect([...(await sharp(png).raw().toBuffer())]).toEqual([...data]);
  });
});

describe.each([
  ["GIF", encodeGif],
  ["WebP", encodeWebp],
] as const)("an animated %s", (_, encode) => {
  it("has every frame, its time and its colours, and repeats", async () => {
    const bytes = await encode(film);
    expect(await sharp(bytes, { pages: -1 }).metadata()).toMatchObject({
      width: 6,
      pageHeight: 5,
      pages: 3,
      delay: [40, 40, 500],
      loop: 0,
    });
    for (const [page, colour] of COLOURS.entries()) {
      const pixels = await sharp(bytes, { page }).ensureAlpha().raw().toBuffer();
      // A GIF's palette is chosen in another colour space: up to 2 of 255.
      for (const [c, value] of colour.entries()) expect(Math.abs(pixels[c] - value)).toBeLessThanOrEqual(2);
    }
  });
});

describe("encodeMp4", () => {
  it("rounds odd sizes up, repeats frames for their time, and leaves the process as it was", async () => {
    const listeners = process.listenerCount("unhandledRejection");
    const bytes = Buffer.from(await encodeMp4(film));
    expect(process.listenerCount("unhandledRejection")).toBe(listeners);
    expect(bytes.toString("latin1", 4, 8)).toBe("ftyp");
    // Boxes of ISO 14496-12: the track's size is 16.16 fixed point at the end of tkhd; stsz counts the frames.
    const track = bytes.indexOf("tkhd") - 4;
    const end = track + bytes.readUInt32BE(track);
    expect([bytes.readUInt32BE(end - 8) / 65536, bytes.readUInt32BE(end - 4) / 65536]).toEqual([6, 6]);
    expect(bytes.readUInt32BE(bytes.indexOf("stsz") + 12)).toBe(1 + 1 + 13);
  });
});

describe("too large an animation", () => {
  it.each([encodeGif, encodeWebp, encodeMp4])("is refused before it takes the memory", async (encode) => {
    const frame = new Uint8ClampedArray(0);
    const huge = { width: 20_000, height: 20_000, frames: [frame], delays: [40] };
    await expect(encode(huge)).rejects.toThrow(
      new UserError(
        "1 frames of 20000 x 20000 pixels are too many to encode at once; choose a smaller scale or fewer steps",
      ),
    );
  });
});

describe("drawings", () => {
  it("carry the pictures of a sheet at their places, alpha over the background", async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="1"><rect width="3" height="1" fill="#fff"/></svg>';
    const picture = { width: 1, height: 1, data: Uint8ClampedArray.of(255, 0, 0, 128) };
    const png = await encodeSheet({ width: 3, height: 1, svg, pictures: [{ left: 1, top: 0, picture }] });
    const pixels = await sharp(png).removeAlpha().raw().toBuffer();
    const [left, middle, right] = [0, 3, 6].map((at) => [...pixels.subarray(at, at + 3)]);
    expect([left, right]).toEqual([
      [255, 255, 255],
      [255, 255, 255],
    ]);
    // Half of 255, up to the rounding of alpha in between.
    expect([middle[0], Math.abs(middle[1] - 127.5) < 2]).toEqual([255, true]);
  });
});
