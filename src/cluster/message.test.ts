import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import { decodePart, encodePart, MAX_CONTENT_BYTES, PROTOCOL } from "./message.ts";

const data = Float32Array.of(1, -0, NaN, Infinity, 1e-45);
const part = { head: { a: [1, "two", null], b: { c: 0.1 } }, tensors: { x: { shape: [5], data } } };
const DAMAGED = "the message is damaged or was cut short";

function changed(change: (bytes: Uint8Array, view: DataView) => void): Uint8Array {
  const bytes = encodePart(part);
  change(bytes, new DataView(bytes.buffer));
  return bytes;
}

it("carries JSON and arrays, to the bit", () => {
  const { head, tensors } = decodePart(encodePart(part));
  expect(head).toEqual(part.head);
  expect(tensors.x.shape).toEqual([5]);
  expect(new Uint8Array(tensors.x.data.buffer)).toEqual(new Uint8Array(data.buffer));
});

it("makes equal bytes of equal parts", () => {
  expect(encodePart(part)).toEqual(encodePart(structuredClone(part)));
});

it("refuses a number that JSON cannot hold", () => {
  expect(() => encodePart({ head: { loss: NaN } })).toThrow(
    new RangeError("a message's head cannot hold NaN (loss); put it into a tensor"),
  );
});

it("reads no byte string that was cut short anywhere", () => {
  const bytes = encodePart(part);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodePart(bytes.subarray(0, length))).toThrow(FormatError);
  }
});

it("notices every changed byte", () => {
  for (let i = 0; i < encodePart(part).length; i++) {
    const bytes = changed((all) => (all[i] ^= 0x10));
    // A bit of padding after the last block may change without the content.
    try {
      expect(decodePart(bytes).head).toEqual(part.head);
      expect(i).toBeGreaterThanOrEqual(bytes.length - 1);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  }
});

it("names another version of the protocol", () => {
  expect(() => decodePart(changed((bytes) => (bytes[3] = PROTOCOL + 1)))).toThrow(
    "the message is of protocol 2, and this version of neoblast speaks protocol 1",
  );
});

it("believes no length", () => {
  expect(() => decodePart(changed((_, view) => view.setUint32(4, MAX_CONTENT_BYTES + 1, true)))).toThrow(
    `the message would be ${MAX_CONTENT_BYTES + 1} bytes long; at most ${MAX_CONTENT_BYTES} are read`,
  );
  expect(() => decodePart(changed((_, view) => view.setUint32(4, 10, true)))).toThrow(DAMAGED);
  expect(() => decodePart(changed((_, view) => view.setUint32(4, MAX_CONTENT_BYTES, true)))).toThrow(DAMAGED);
});

it("unpacks no more than what is said, of however much there is", () => {
  const bomb = deflateRawSync(new Uint8Array(64 * 2 ** 20));
  const bytes = new Uint8Array(12 + bomb.length);
  bytes.set(encodePart(part).subarray(0, 12));
  bytes.set(bomb, 12);
  const before = process.memoryUsage().arrayBuffers;
  expect(() => decodePart(bytes)).toThrow(DAMAGED);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
});

it("refuses what is no message", () => {
  expect(() => decodePart(new TextEncoder().encode("{}"))).toThrow("not a message of neoblast");
});
