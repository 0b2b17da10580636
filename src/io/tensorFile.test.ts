import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { TensorFile } from "../tensor.ts";
import { encodeNpz } from "./npz.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { decodeTensorFile } from "./tensorFile.ts";

const file: TensorFile = {
  tensors: { a: { shape: [2], data: Float32Array.of(1, 2) } },
  metadata: { layout: "out-in" },
};
/** How torch.save({"a": torch.zeros(3)}) begins in PyTorch 2.13, and in its legacy format. */
const TORCH = `504b030400000808${"00".repeat(18)}0a001800742f646174612e706b6c`;
const LEGACY = "80028a0a6cfc9c46f9206aa85019";

describe("decodeTensorFile", () => {
  it.each([
    ["safetensors", encodeSafetensors(file)],
    ["npz", encodeNpz(file)],
  ])("reads %s", (_, bytes) => {
    const { tensors, metadata } = decodeTensorFile(bytes);
    expect({ ...tensors }).toEqual(file.tensors);
    expect({ ...metadata }).toEqual(file.metadata);
  });

  it("takes no safetensors file for a pickle, whatever its length", () => {
    for (let length = 0; length < 1500; length += 8) {
      const padded = { ...file, metadata: { text: "x".repeat(length) } };
      expect(decodeTensorFile(encodeSafetensors(padded)).metadata.text.length).toBe(length);
    }
  });

  it.each([TORCH, LEGACY])("says what to do about what torch.save writes: %s", (hex) => {
    const bytes = Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(100)]);
    expect(() => decodeTensorFile(bytes)).toThrow(
      new FormatError(
        "this is a file of torch.save, which only Python can read; save the state dict with safetensors.torch.save_file",
      ),
    );
  });

  it("refuses anything else as no safetensors file", () => {
    expect(() => decodeTensorFile(Buffer.from("hello, world"))).toThrow(/^not a safetensors file/);
  });
});
