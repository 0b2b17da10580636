/** What a player page carries beside its model: how play begins, pictures to encode, and a guest model. */
import * as z from "zod/mini";
import { FormatError } from "../errors.ts";
import { describeFault } from "../config/schema.ts";
import { fromBase64, toBase64 } from "../formats/base64.ts";
import { type Model, decodeModel, encodeModel } from "../model/model.ts";
import { jsonForPage } from "../formats/page.ts";

export type PlayerGraft = Readonly<{
  /** Its rule is that of the page's model. */
  model: Model;
  title: string;
  /** Shape (H, W): 1 for a cell that runs this model at first. */
  cells: Uint8Array;
}>;

export type PlayerSettings = Readonly<{
  /** What the page's own model is called. */
  title: string;
  /** Degrees. */
  angle: number;
  /** [row, column] of each place around which the model's seeds are planted. */
  seeds: readonly (readonly [number, number])[];
  /** The input of cells at first; undefined where the page is to choose. */
  input: Float32Array | undefined;
  /** Pictures for the encoder, shape (H, W, K) each, 255 for 1. */
  examples: readonly Uint8Array[];
  graft: PlayerGraft | undefined;
}>;

const place = z.int().check(z.minimum(0));

const settingsSchema = z.strictObject({
  title: z.string(),
  angle: z.number(),
  seeds: z.array(z.tuple([place, place])),
  input: z.nullable(z.array(z.number())),
  examples: z.array(z.string()),
  graft: z.nullable(z.strictObject({ model: z.string(), title: z.string(), cells: z.string() })),
});

/** The settings as JSON that may stand in a page's script element. FormatError for a model that cannot be encoded. */
export function encodeSettings({ input, examples, graft, ...rest }: PlayerSettings): string {
  return jsonForPage({
    ...rest,
    input: input ? [...input] : null,
    examples: examples.map(toBase64),
    graft: graft
      ? { model: toBase64(encodeModel(graft.model)), title: graft.title, cells: toBase64(graft.cells) }
      : null,
  });
}

/** @throws FormatError where they are damaged. */
export function decodeSettings(text: string): PlayerSettings {
  const value = parseJson(text);
  const result = settingsSchema.safeParse(value);
  if (!result.success) throw new FormatError(describeFault(result.error, value, "page"));
  const { input, examples, graft, ...rest } = result.data;
  return {
    ...rest,
    input: input === null ? undefined : Float32Array.from(input),
    examples: examples.map(fromBase64),
    graft:
      graft === null
        ? undefined
        : {
            model: decodeModel(fromBase64(graft.model)),
            title: graft.title,
            cells: fromBase64(graft.cells),
          },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError("its settings are damaged", { cause });
  }
}
