import { describe, expect, it } from "vitest";
import { FormatError } from "../errors.ts";
import type { Snapshot } from "./snapshot.ts";
import { VERSION } from "../version.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";

const snapshot: Snapshot = {
  meta: { step: 12, rate: 0.1 + 0.2, nested: { list: [1, null, "two", true] } },
  tensors: {
    parameters: { shape: [2, 2], data: Float32Array.of(1, NaN, -0, 3e38) },
    moments: { shape: [3], data: Float64Array.of(1e-300, Math.PI, 2) },
    ages: { shape: [2], data: Uint32Array.of(0, 0xffffffff) },
    scalar: { shape: [], data: Int32Array.of(-5) },
  },
};

const withEntry = (entry: unknown) =>
  encodeSafetensors({
    tensors: {},
    metadata: { "neoblast.checkpoint": JSON.stringify(entry) },
  });

describe("checkpoint", () => {
  it("returns what was written, every number exactly", () => {
    expect(decodeCheckpoint(encodeCheckpoint(snapshot))).toEqual(snapshot);
  });

  it("gives equal bytes for equal snapshots", () => {
    expect(encodeCheckpoint(decodeCheckpoint(encodeCheckpoint(snapshot)))).toEqual(
      encodeCheckpoint(snapshot),
    );
  });

  it("records format and version", () => {
    const { metadata } = decodeSafetensors(encodeCheckpoint(snapshot));
    expect(JSON.parse(metadata["neoblast.checkpoint"])).toMatchObject({ format: 1, version: VERSION });
  });

  it.each([{ version: "0.0.1" }, { version: "99.0.0" }, {}])(
    "reads format 1, whoever wrote it: %j",
    (writer) => {
      const entry = { format: 1, ...writer, meta: { step: 3 } };
      expect(decodeCheckpoint(withEntry(entry))).toEqual({ meta: { step: 3 }, tensors: {} });
    },
  );

  it("refuses to write numbers that JSON would lose", () => {
    expect(() => encodeCheckpoint({ meta: { loss: NaN }, tensors: {} })).toThrow(
      new RangeError("a snapshot's meta cannot hold NaN (loss); put it into a tensor"),
    );
  });

  it.each<[string, unknown, string]>([
    [
      "another format",
      { format: 9, version: "9.0.0", meta: {} },
      "this checkpoint has format 9 (neoblast 9.0.0); this version of neoblast reads format 1",
    ],
    [
      "meta that is a list",
      { format: 1, version: VERSION, meta: [] },
      "damaged checkpoint: its meta is not an object",
    ],
  ])("refuses %s", (_, entry, sentence) => {
    expect(() => decodeCheckpoint(withEntry(entry))).toThrow(new FormatError(sentence));
  });

  it("refuses a model", () => {
    const bytes = encodeSafetensors({ tensors: {}, metadata: { neoblast: "{}" } });
    expect(() => decodeCheckpoint(bytes)).toThrow(/not a checkpoint of neoblast/);
  });

  it("refuses a file cut at any byte", () => {
    const bytes = encodeCheckpoint(snapshot);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrow(FormatError);
    }
  });
});
