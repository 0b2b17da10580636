import { FormatError } from "../errors.ts";
import type { Json, Snapshot } from "./snapshot.ts";
import { VERSION } from "../version.ts";
import { parseEntry } from "../formats/metadata.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";

/** Of what a snapshot holds and how: a higher one where training could not go on from an earlier one. */
const FORMAT = 1;
const ENTRY = "neoblast.checkpoint";

/**
 * The bytes of a checkpoint: safetensors with a metadata entry of the snapshot's `meta`, the format and, for
 * information, the package version. Equal snapshots give equal bytes.
 *
 * @throws RangeError where `meta` holds a number that JSON cannot: NaN or an infinity.
 *
 * @example
 * ```ts
 * import { createEngine, loadTarget } from "neoblast/node";
 * import { createGrowing, decodeCheckpoint, encodeCheckpoint, resolveGrowingConfig } from "neoblast/train";
 *
 * const engine = await createEngine();
 * const target = await loadTarget("🦋", { size: 12, padding: 4, premultiplied: true });
 * const training = { steps: 4, batch: 2, pool: { size: 16 }, validation: null };
 * const config = resolveGrowingConfig({ overrides: { training } });
 * const trainer = createGrowing({ engine, config, target });
 * let bytes = new Uint8Array();
 * for await (const { step } of trainer) if (step === 1) bytes = encodeCheckpoint(await trainer.save());
 *
 * // The same training goes on from there, bit for bit.
 * const again = createGrowing({ engine, config, target });
 * await again.restore(decodeCheckpoint(bytes));
 * console.log(again.step); // 2
 * for await (const _ of again);
 * console.log(again.model.every((number, i) => number === trainer.model[i])); // true
 * await engine.dispose();
 * ```
 */
export function encodeCheckpoint({ meta, tensors }: Snapshot): Uint8Array<ArrayBuffer> {
  const entry = JSON.stringify({ format: FORMAT, version: VERSION, meta }, (key, value: Json) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError(`a snapshot's meta cannot hold ${value} (${key}); put it into a tensor`);
    }
    return value;
  });
  return encodeSafetensors({ tensors, metadata: { [ENTRY]: entry } });
}

/**
 * Reads a checkpoint.
 *
 * @throws FormatError where the file is damaged, is no checkpoint, or is of another format.
 */
export function decodeCheckpoint(bytes: Uint8Array): Snapshot {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { meta } = parseEntry(metadata, ENTRY, [FORMAT], "checkpoint");
  if (!isJsonObject(meta)) throw new FormatError("damaged checkpoint: its meta is not an object");
  return { meta, tensors };
}

function isJsonObject(value: unknown): value is Snapshot["meta"] {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
