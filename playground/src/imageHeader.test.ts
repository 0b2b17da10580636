import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readImageHeader } from "./imageHeader.ts";

const plain = () => sharp({ create: { width: 37, height: 19, channels: 4, background: "#f80a" } });

describe("readImageHeader", () => {
  it.each([
    ["PNG", () => plain().png()],
    ["JPEG", () => plain().jpeg()],
    [
      "JPEG",
      () =>
        plain()
          .jpeg({ progressive: true })
          .withExif({ IFD0: { Copyright: "x".repeat(3000) } }),
    ],
    ["GIF", () => plain().gif()],
    ["WebP", () => plain().webp()],
    ["WebP", () => plain().removeAlpha().webp()],
    ["WebP", () => plain().webp({ lossless: true })],
    ["AVIF", () => plain().avif({ effort: 0 })],
  ])("knows %s and its size", async (format, encode) => {
    const bytes = new Uint8Array(await encode().toBuffer());
    expect(readImageHeader(bytes)).toEqual({ format, size: [37, 19] });
    // Cut short, it is still one, of any size.
    for (const length of [16, 20, 24])
      expect(readImageHeader(bytes.subarray(0, length))?.format).toBe(format);
  });

  it("knows BMP and drawings", () => {
    const bitmap = new Uint8Array(54);
    bitmap.set([0x42, 0x4d]);
    new DataView(bitmap.buffer).setInt32(18, 5, true);
    new DataView(bitmap.buffer).setInt32(22, -7, true);
    expect(readImageHeader(bitmap)).toEqual({ format: "BMP", size: [5, 7] });
    const svgs = [
      "<svg/>",
      '\ufeff<?xml version="1.0"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg xmlns="x">',
      "  <svg\nwidth='4'>",
    ];
    for (const svg of svgs) expect(readImageHeader(new TextEncoder().encode(svg))).toEqual({ format: "SVG" });
  });

  it("knows videos, and photographs of the same container", () => {
    expect(readImageHeader(new TextEncoder().encode("1234ftypheic"))).toEqual({ format: "HEIC" });
    expect(readImageHeader(new TextEncoder().encode("1234ftypmp42"))).toEqual({ format: "MP4" });
    expect(readImageHeader(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 1))).toEqual({ format: "WebM" });
  });

  it("looks at a long prologue once", () => {
    for (const part of ["<?xml ?>", "<!---->", "<!DOCTYPE>", "<!-- <?xml ?> -->"]) {
      const long = part.repeat(200);
      expect(readImageHeader(new TextEncoder().encode(long))).toBeUndefined();
      expect(readImageHeader(new TextEncoder().encode(`${long}<svg>`))).toEqual({ format: "SVG" });
    }
  });

  it("knows nothing else", () => {
    for (const text of ["", "BN", "notes", "<html><svg>", '{"a":1}', "RIFF1234WAVE", "ftypmp42"]) {
      expect(readImageHeader(new TextEncoder().encode(text))).toBeUndefined();
    }
  });
});
