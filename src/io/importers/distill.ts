/**
 * Models published with "Growing Neural Cellular Automata" (Mordvintsev, Randazzo, Niklasson and Levin, Distill 2020),
 * as the article's page loads them: a JSON list of layers in 8 bits.
 */
import * as z from "zod/mini";
import { isEmoji } from "../../data/emoji.ts";
import { FormatError } from "../../errors.ts";
import { rulePresets } from "../../rule/presets.ts";
import { describeFault } from "../../schema.ts";
import { fromBase64 } from "../base64.ts";
import { assemble, type DenseLayer } from "./assemble.ts";
import { DEFAULT_GRID, type Imported, type ImportOptions, notesOn } from "./imported.ts";

const side = z.int().check(z.minimum(1), z.maximum(1024));

const layerSchema = z.object({
  in_ch: side,
  out_ch: side,
  weight_scale: z.number(),
  bias_scale: z.number(),
  /** Bytes of shape (in_ch + 1, out_ch), the bias last; each is (byte / 255 - 0.5) * scale. */
  data_b64: z.string(),
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
    { layers, base: rulePresets[preset], kernels: undefined, order: "kernel" },
    options,
  );
  const mapping = layers.flatMap(({ inputs, outputs }, layer) => [
    {
      from: `layer ${layer}, rows 0 to ${inputs - 1} (${inputs}, ${outputs})`,
      to: `update.${layer}.weight (${inputs}, ${outputs})`,
      how: layer === 0 ? "from 8 bits, rows by kernel to rows by channel" : "from 8 bits",
    },
    {
      from: `layer ${layer}, row ${inputs} (${outputs},)`,
      to: `update.${layer}.bias (${outputs},)`,
      how: "from 8 bits",
    },
  ]);
  const model = { rule, parameters, provenance: { grid: DEFAULT_GRID, ...options.provenance } };
  return { model, mapping, notes: notesOn(model, `the preset ${preset}`) };
}

/** The emoji whose code points end the name of a published file, as in `ex3_1f98e.json`; undefined where none do. */
export function emojiOfFileName(name: string): string | undefined {
  const [, codes] = /[_-]((?:[0-9a-f]{4,5})(?:[_-][0-9a-f]{4,5})*)\.json$/i.exec(name) ?? [];
  const points = codes?.split(/[_-]/).map((code) => Number.parseInt(code, 16)) ?? [];
  const text = String.fromCodePoint(...points);
  return isEmoji(text) ? text : undefined;
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

function decoded(layer: z.infer<typeof layerSchema>, index: number): DenseLayer {
  const { in_ch: inputs, out_ch: outputs, weight_scale: weightScale, bias_scale: biasScale } = layer;
  const bytes = base64(layer.data_b64, index);
  const size = (inputs + 1) * outputs;
  if (bytes.length !== size) {
    throw new FormatError(
      `layers[${index}].data_b64 holds ${bytes.length} bytes; ${inputs} inputs, a bias and ${outputs} outputs need ${size}`,
    );
  }
  const numbers = (from: number, to: number, scale: number) =>
    Float32Array.from(bytes.subarray(from, to), (byte) => (byte / 255 - 0.5) * scale);
  const values = {
    weight: numbers(0, inputs * outputs, weightScale),
    bias: numbers(inputs * outputs, size, biasScale),
  };
  for (const [name, data] of Object.entries(values)) {
    if (!data.every(Number.isFinite))
      throw new FormatError(`layers[${index}].${name}_scale is too large for float32`);
  }
  return { inputs, outputs, ...values };
}

function base64(text: string, layer: number): Uint8Array {
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
