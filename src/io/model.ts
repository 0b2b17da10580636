import * as z from "zod/mini";
import { FormatError } from "../errors.ts";
import { parameterCount, parameterTable, parameterViews } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { ruleSchema } from "../rule/schema.ts";
import { describeFault } from "../schema.ts";
import type { Tensor } from "../tensor.ts";
import { VERSION } from "../version.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { parseEntry } from "./metadata.ts";

const FORMAT = 1;
const ENTRY = "neoblast";

const side = z.int().check(z.minimum(1), z.maximum(1 << 24));
const whole = z.int().check(z.minimum(0));

const provenanceSchema = z.object({
  /** Height and width in cells that the automaton was trained on. */
  grid: z.readonly(z.tuple([side, side])),
  /** What it draws, in words. */
  target: z.optional(z.string()),
  /** The same, for `loadTarget`: an emoji or the name of a picture file, its longest side and the padding in cells. */
  picture: z.optional(
    z.object({
      source: z.string(),
      size: z.int().check(z.minimum(4), z.maximum(512)),
      padding: z.int().check(z.minimum(0), z.maximum(256)),
    }),
  ),
  /** Training steps taken. */
  steps: z.optional(whole),
  /** Seed of the training run. */
  seed: z.optional(z.int().check(z.minimum(0), z.maximum(0xffffffff))),
  /** Engine build that trained it (`Engine.build`), on which the bits depend. */
  build: z.optional(z.string()),
  /** Loss at the end of training. */
  loss: z.optional(z.number()),
});

/** How a model came about. */
export type Provenance = Readonly<z.infer<typeof provenanceSchema>>;

/** A trained automaton. */
export type Model = Readonly<{
  rule: Rule;
  /** Flat, by `parameterTable(rule)`. */
  parameters: Float32Array;
  provenance: Provenance;
}>;

const entrySchema = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  rule: ruleSchema,
  provenance: provenanceSchema,
});

/**
 * The bytes of a model file: safetensors with `update.N.weight` (in, out), `update.N.bias` (out) and a metadata
 * entry `neoblast` with the rule and provenance as JSON. Equal models give equal bytes.
 *
 * @throws FormatError for a model that `decodeModel` would refuse.
 */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const { rule, provenance, parameters } = model;
  if (parameters.length !== parameterCount(rule)) {
    throw new FormatError(
      `${parameters.length} parameters do not fit the rule, which has ${parameterCount(rule)}`,
    );
  }
  const entry = checkedEntry({ format: FORMAT, version: VERSION, rule, provenance });
  const views = parameterViews(rule, parameters);
  const tensors: Record<string, Tensor> = {};
  for (const { name, shape } of parameterTable(rule)) {
    checkFinite(name, views[name]);
    tensors[name] = { shape, data: views[name] };
  }
  return encodeSafetensors({ tensors, metadata: { [ENTRY]: JSON.stringify(entry) } });
}

/**
 * Reads a model file.
 *
 * @throws FormatError where the file is damaged, is no model, is of a newer format, or its tensors do not fit its rule.
 */
export function decodeModel(bytes: Uint8Array): Model {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { rule, provenance } = checkedEntry(parseEntry(metadata, ENTRY, FORMAT, "model"));
  const parameters = new Float32Array(parameterCount(rule));
  const table = parameterTable(rule);
  for (const { name, shape, offset } of table) {
    const tensor = tensors[name];
    if (!tensor) throw new FormatError(`the model's rule needs a tensor ${name}, which the file lacks`);
    if (!(tensor.data instanceof Float32Array)) throw new FormatError(`tensor ${name} is not of dtype F32`);
    if (tensor.shape.join() !== shape.join()) {
      throw new FormatError(
        `tensor ${name} has shape [${tensor.shape.join(", ")}]; the model's rule needs [${shape.join(", ")}]`,
      );
    }
    checkFinite(name, tensor.data);
    parameters.set(tensor.data, offset);
  }
  const known = new Set(table.map(({ name }) => name));
  const extra = Object.keys(tensors).find((name) => !known.has(name));
  if (extra !== undefined) {
    throw new FormatError(
      `the file holds a tensor ${JSON.stringify(extra)}, for which the model's rule has no use`,
    );
  }
  return { rule, parameters, provenance };
}

function checkedEntry(value: unknown): z.infer<typeof entrySchema> {
  const result = entrySchema.safeParse(value);
  if (!result.success) throw new FormatError(describeFault(result.error, value, "model"));
  return result.data;
}

function checkFinite(name: string, data: Float32Array): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw new FormatError(`tensor ${name} holds ${data[index]} at position ${index}`);
}
