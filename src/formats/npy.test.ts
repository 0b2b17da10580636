import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { rulePresets } from "../rule/presets.ts";
import { toHalf } from "./half.ts";
import { decodeNpy, decodeNpyState, decodeNpyTensor, encodeNpy } from "./npy.ts";

/** A version 1 file as NumPy writes it, the header padded so that the data begin at a multiple of 64. */
function numpyFile(descr: string, shape: string, data: ArrayBufferView, fortran = "False"): Uint8Array {
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

const counting = (length: number) => Float32Array.from({ length }, (_, i) => i / 3);

describe("npy", () => {
  it("returns what was written", () => {
    const array = { shape: [2, 3, 1, 4], data: counting(24) };
    expect(decodeNpy(encodeNpy(array))).toEqual(array);
  });

  it("reads what NumPy writes, at an odd address too", () => {
    const bytes = numpyFile("<f4", "(2, 1, 3)", counting(6));
    const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
    expect(decodeNpy(shifted)).toEqual({ shape: [2, 1, 3], data: counting(6) });
  });

  it("rounds float64 to float32", () => {
    const bytes = numpyFile("<f8", "(2,)", Float64Array.of(0.1, 1e-50));
    expect(decodeNpy(bytes)).toEqual({ shape: [2], data: Float32Array.of(0.1, 0) });
  });

  it("reads float16", () => {
    const bytes = numpyFile("<f2", "(3,)", Uint16Array.of(0x3c00, 0xc500, 0x0001));
    expect(decodeNpy(bytes)).toEqual({ shape: [3], data: Float32Array.of(1, -5, 2 ** -24) });
  });

  it.each<[string, number, (view: DataView, at: number, value: number) => void]>([
    [">f2", 2, (view, at, value) => view.setUint16(at, toHalf(Float32Array.of(value))[0])],
    [">f4", 4, (view, at, value) => view.setFloat32(at, value)],
    [">f8", 8, (view, at, value) => view.setFloat64(at, value)],
  ])("reads big-endian numbers: %s", (descr, width, write) => {
    const values = [1.5, -3, 0.25];
    const view = new DataView(new ArrayBuffer(3 * width));
    values.forEach((value, i) => write(view, i * width, value));
    const file = numpyFile(descr, "(3,)", view);
    const before = file.slice();
    expect(decodeNpy(file)).toEqual({ shape: [3], data: Float32Array.from(values) });
    expect(file).toEqual(before);
  });

  it.each<[string, number[]]>([
    ["()", []],
    ["(5,)", [5]],
    ["(2, 3)", [2, 3]],
    ["(3, 1, 2, 4)", [3, 1, 2, 4]],
    ["(2, 0, 3)", [2, 0, 3]],
  ])("reads Fortran order: %s", (text, shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const expected = counting(size);
    // The place of each index in either order, straight from the definition.
    const fortran = new Float32Array(size);
    for (let place = 0; place < size; place++) {
      let [rest, at] = [place, 0];
      const index = shape.map(() => 0);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        index[axis] = rest % shape[axis];
        rest = Math.floor(rest / shape[axis]);
      }
      for (let axis = shape.length - 1; axis >= 0; axis--) at = at * shape[axis] + index[axis];
      fortran[at] = expected[place];
    }
    expect(decodeNpy(numpyFile("<f4", text, fortran, "True"))).toEqual({ shape, data: expected });
  });

  it("reads whole numbers in Fortran order and big-endian at once", () => {
    const view = new DataView(new ArrayBuffer(32));
    [1n, 3n, 2n, 4n].forEach((value, i) => view.setBigInt64(8 * i, value));
    expect(decodeNpyTensor(numpyFile(">i8", "(2, 2)", view, "True"))).toEqual({
      shape: [2, 2],
      data: BigInt64Array.of(1n, 2n, 3n, 4n),
    });
  });

  it("writes a header that NumPy accepts: magic, version, a dict ending in a newline", () => {
    const bytes = encodeNpy({ shape: [1, 2, 3], data: counting(6) });
    const length = bytes[8] + 256 * bytes[9];
    expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    expect(new TextDecoder().decode(bytes.subarray(10, 10 + length))).toMatch(
      /^\{'descr':'<f4','fortran_order':False,'shape':\(1,2,3\)\} *\n$/,
    );
    expect(bytes.length).toBe(10 + length + 24);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["text", new TextEncoder().encode("hello, this is not an array"), /^not a \.npy file/],
    ["an empty file", new Uint8Array(0), /^not a \.npy file/],
    ["integers", numpyFile("<i4", "(2,)", Int32Array.of(1, 2)), /dtype i4; save it with x\.astype\("<f4"\)/],
    ["complex numbers", numpyFile("<c8", "(2,)", counting(4)), /dtype c8/],
    ["big-endian integers", numpyFile(">i4", "(2,)", Int32Array.of(1, 2)), /dtype i4; save it with/],
    ["big-endian complex numbers", numpyFile(">c8", "(2,)", counting(4)), /dtype >c8; save it with/],
    ["big-endian data cut short", numpyFile(">f4", "(3,)", counting(2)), /holds 2 numbers, but/],
    ["Python objects", numpyFile("|O", "(2,)", counting(2)), /dtype \|O; save it/],
    ["text", numpyFile("<U2", "(1,)", Uint32Array.of(65, 66)), /dtype U; save it/],
    ["texts of no length", numpyFile("<U0", "(2,)", Uint32Array.of(65, 66)), /dtype U; save it/],
    ["texts of negative length", numpyFile("<U-1", "(2,)", Uint32Array.of(65, 66)), /dtype U; save it/],
    ["a shape that is negative twice", numpyFile("<f4", "(-2, -1)", counting(2)), /holds 2 numbers/],
    ["data cut short", numpyFile("<f4", "(3,)", counting(2)), /holds 2 numbers, but its shape is \(3\)/],
    ["an absurd shape", numpyFile("<f4", "(99999999, 99999999)", counting(2)), /holds 2 numbers/],
    ["a negative shape", numpyFile("<f4", "(-2,)", counting(2)), /holds 2 numbers/],
    ["a shape of words", numpyFile("<f4", "(x,)", counting(2)), /holds 2 numbers/],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(() => decodeNpy(bytes)).toThrow(FormatError);
    expect(() => decodeNpy(bytes)).toThrow(sentence);
  });

  it("meets any damage with FormatError alone", () => {
    const bytes = numpyFile("<f4", "(2, 1, 3)", counting(6));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = bytes.slice(0, length);
        if (at < length) damaged[at] = value;
        try {
          expect(decodeNpy(damaged).data.byteLength).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("decodeNpyState", () => {
  const { distill } = rulePresets;

  it("takes one state, or the last of several", () => {
    const data = counting(2 * 2 * 3 * 16);
    expect(decodeNpyState(encodeNpy({ shape: [4, 3, 16], data }), distill)).toEqual({
      grid: [4, 3],
      state: data,
    });
    expect(decodeNpyState(encodeNpy({ shape: [2, 2, 3, 16], data }), distill)).toEqual({
      grid: [2, 3],
      state: data.slice(96),
    });
  });

  it.each([[[96]], [[2, 3, 8]], [[0, 3, 16]], [[1, 1, 1, 1, 16]]])("refuses shape %j", (shape) => {
    const data = counting(shape.reduce((a, b) => a * b, 1));
    expect(() => decodeNpyState(encodeNpy({ shape, data }), distill)).toThrow(
      new FormatError(
        `the array has shape (${shape.join(", ")}); a state of this model has (H, W, 16) or (T, H, W, 16)`,
      ),
    );
  });
});
