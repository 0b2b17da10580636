import * as fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { TensorFile } from "../tensor.ts";
import { encodeNpy } from "./npy.ts";
import { encodeNpyText } from "./npyText.ts";
import { decodeNpz, encodeNpz } from "./npz.ts";

const numbers = (length: number) => Float32Array.from({ length }, (_, i) => i / 3);
const file: TensorFile = {
  tensors: {
    "update.0.weight": { shape: [2, 3], data: numbers(6) },
    scale: { shape: [], data: numbers(1) },
    ["__proto__"]: { shape: [0, 4], data: numbers(0) },
  },
  metadata: { rule: '{"channels": 16}', target: "🦎" },
};
const one = encodeNpy({ shape: [4], data: numbers(4) });

/** numpy.savez_compressed(a=[[0, .25, .5], [.75, 1, 1.25]] in f4, d=[.1, -2.5] in f8, h=[1.5] in f2, rule='{"x": "🦎"}', step=3 in i8, z=zeros((40, 50)) in f4), NumPy 2.4. */
const COMPRESSED =
  "UEsDBC0AAAAIAAAAIQAKnACk//////////8FABQAYS5ucHkBABAAmAAAAAAAAABWAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYwaLADEvYMDA5A3ADEC+wBUEsDBC0AAAAIAAAAIQBA8mzt//////////8FABQAZC5ucHkBABAAkAAAAAAAAABPAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAK5ZM0Fgpz0DGLAcAABQSwMELQAAAAgAAAAhAMMXz3X//////////wUAFABoLm5weQEAEACCAAAAAAAAAEYAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmpK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjqaOgq1ChQALgY7AFBLAwQtAAAACAAAACEAIndZvv//////////CAAUAHJ1bGUubnB5AQAQAKgAAAAAAAAAWQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuE2pooK6joJ6WX1RSlJgXn1+UkgqScEvMKU4FihdnJBakAvkamjoKtQqUAK5qBgYGJSCugNJWQKwAZff9ZATTtUAMAFBLAwQtAAAACAAAACEA2ba66P//////////CAAUAHN0ZXAubnB5AQAQAIgAAAAAAAAARgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBLmYGCAAAUEsDBC0AAAAIAAAAIQCeagEn//////////8FABQAei5ucHkBABAAwB8AAAAAAABqAAAAAAAAAO3IIQ6DMBhA4c5yit/9kFQgmFnQOMjMxBRpRgmCAGnJzLJTcOGVK0y/z713dI/2/ryYt/no4OMr6E20Hiu1ouMa9uCWfg2DP3/j5ujTj5PbfOq8Kq1cy8LKV/6UGQAAAAAAAAAAAAAAYH5QSwECLQMtAAAACAAAACEACpwApFYAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEAQPJs7U8AAACQAAAABQAAAAAAAAAAAAAAgAGNAAAAZC5ucHlQSwECLQMtAAAACAAAACEAwxfPdUYAAACCAAAABQAAAAAAAAAAAAAAgAETAQAAaC5ucHlQSwECLQMtAAAACAAAACEAIndZvlkAAACoAAAACAAAAAAAAAAAAAAAgAGQAQAAcnVsZS5ucHlQSwECLQMtAAAACAAAACEA2ba66EYAAACIAAAACAAAAAAAAAAAAAAAgAEjAgAAc3RlcC5ucHlQSwECLQMtAAAACAAAACEAnmoBJ2oAAADAHwAABQAAAAAAAAAAAAAAgAGjAgAAei5ucHlQSwUGAAAAAAYABgA4AQAARAMAAAAA";

/** Where a member's entry in the archive's directory lies. */
function entryOf(bytes: Uint8Array, member: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = view.getUint32(bytes.length - 22 + 16, true);
  for (let n = 0; n < member; n++) at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  return at;
}

function fieldOf(bytes: Uint8Array, member: number, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(entryOf(bytes, member) + offset, true);
}

/** The archive with a number of a member's entry changed. */
function withField(bytes: Uint8Array, member: number, offset: number, value: number): Uint8Array {
  const result = bytes.slice();
  new DataView(result.buffer).setUint32(entryOf(bytes, member) + offset, value, true);
  return result;
}
const UNPACKED_SIZE = 24;
const zip = (members: Record<string, Uint8Array>) => zipSync(members, { level: 9 });

describe("npz", () => {
  it("returns what was written", () => {
    const read = decodeNpz(encodeNpz(file));
    expect({ ...read.tensors }).toEqual(file.tensors);
    expect({ ...read.metadata }).toEqual(file.metadata);
  });

  it("gives equal bytes for equal content", () => {
    expect(encodeNpz(structuredClone(file))).toEqual(encodeNpz(file));
  });

  it("reads what NumPy writes, compressed too", () => {
    const { tensors, metadata } = decodeNpz(Uint8Array.from(Buffer.from(COMPRESSED, "base64")));
    expect({ ...metadata }).toEqual({ rule: '{"x": "🦎"}' });
    expect({ ...tensors }).toEqual({
      a: { shape: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) },
      d: { shape: [2], data: Float64Array.of(0.1, -2.5) },
      h: { shape: [1], data: Float32Array.of(1.5) },
      step: { shape: [], data: BigInt64Array.of(3n) },
      z: { shape: [40, 50], data: new Float32Array(2000) },
    });
  });

  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(0), "damaged .npz file: its zip archive cannot be unpacked"],
    ["text", Buffer.from("PK, said the file"), "damaged .npz file: its zip archive cannot be unpacked"],
    [
      "an archive cut short",
      encodeNpz(file).slice(0, -30),
      "damaged .npz file: its zip archive cannot be unpacked",
    ],
    [
      "a text file",
      zip({ "a.npy": one, "note.txt": one }),
      'not a .npz file as numpy.savez writes it: it holds "note.txt"',
    ],
    ["a folder", zip({ "a/": new Uint8Array(0) }), 'not a .npz file as numpy.savez writes it: it holds "a/"'],
    ["two arrays of one name", twins(), 'damaged .npz file: it holds two arrays "a.npy"'],
    [
      "what is no array",
      zip({ "a.npy": Buffer.from("hello") }),
      'array "a": not a .npy file as numpy.save writes it',
    ],
    [
      "several texts",
      zip({
        "a.npy": encodeNpyText("ab").map((byte, i, all) => (byte === 41 && all[i - 1] === 40 ? 32 : byte)),
      }),
      'array "a": the array holds texts',
    ],
    [
      "more arrays than a model could need",
      zip(Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`${i}.npy`, new Uint8Array(0)]))),
      "the .npz file holds more than 4096 arrays",
    ],
    [
      "arrays too large together",
      withField(
        withField(zip({ "a.npy": one, "b.npy": one }), 0, UNPACKED_SIZE, 2 ** 27),
        1,
        UNPACKED_SIZE,
        2 ** 27 + 1,
      ),
      "the arrays of the .npz file have more than 256 MiB together",
    ],
    [
      "one that would unpack to more than it says",
      withField(zip({ "a.npy": new Uint8Array(2 ** 20).map((_, i) => i % 251) }), 0, UNPACKED_SIZE, 100),
      'damaged .npz file: the size of "a.npy" is not what it says',
    ],
    ["a stored one of another size", withField(encodeNpz(file), 0, UNPACKED_SIZE, 7), "is not what it says"],
    [
      "one that unpacks to less than it says",
      withField(zip({ "a.npy": one }), 0, UNPACKED_SIZE, 60),
      'damaged .npz file: the content of "a.npy" does not match its checksum',
    ],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(() => decodeNpz(bytes)).toThrow(FormatError);
    expect(() => decodeNpz(bytes)).toThrow(sentence);
  });

  it("unpacks a bomb no further than it says", () => {
    // 16 MiB of zeros in 16 KiB, that claims to be 20 KiB.
    const bomb = withField(zip({ "a.npy": new Uint8Array(2 ** 24) }), 0, UNPACKED_SIZE, 20_000);
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => decodeNpz(bomb)).toThrow(
      new FormatError('damaged .npz file: the content of "a.npy" does not match its checksum'),
    );
  });

  it.each<[string, (tensors: Record<string, Uint8Array>) => Uint8Array]>([
    ["stored", (members) => zipSync(members, { level: 0 })],
    ["compressed", (members) => zipSync(members, { level: 9 })],
  ])("refuses any flipped bit of an array that is %s, and names it", (_, pack) => {
    const good = pack({ "a.npy": one, "b.npy": encodeNpy({ shape: [600], data: numbers(600) }) });
    const { tensors } = decodeNpz(good);
    const data = fieldOf(good, 1, 42) + 30 + "b.npy".length;
    const end = data + fieldOf(good, 1, 20);
    for (let bit = 8 * data; bit < 8 * end; bit += 101) {
      const flipped = good.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => decodeNpz(flipped)).toThrow(/^damaged \.npz file: .*"b\.npy"/);
    }
    expect(tensors.b.data).toEqual(numbers(600));
  });

  it("refuses a checksum and a name that the archive gives differently", () => {
    const good = encodeNpz(file);
    expect(() => decodeNpz(withField(good, 0, 16, 1))).toThrow(
      'damaged .npz file: the content of "update.0.weight.npy" does not match its checksum',
    );
    expect(() => decodeNpz(good.with(30, "U".charCodeAt(0)))).toThrow(
      'damaged .npz file: two names are given for "update.0.weight.npy"',
    );
  });

  it("meets any damage with FormatError alone", () => {
    const bytes = encodeNpz(file);
    const size = Object.values(file.tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = bytes.slice(0, length);
        if (at < length) damaged[at] = value;
        try {
          const { tensors } = decodeNpz(damaged);
          const read = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
          expect(read).toBeLessThanOrEqual(size);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each<[string, TensorFile]>([
    ["tensor a is not of float32", { tensors: { a: { shape: [1], data: Uint8Array.of(1) } }, metadata: {} }],
    [
      "both a tensor and a text are named a",
      { tensors: { a: { shape: [1], data: numbers(1) } }, metadata: { a: "" } },
    ],
    [
      "3 numbers do not fill the shape (2)",
      { tensors: { a: { shape: [2], data: numbers(3) } }, metadata: {} },
    ],
  ])("does not write what could not be read: %s", (sentence, wrong) => {
    expect(() => encodeNpz(wrong)).toThrow(new RangeError(sentence));
  });
});

/** An archive that lists two members of one name. */
function twins(): Uint8Array {
  const bytes = zip({ "a.npy": one, "b.npy": one });
  const at = bytes.lastIndexOf("b".charCodeAt(0), bytes.length - 22);
  return bytes.with(at, "a".charCodeAt(0));
}
