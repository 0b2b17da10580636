/**
 * Models published with "Growing Neural Cellular Automata" (Mordvintsev, Randazzo, Niklasson and Levin, Distill 2020),
 * as the article's page loads them and its notebook exports them: a JSON list of layers, in 8 bits or as floats.
 */
import * as z from "zod/mini";
import { isEmoji } from "../data/emoji.ts";
import { FormatError } from "../errors.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { describeFault } from "../config/schema.ts";
import { fromBase64 } from "../formats/base64.ts";
import { fromHalf } from "../formats/half.ts";
import { assemble, type DenseLayer } from "./assemble.ts";
import { DEFAULT_GRID, type Imported, type ImportOptions, notesOn } from "./imported.ts";

const side = z.int().check(z.minimum(1), z.maximum(1024));

const TYPES = ["uint8", "float16", "float32", "float64"] as const;
type Type = (typeof TYPES)[number];

const layerSchema = z.object({
  in_ch: side,
  out_ch: side,
  weight_scale: z.number(),
  bias_scale: z.number(),
  /** Numbers of shape (in_ch + 1, out_ch), the bias last: (byte / 255 - 0.5) * scale, or float * scale, little-endian. */
  data_b64: z.string(),
  /** Of the numbers; the published files, of bytes, do not say. */
  type: z.optional(z.enum(TYPES)),
});
const fileSchema = z.array(layerSchema).check(z.minLength(1), z.maxLength(9));

/** The article's kernels: identity, Sobel along x, Sobel along y. */
const KERNELS = 3;

/**
 * Imports a published model. Its perception, all channels of a kernel together, is brought into our order.
 *
 * @param bytes of the JSON file. The preset is "distill" by default.
 * @throws FormatError where it is not such a file or damaged; UserError where what was stated does not fit it.
 */
export function importDistill(bytes: Uint8Array, options: ImportOptions = {}): Imported {
  const { preset = "distill" } = options;
  const coded = layersOf(bytes);
  const layers = coded.map(decoded);
  checkSizes(layers);
  const { rule, parameters } = assemble(
    { layers, base: picturePresets[preset], kernels: undefined, order: "kernel" },
    options,
  );
  const mapping = layers.flatMap(({ inputs, outputs }, layer) => {
    const from = {
      uint8: "from 8 bits",
      float16: "from float16",
      float32: "",
      float64: "rounded to float32",
    }[coded[layer].type ?? "uint8"];
    const rows = layer === 0 ? ["rows by kernel to rows by channel"] : [];
    return [
      {
        from: `layer ${layer}, rows 0 to ${inputs - 1} (${inputs}, ${outputs})`,
        to: `update.${layer}.weight (${inputs}, ${outputs})`,
        how: [...(from ? [from] : []), ...rows].join(", "),
      },
      {
        from: `layer ${layer}, row ${inputs} (${outputs},)`,
        to: `update.${layer}.bias (${outputs},)`,
        how: from,
      },
    ];
  });
  const model = { ...splitRule(rule), parameters, provenance: { grid: DEFAULT_GRID, ...options.provenance } };
  return { model, mapping, notes: notesOn(model, `the preset ${preset}`) };
}

/**
 * The emoji that ends the name of a published file, itself or by its code points: `ex3_🦎.json`, `ex3_1f98e.json`;
 * undefined where none does.
 */
export function emojiOfFileName(name: string): string | undefined {
  const [, stem] = /^(.{1,200})\.json$/iu.exec(name) ?? [];
  if (stem === undefined) return undefined;
  // Browsers number the copies that they save, and some programs keep a link's escapes.
  const words = unescaped(stem)
    .replace(/ ?\(\d+\)$/, "")
    .split(/[_\-. ]/);
  const last = words[words.length - 1];
  if (isEmoji(last)) return last;
  const after = words.slice(1);
  const codes = after.slice(after.findLastIndex((word) => !/^[0-9a-f]{4,5}$/i.test(word)) + 1);
  const text = String.fromCodePoint(...codes.map((code) => Number.parseInt(code, 16)));
  return isEmoji(text) ? text : undefined;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function layersOf(bytes: Uint8Array): z.infer<typeof fileSchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("not a published Distill model: it is not JSON", { cause });
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  throw new FormatError(`not a published Distill model: ${describeFault(result.error, value, "layers")}`);
}

const WIDTHS: Readonly<Record<Type, number>> = { uint8: 1, float16: 2, float32: 4, float64: 8 };

function decoded(layer: z.infer<typeof layerSchema>, index: number): DenseLayer {
  const {
    in_ch: inputs,
    out_ch: outputs,
    weight_scale: weightScale,
    bias_scale: biasScale,
    type = "uint8",
  } = layer;
  const bytes = base64(layer.data_b64, index);
  const size = (inputs + 1) * outputs;
  if (bytes.length !== size * WIDTHS[type]) {
    throw new FormatError(
      `layers[${index}].data_b64 holds ${bytes.length} bytes; ${inputs} inputs, a bias and ${outputs} outputs of ${type} need ${size * WIDTHS[type]}`,
    );
  }
  const numbers = numbersOf(type, bytes);
  const scaled = (from: number, to: number, scale: number) =>
    Float32Array.from(numbers.subarray(from, to), (value) => value * scale);
  const values = {
    weight: scaled(0, inputs * outputs, weightScale),
    bias: scaled(inputs * outputs, size, biasScale),
  };
  for (const [name, data] of Object.entries(values)) {
    if (data.every(Number.isFinite)) continue;
    throw new FormatError(
      numbers.every(Number.isFinite)
        ? `layers[${index}].${name}_scale is too large for float32`
        : `layers[${index}].data_b64 holds numbers that are not finite`,
    );
  }
  return { inputs, outputs, ...values };
}

/** Before their scale. */
function numbersOf(type: Type, { buffer, length }: Uint8Array<ArrayBuffer>): Float32Array | Float64Array {
  switch (type) {
    case "uint8":
      return Float64Array.from(new Uint8Array(buffer, 0, length), (byte) => byte / 255 - 0.5);
    case "float16":
      return fromHalf(new Uint16Array(buffer));
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    default:
      return type satisfies never;
  }
}

function base64(text: string, layer: number): Uint8Array<ArrayBuffer> {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw new FormatError(`layers[${layer}].data_b64 is not base64`, { cause });
  }
}

function checkSizes(layers: readonly DenseLayer[]): void {
  const { outputs: channels } = layers[layers.length - 1];
  layers.forEach(({ inputs }, i) => {
    const wanted = i === 0 ? KERNELS * channels : layers[i - 1].outputs;
    if (inputs === wanted) return;
    const why = i === 0 ? `${KERNELS} kernels on ${channels} channels` : "what the layer before gives";
    throw new FormatError(`layers[${i}].in_ch is ${inputs}; it must be ${wanted}, ${why}`);
  });
}
