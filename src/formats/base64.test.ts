import { expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";

it("returns what was written, in the usual letters, whatever the length", () => {
  for (const length of [0, 1, 2, 3, 0x8000, 0x8001, 200_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    const text = toBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(fromBase64(text)).toEqual(bytes);
  }
});

it("refuses what is no base64", () => {
  expect(() => fromBase64("a!")).toThrow(new FormatError("its text is damaged"));
});
