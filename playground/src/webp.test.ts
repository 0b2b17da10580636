import sharp from "sharp";
import { expect, it } from "vitest";
import { animatedWebp } from "./webp.ts";

const still = async (background: string, options: object) =>
  new Uint8Array(
    await sharp({ create: { width: 9, height: 5, channels: 4, background } })
      .webp(options)
      .toBuffer(),
  );

it("makes a film of still pictures, lossy or not, with and without alpha", async () => {
  const colours = ["#ff0000ff", "#00ff0080", "#0000ffff"];
  const files = await Promise.all([
    still(colours[0], { lossless: true }),
    still(colours[1], { quality: 100 }),
    still(colours[2], { lossless: true }),
  ]);
  const frames = files.map((file, i) => ({ file, delay: 40 + 10 * i }));
  const film = animatedWebp(9, 5, frames);
  const { pages, delay, loop, width, pageHeight, hasAlpha } = await sharp(film, { pages: -1 }).metadata();
  expect({ pages, delay, loop, width, pageHeight, hasAlpha }).toEqual({
    pages: 3,
    delay: [40, 50, 60],
    loop: 0,
    width: 9,
    pageHeight: 5,
    hasAlpha: true,
  });
  for (const [page, colour] of colours.entries()) {
    const pixels = await sharp(film, { page }).ensureAlpha().raw().toBuffer();
    const expected = Buffer.from(colour.slice(1), "hex");
    // Lossy colours are off by what YUV rounds.
    for (let c = 0; c < 4; c++)
      expect(Math.abs(pixels[c] - expected[c])).toBeLessThanOrEqual(page === 1 ? 3 : 0);
  }
  expect(() => animatedWebp(9, 5, [{ file: new Uint8Array(40), delay: 1 }])).toThrow("not a WebP picture");
});
