import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { TensorFile } from "../tensor.ts";
import { type ForeignKind, foreignFiles, foreignKind } from "./foreignFile.ts";
import { encodeNpy } from "./npy.ts";
import { encodeNpz } from "./npz.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { decodeTensorFile } from "./tensorFile.ts";

const file: TensorFile = {
  tensors: { a: { shape: [2], data: Float32Array.of(1, 2) } },
  metadata: { layout: "out-in" },
};
const hex = (text: string) =>
  Buffer.concat([Buffer.from(text.replaceAll(" ", ""), "hex"), Buffer.alloc(100)]);
const zip = (...names: string[]) =>
  zipSync(Object.fromEntries(names.map((name) => [name, new Uint8Array(9)])));
/** How others' files begin or end: PyTorch 2.13 and its legacy format, Keras 3, TensorFlow's LevelDB tables, NumPy. */
const foreign: [string, Uint8Array, ForeignKind][] = [
  ["torch.save", zip("t/data.pkl", "t/.format_version", "t/byteorder", "t/data/0"), "torch"],
  ["torch.save, its members in another order", zip("archive/version", "archive/data.pkl"), "torch"],
  ["torch.save, cut short", hex(`504b030400000808${"00".repeat(18)}0a001800742f646174612e706b6c`), "torch"],
  ["torch.save of old", hex("80028a0a6cfc9c46f9206aa85019"), "torch"],
  ["pickle.dump", hex("8004 95f2000000 00000000 7d94 8c067061"), "pickle"],
  [".keras", zip("metadata.json", "config.json", "model.weights.h5"), "keras"],
  [".h5", hex("894844460d0a1a0a"), "hdf5"],
  ["tf.train.Checkpoint", Buffer.from(`${"00".repeat(100)}57fb808b247547db`, "hex"), "tensorflow"],
  ["numpy.save", encodeNpy({ shape: [2], data: Float32Array.of(1, 2) }), "npy"],
];
const nameless = Buffer.from("neither begins nor ends in a way that shows");

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

  it.each(foreign)("says what %s writes, and the line that converts it", (_, bytes, kind) => {
    const { what, input, line } = foreignFiles[kind];
    const message = `${what}; this line converts it, under its own name in place of ${input}: ${line}`;
    expect(() => decodeTensorFile(bytes)).toThrow(new FormatError(message));
    expect(line).toMatch(/^python -c '[^']*"nca\.(?:npz|safetensors)"[^']*'$/);
    expect(line).toContain(`"${input}"`);
  });

  it.each([
    ["ckpt-1.data-00000-of-00001", "tensorflow"],
    ["nca.ckpt", "tensorflow"],
    ["nca.ckpt.index", "tensorflow"],
    ["weights.pkl", "pickle"],
    ["weights.bin", undefined],
  ] as const)("goes by the name where the bytes do not show it: %s", (name, kind) => {
    expect(foreignKind(nameless, name)).toBe(kind);
    expect(decodeTensorFile(encodeSafetensors(file), name).metadata.layout).toBe("out-in");
  });

  it("refuses anything else as no safetensors file", () => {
    expect(() => decodeTensorFile(Buffer.from("hello, world"))).toThrow(/^not a safetensors file/);
  });
});
