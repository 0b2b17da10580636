/**
 * Models published with "Self-Organising Textures" (Niklasson, Mordvintsev, Randazzo and Levin, Distill 2021), as the article's page
 * loads them: one JSON file of many models, whose weights lie side by side in two PNG pictures, one for each layer.
 *
 * Their numbers are held within bounds: states in [-2, 2], hidden units in [0, 2]. A rule has no bounds, so each is made of
 * hidden units ({@link bounded}). Their colours are x / 2 + 0.5; so are our states, and x / 2 in the hidden channels. What the
 * article's page also rounds to 8 bits, and what it bounds of perceptions and updates, is left as it is.
 */
import { decode } from "fast-png";
import * as z from "zod/mini";
import { describeFault } from "../config/schema.ts";
import { FormatError, UserError } from "../errors.ts";
import { fromBase64 } from "../formats/base64.ts";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { assemble, type DenseLayer } from "./assemble.ts";
import { DEFAULT_GRID, type Imported, type ImportOptions, notesOn } from "./imported.ts";

const side = z.int().check(z.minimum(1), z.maximum(1024));
const pair = <T extends z.ZodMiniType>(of: T) => z.tuple([of, of]);

const layerSchema = z.object({
  /** A weight is (byte - 127) / 255 * scale. */
  scale: z.number(),
  /** "data:image/PNG;base64," and a PNG of 8 bits: four outputs are the red, green, blue and alpha of a pixel. */
  data: z.string(),
  /** Inputs and one more, the bias, which is the last row; outputs. */
  shape: pair(side),
  /** Models side by side, and below one another; model n is the (n mod first)-th of its row. */
  layout: pair(side),
});
const fileSchema = z.object({
  model_names: z.array(z.string()).check(z.minLength(1), z.maxLength(4096)),
  layers: z.tuple([layerSchema, layerSchema]),
});
type File = z.infer<typeof fileSchema>;
type Layer = z.infer<typeof layerSchema>;

/** The article's: identity, Sobel along x and y, Laplacian; the last of them is twice ours. */
const KERNELS = 4;
const LAPLACIAN = 3;
/** Of a number of theirs, in ours. */
const HALF = 0.5;
/** States lie within so many of 0. */
const BOUND = 2;
const COLOURS = 3;

const rule: PictureRule = {
  ...picturePresets.distill,
  kernels: ["identity", "sobelX", "sobelY", "laplacian"],
  boundary: "wrap",
  outputBias: true,
  alive: { mask: "none", channel: COLOURS, threshold: 0.1 },
  image: { offset: 0, channels: COLOURS, premultiplied: true },
  seed: { ...picturePresets.distill.seed, ground: HALF },
};

/** What a file of textures does not say. */
export type TextureImportOptions = ImportOptions &
  Readonly<{
    /** Which model, by the end of its name; where the file holds one, it need not be said. */
    model?: string | undefined;
  }>;

/**
 * Imports one of the published textures.
 *
 * @param bytes of the JSON file.
 * @throws FormatError where it is not such a file or damaged; UserError (exit status 2) where no model, or more than one, has that
 *   name, or what was stated does not fit it.
 */
export function importTextures(bytes: Uint8Array, options: TextureImportOptions = {}): Imported {
  const file = fileOf(bytes);
  const index = numberOf(file.model_names, options.model);
  const [seen, said] = file.layers.map((layer, place) => tileOf(layer, place, index));
  const layers = bounded(seen, said);
  const { rule: own, parameters } = assemble(
    { layers, base: rule, kernels: undefined, order: "kernel" },
    options,
  );
  const target = file.model_names[index].split("/").at(-1);
  const model = {
    ...splitRule(own, []),
    parameters,
    provenance: { grid: DEFAULT_GRID, target, match: "texture" as const, ...options.provenance },
  };
  const mapping = [seen, said].map(({ inputs, outputs }, n) => ({
    from: `layer ${n}, model ${index} of ${file.model_names.length} (${inputs + 1}, ${outputs})`,
    to: `update.${n}`,
    how:
      n === 0
        ? "from 8 bits, rows by kernel to rows by channel, bounded"
        : "from 8 bits, bounded with update.2",
  }));
  return { model, mapping, notes: notesOn(model, "the article") };
}

function fileOf(bytes: Uint8Array): File {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("no file of published textures: it is not JSON", { cause });
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  throw new FormatError(`no file of published textures: ${describeFault(result.error, value, "file")}`);
}

const MOST_NAMED = 8;

function numberOf(names: readonly string[], model: string | undefined): number {
  const found = names.flatMap((name, i) =>
    model === undefined || name === model || name.endsWith(`/${model}`) ? [i] : [],
  );
  if (found.length === 1) return found[0];
  const short = names.slice(0, MOST_NAMED).map((name) => name.split("/").at(-1));
  const list = `${short.join(", ")}${names.length > MOST_NAMED ? " and so on" : ""}`;
  const one = `name one of its ${names.length} models with --model: ${list}`;
  const quoted = JSON.stringify(model);
  const fault =
    found.length > 1
      ? `${found.length} models of the file end with ${quoted}; `
      : `no model of the file ends with ${quoted}; `;
  throw new UserError(model === undefined ? one : fault + one, { exitCode: 2 });
}

/** A model's numbers of one layer. */
function tileOf({ scale, data, shape, layout }: Layer, place: number, index: number): DenseLayer {
  const [rows, outputs] = shape;
  const [across, down] = layout;
  const where = `layers[${place}]`;
  if (rows < 2 || outputs % 4 !== 0) {
    throw new FormatError(`${where}.shape is ${rows} x ${outputs}; it must be 2 rows or more of fours`);
  }
  if (index >= across * down) {
    throw new FormatError(`${where}.layout has room for ${across * down} models; the file names more`);
  }
  const pixels = outputs / 4;
  const { width, height, channels, depth, data: numbers } = pictureOf(data, where);
  if (width !== across * pixels || height !== down * rows || channels !== 4 || depth !== 8) {
    throw new FormatError(
      `${where}.data is a picture of ${width} x ${height} with ${channels} channels of ${depth} bits; it must be ${across * pixels} x ${down * rows} with 4 of 8`,
    );
  }
  const top = Math.floor(index / across) * rows;
  const left = (index % across) * pixels;
  const row = (r: number) =>
    Array.from(
      numbers.subarray(((top + r) * width + left) * 4, ((top + r) * width + left + pixels) * 4),
      (byte) => ((byte - 127) / 255) * scale,
    );
  const weight = Float32Array.from(Array.from({ length: rows - 1 }, (_, r) => row(r)).flat());
  const bias = Float32Array.from(row(rows - 1));
  if (![...weight, ...bias].every(Number.isFinite)) {
    throw new FormatError(`${where}.scale is too large for float32`);
  }
  return { inputs: rows - 1, outputs, weight, bias };
}

const PREFIX = /^data:image\/png;base64,/iu;
/** Longer pictures are refused before they are unpacked. */
const MAX_TEXT = 2 ** 24;

function pictureOf(text: string, where: string): ReturnType<typeof decode> {
  if (!PREFIX.test(text) || text.length > MAX_TEXT) {
    throw new FormatError(
      `${where}.data must be a PNG picture as "data:image/png;base64,...", at most ${MAX_TEXT} characters long`,
    );
  }
  try {
    return decode(fromBase64(text.replace(PREFIX, "")), { checkCrc: true });
  } catch (cause) {
    throw new FormatError(`${where}.data is no PNG picture, or damaged`, { cause });
  }
}

/** What a channel of ours is where theirs is 0. */
const middle = (c: number) => (c < COLOURS ? HALF : 0);

/** A layer of zeros, and a way to set a weight of it. */
function emptyLayer(inputs: number, outputs: number) {
  const weight = new Float32Array(inputs * outputs);
  const bias = new Float32Array(outputs);
  const set = (input: number, output: number, value: number) => (weight[input * outputs + output] = value);
  return { layer: { inputs, outputs, weight, bias }, set };
}

/**
 * Layers of our states, with hidden units that hold numbers within the article's bounds:
 *
 * 1. of each of its hidden units h: max(h, 0) and max(h - 2, 0); of each channel s: max(s, 0) and max(-s, 0);
 * 2. of each channel, with d what is added to it and [l, u] its bounds: max(d, 0), max(-d, 0), max(s + d - u, 0) and max(l - s - d, 0);
 * 3. the first of these less the second, less the third, and the fourth: min(max(s + d, l), u) - s.
 */
function bounded(seen: DenseLayer, said: DenseLayer): DenseLayer[] {
  const { outputs: channels } = said;
  const { inputs, outputs: units } = seen;
  if (inputs !== KERNELS * channels || said.inputs !== units) {
    throw new FormatError(
      `the layers take ${inputs} and ${said.inputs} numbers; ${KERNELS} kernels on ${channels} channels and ${units} hidden units make ${KERNELS * channels} and ${units}`,
    );
  }
  const first = emptyLayer(inputs, 2 * units + 2 * channels);
  const second = emptyLayer(first.layer.outputs, 4 * channels);
  const third = emptyLayer(second.layer.outputs, channels);
  for (let j = 0; j < units; j++) {
    let own = seen.bias![j];
    for (let i = 0; i < inputs; i++) {
      const [kernel, c] = [Math.floor(i / channels), i % channels];
      const value = (seen.weight[i * units + j] * (kernel === LAPLACIAN ? 2 : 1)) / HALF;
      first.set(i, j, value);
      first.set(i, units + j, value);
      // All other kernels see no difference between a state and one that is lighter everywhere.
      if (kernel === 0) own -= value * middle(c);
    }
    first.layer.bias[j] = own;
    first.layer.bias[units + j] = own - BOUND;
  }
  for (let c = 0; c < channels; c++) {
    const [plus, minus, over, under] = [0, 1, 2, 3].map((n) => n * channels + c);
    for (const [n, sign] of [1, -1].entries()) {
      const unit = 2 * units + n * channels + c;
      first.set(c, unit, sign);
      second.set(unit, over, sign);
      second.set(unit, under, -sign);
    }
    for (const [output, sign] of [
      [plus, 1],
      [minus, -1],
      [over, 1],
      [under, -1],
    ]) {
      for (let j = 0; j < units; j++) {
        const value = sign * HALF * said.weight[j * channels + c];
        second.set(j, output, value);
        second.set(units + j, output, -value);
      }
      second.layer.bias[output] = sign * HALF * said.bias![c];
    }
    second.layer.bias[over] -= middle(c) + HALF * BOUND;
    second.layer.bias[under] += middle(c) - HALF * BOUND;
    third.set(plus, c, 1);
    third.set(minus, c, -1);
    third.set(over, c, -1);
    third.set(under, c, 1);
  }
  return [first.layer, second.layer, { ...third.layer, bias: undefined }];
}
