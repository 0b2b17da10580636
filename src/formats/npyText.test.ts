import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { encodeNpy } from "./npy.ts";
import { decodeNpyText, encodeNpyText, isNpyText } from "./npyText.ts";

describe("text in .npy files", () => {
  it.each(["", "rule", '{"x": "é"}', "🦎 lizard", "a".repeat(300_000)])(
    "returns what was written",
    (text) => {
      const bytes = encodeNpyText(text);
      expect(isNpyText(bytes)).toBe(true);
      expect(decodeNpyText(bytes)).toBe(text);
    },
  );

  it("reads big-endian text", () => {
    const bytes = altered(encodeNpyText("🦎 a"), "<U3", ">U3");
    const data = bytes.subarray(-12);
    for (let at = 0; at < 12; at += 4) data.subarray(at, at + 4).reverse();
    expect(isNpyText(bytes)).toBe(true);
    expect(decodeNpyText(bytes)).toBe("🦎 a");
  });

  it("is distinguished from numbers and from other files", () => {
    expect(isNpyText(encodeNpy({ shape: [1], data: Float32Array.of(1) }))).toBe(false);
    for (const length of [0, 5, 11, 12, 100]) expect(isNpyText(new Uint8Array(length))).toBe(false);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    ["cut text", (bytes) => bytes.subarray(0, -1), /its text takes 15 bytes, but has 4 characters$/],
    ["a negative length", (bytes) => altered(bytes, "<U4", "<U-4"), /takes 16 bytes, but has -4 characters$/],
    ["a length of words", (bytes) => altered(bytes, "<U4", "<Ux"), /but has x characters$/],
    ["several texts", (bytes) => altered(bytes, "()", "(1,)"), /only one text can be read$/],
    ["text that lies the other way", (bytes) => altered(bytes, "<U4", ">U4"), /has a character 1912602624$/],
    ["a character that is none", (bytes) => bytes.with(bytes.length - 2, 255), /has a character 16711781$/],
  ])("refuses %s", (_, damage, sentence) => {
    const damaged = damage(encodeNpyText("rule"));
    expect(() => decodeNpyText(damaged)).toThrow(FormatError);
    expect(() => decodeNpyText(damaged)).toThrow(sentence);
  });
});

/** The file with a part of its header replaced; the header keeps its length. */
function altered(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf(from);
  const end = text.indexOf(" ", at);
  const changed = (to + text.slice(at + from.length, end)).padEnd(end - at);
  const result = bytes.slice();
  result.set(new TextEncoder().encode(changed), at);
  return result;
}
