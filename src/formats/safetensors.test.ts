import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const example = () =>
  encodeSafetensors({
    tensors: {
      b: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-40, Infinity) },
      a: { shape: [3], data: Uint8Array.of(1, 2, 255) },
      empty: { shape: [0, 7], data: new Float64Array(0) },
    },
    metadata: { format: "test" },
  });

/** A file with this header and this many zero bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: unknown, data_offsets: unknown) => ({ dtype: "F32", shape, data_offsets });

function complaint(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  return "no error";
}

const tensorOf = (shape: number[], bits: Uint8Array, kind: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const arrays = [Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array, BigInt64Array] as const;
  const bytes = Uint8Array.from({ length: size * 8 }, (_, i) => bits[i % bits.length]);
  return { shape, data: new arrays[kind](bytes.buffer, 0, size) };
};
const tensors = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "0")),
  fc
    .tuple(fc.array(fc.nat(4), { maxLength: 4 }), fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(5))
    .map((parts) => tensorOf(...parts)),
  { maxKeys: 6 },
);
const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 });

const bytesOf = ({ data }: Tensor) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

describe("safetensors", () => {
  it("returns what was written, bit for bit, whatever the names", () => {
    fc.assert(
      fc.property(tensors, metadata, (written, notes) => {
        const read = decodeSafetensors(encodeSafetensors({ tensors: written, metadata: notes }));
        expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(notes)));
        expect(Object.keys(read.tensors).toSorted()).toEqual(Object.keys(written).toSorted());
        for (const [name, tensor] of Object.entries(written)) {
          expect(read.tensors[name].shape).toEqual(tensor.shape);
          expect(read.tensors[name].data.constructor).toBe(tensor.data.constructor);
          expect(bytesOf(read.tensors[name])).toEqual(bytesOf(tensor));
        }
      }),
    );
  });

  it("writes the documented layout: length, padded JSON, widest tensors first", () => {
    const bytes = example();
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({
      __metadata__: { format: "test" },
      empty: { dtype: "F64", shape: [0, 7], data_offsets: [0, 0] },
      b: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      a: { dtype: "U8", shape: [3], data_offsets: [24, 27] },
    });
    expect([...bytes.subarray(-3)]).toEqual([1, 2, 255]);
  });

  it("gives equal bytes for equal content in any order", () => {
    const a: Tensor = { shape: [1], data: Float32Array.of(1) };
    const b: Tensor = { shape: [1], data: Float32Array.of(2) };
    expect(encodeSafetensors({ tensors: { a, b }, metadata: {} })).toEqual(
      encodeSafetensors({ tensors: { b, a }, metadata: {} }),
    );
  });

  it("copies out of a file at an odd address, also out of a Node Buffer", () => {
    const padded = Buffer.concat([Buffer.of(0), example()]).subarray(1);
    const { data } = decodeSafetensors(padded).tensors.b;
    padded.fill(7);
    expect(data).toEqual(Float32Array.of(1, -2, 3.5, 0, 1e-40, Infinity));
  });

  it("writes chosen tensors as F16, after wider and before narrower ones, and reads them as float32", () => {
    const wide: Tensor = { shape: [1], data: Float32Array.of(0.1) };
    const chosen: Tensor = { shape: [3], data: Float32Array.of(0.1, -1, 65519) };
    const bytes: Tensor = { shape: [1], data: Uint8Array.of(7) };
    const written = encodeSafetensors(
      { tensors: { chosen, bytes, wide }, metadata: {} },
      { half: new Set(["chosen", "bytes"]) },
    );
    const length = Number(new DataView(written.buffer).getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(written.subarray(8, 8 + length)))).toEqual({
      wide: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
      chosen: { dtype: "F16", shape: [3], data_offsets: [4, 10] },
      bytes: { dtype: "U8", shape: [1], data_offsets: [10, 11] },
    });
    const { tensors: read } = decodeSafetensors(written);
    // The half nearest to 0.1 is 1638 / 2^14.
    expect(read.chosen).toEqual({ shape: [3], data: Float32Array.of(1638 / 2 ** 14, -1, 65504) });
    expect(read.bytes).toEqual(bytes);
    expect(read.wide).toEqual(wide);
  });

  it("reads BF16 as float32", () => {
    const written = file({ x: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } }, 4);
    written.set([0xc0, 0x3f, 0x49, 0xc0], written.length - 4);
    expect(decodeSafetensors(written).tensors.x.data).toEqual(Float32Array.of(1.5, -3.140625));
  });

  it("refuses to write data that do not fill their shape", () => {
    const bad = { x: { shape: [2, 2], data: new Float32Array(3) } };
    expect(() => encodeSafetensors({ tensors: bad, metadata: {} })).toThrow(
      new RangeError("tensor x: 3 numbers do not fill the shape [2,2]"),
    );
  });

  it("refuses a file cut at any byte", () => {
    const bytes = example();
    for (let length = 0; length < bytes.length; length++) {
      expect(complaint(bytes.subarray(0, length))).toMatch(/safetensors file/);
    }
    expect(complaint(new Uint8Array([...bytes, 0]))).toMatch(/its tensors take 27 bytes, but 28 follow/);
  });

  it("meets flipped bits with FormatError alone, and never with more data than the file holds", () => {
    const bytes = example();
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length * 8 - 1), { minLength: 1, maxLength: 4 }), (positions) => {
        const damaged = bytes.slice();
        for (const bit of positions) damaged[bit >> 3] ^= 1 << (bit & 7);
        try {
          const read = Object.values(decodeSafetensors(damaged).tensors);
          expect(read.reduce((sum, { data }) => sum + data.byteLength, 0)).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["empty file", new Uint8Array(0), /0 bytes are too few/],
    ["length of 2^64 - 1", new Uint8Array(64).fill(255), /header would be 18446744073709552000 bytes/],
    ["length beyond the file", file("{}").subarray(0, 9), /header needs 10 bytes, but the file has 9/],
    ["header of random bytes", file("\u0000\u0001"), /header is not JSON in UTF-8/],
    ["header of broken UTF-8", Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xc3, 0x28, 0x7d), /UTF-8/],
    ["deeply nested header", file("[".repeat(200_000)), /header is not JSON/],
    ["header that is a list", file([]), /not a JSON object/],
    ["metadata that is no object", file({ __metadata__: 3 }), /__metadata__ is not an object/],
    ["metadata that is no text", file({ __metadata__: { a: 1 } }), /metadata entry "a" is not text/],
    ["tensor that is null", file({ x: null }), /tensor "x" has no description/],
    ["no dtype", file({ x: { shape: [], data_offsets: [0, 4] } }, 4), /"x" has no dtype/],
    [
      "unread dtype",
      file({ x: { dtype: "F8_E5M2", shape: [], data_offsets: [0, 1] } }, 1),
      /dtype "F8_E5M2"; only F64, I64, F32, I32, U32, U8, F16, BF16 can be read/,
    ],
    [
      "inherited dtype",
      file({ x: { dtype: "toString", shape: [0], data_offsets: [0, 0] } }),
      /dtype "toString"/,
    ],
    ["shape that is text", file({ x: f32("2", [0, 8]) }, 8), /not a list of whole numbers/],
    ["negative shape", file({ x: f32([-1, -1], [0, 4]) }, 4), /not a list of whole numbers/],
    ["fractional shape", file({ x: f32([0.5, 2], [0, 4]) }, 4), /not a list of whole numbers/],
    ["shape that overflows", file({ x: f32([2 ** 40, 2 ** 40, 0], [0, 0]) }), /too large to count/],
    ["bytes that overflow", file({ x: f32([2 ** 52], [0, 4]) }, 4), /too large to count/],
    [
      "absurd shape",
      file({ x: f32([2 ** 40], [0, 4]) }, 4),
      /spans 4 bytes, but its shape and dtype need 4398046511104/,
    ],
    [
      "absurd shape and offsets",
      file({ x: f32([2 ** 40], [0, 2 ** 42]) }, 4),
      /take 4398046511104 bytes, but 4 follow/,
    ],
    ["offsets missing", file({ x: { dtype: "F32", shape: [1] } }, 4), /no pair of offsets/],
    ["three offsets", file({ x: f32([1], [0, 4, 8]) }, 8), /no pair of offsets/],
    ["negative offset", file({ x: f32([1], [-4, 0]) }, 4), /no pair of offsets/],
    ["offsets turned round", file({ x: f32([1], [4, 0]) }, 4), /ends at byte 0, before it begins at 4/],
    ["overlap", file({ x: f32([2], [0, 8]), y: f32([2], [4, 12]) }, 12), /"y" overlaps the tensor before it/],
    ["gap", file({ x: f32([1], [0, 4]), y: f32([1], [8, 12]) }, 12), /"y" leaves a gap before it/],
    ["trailing bytes", file({ x: f32([1], [0, 4]) }, 8), /take 4 bytes, but 8 follow/],
    [
      "the same tensor twice",
      file(
        '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
      /"x" leaves a gap/,
    ],
  ])("refuses: %s", (_, bytes, sentence) => {
    expect(complaint(bytes)).toMatch(sentence);
  });

  it("cuts long names short in messages", () => {
    expect(complaint(file({ ["n".repeat(1000)]: null })).length).toBeLessThan(200);
  });

  it("reads a file written by the format's own library", () => {
    const path = new URL("../../test/golden/article.safetensors", import.meta.url);
    const { tensors: read, metadata: notes } = decodeSafetensors(readFileSync(path));
    expect(read["update.0.weight"].data).toBeInstanceOf(Float32Array);
    expect(read["update.0.weight"].shape).toEqual([48, 36]);
    expect(Object.keys(notes)).toEqual(["rule"]);
  });
});
