import * as z from "zod/mini";
import { FormatError, UserError } from "../errors.ts";
import { type Encoder, encoderSchema, type EncoderSettings, encoderTable } from "../nets/encoder.ts";
import {
  layoutTable,
  type ParameterEntry,
  parameterCount,
  parameterTable,
  tableSize,
} from "../rule/parameters.ts";
import { cellCount, type Plane } from "../rule/grid.ts";
import { axesOf, type Rule } from "../rule/rule.ts";
import { ruleSchema } from "../rule/schema.ts";
import { pictureRuleSchema, splitRule } from "./pictureRule.ts";
import { isWithinChannels, type PictureLayout, type Readout, readoutSchema } from "./readout.ts";
import { isCellWithinChannels } from "./seed.ts";
import { seedsSchema, startSchema } from "./startSchema.ts";
import { isRoomFor, NO_ROOM, seedOutside, type Start, type StartPictures } from "./start.ts";
import { mapRecord } from "../config/records.ts";
import { describeFault, show } from "../config/schema.ts";
import type { Tensor } from "../tensor.ts";
import { VERSION } from "../version.ts";
import { HALF_OVERFLOW } from "../formats/half.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import { parseEntry } from "../formats/metadata.ts";

/** The format of what is written. */
const FORMAT = 2;
/** Those that are read: 1 had the readout and the seed cell in the rule, as `image` and `seed`. */
const FORMATS = [1, FORMAT] as const;
const ENTRY = "neoblast";

const side = z.int().check(z.minimum(1), z.maximum(1 << 24));
const whole = z.int().check(z.minimum(0));

const drawnFields = {
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
};

const provenanceSchema = z.object({
  /** Cells along each axis of the grid that the automaton was trained on: on a plane height and width. */
  grid: z.readonly(z.union([z.tuple([side]), z.tuple([side, side]), z.tuple([side, side, side])])),
  ...drawnFields,
  /** How states are compared with the target: "texture" by what lies in them, wherever it lies. Default: cell by cell. */
  match: z.optional(z.literal("texture")),
  /** The experiment that trained it, where what it does is not to be seen from the rest. */
  experiment: z.optional(z.string().check(z.maxLength(40))),
  /** What each input that is 1 in one place and 0 elsewhere calls for, in order. */
  goals: z.optional(z.array(z.object(drawnFields))),
  /** Mean and standard deviation of each number of the latent vectors of training pictures. */
  latent: z.optional(z.object({ mean: z.array(z.number()), deviation: z.array(z.number()) })),
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
  /** Which channels of its states are a picture, and how; null: none are. */
  readout: Readout | null;
  /** Where its growth starts, and what a seed cell holds. */
  start: Start;
  provenance: Provenance;
  /** What turns a picture into the rule's input. */
  encoder?: Encoder;
  /** Other numbers that were trained along, by name: what they are, the experiment knows that trained them. */
  networks?: Readonly<Record<string, NetworkTensor>>;
}>;

/** Numbers of any shape, row-major. */
export type NetworkTensor = Readonly<{ shape: readonly number[]; data: Float32Array }>;

/** A model whose states have a picture. */
export type PictureModel = Model & PictureLayout;

/** Whether the states of a model have a picture. */
export function hasPicture(model: Model): model is PictureModel {
  return model.readout !== null;
}

/** A model for what needs a picture. @param name what to call it. @throws UserError, one sentence, where its states have none. */
export function withPicture(model: Model, name = "this model"): PictureModel {
  if (hasPicture(model)) return model;
  throw new UserError(
    `${name} has no picture: its readout is null, so none of its states' channels can be drawn as one`,
  );
}

/**
 * Height and width that a model on a plane was trained on, for what needs rows and columns. @param name what to call the model.
 *
 * @throws UserError, one sentence, for one whose grids have one or three axes.
 */
export function modelPlane({ provenance: { grid } }: Model, name = "this model"): Plane {
  if (grid.length === 2) return grid;
  const axes = grid.length === 1 ? "one axis" : "three axes";
  throw new UserError(`${name} runs on grids of ${axes}; this needs rows and columns`);
}

/** Names of tensors that are no other part's, and their shapes. */
const networksSchema = z.record(z.string(), z.array(side).check(z.minLength(1), z.maxLength(4))).check(
  z.refine((networks) => Object.keys(networks).every((name) => /^[a-z]{1,24}\.(?:weight|bias)$/.test(name)), {
    error: "must have names such as symbols.weight",
  }),
  z.refine((networks) => Object.keys(networks).length <= 16, { error: "must be at most 16" }),
);

const sharedFields = {
  version: z.string(),
  provenance: provenanceSchema,
  encoder: z.optional(encoderSchema),
  networks: z.optional(networksSchema),
};

type Shared = Readonly<{
  rule: Pick<Rule, "axes" | "channels" | "inputSize">;
  start?: Readonly<{ seeds: Start["seeds"] }> | undefined;
  provenance: Provenance;
  encoder?: EncoderSettings | undefined;
}>;

/** What parts of an entry have to do with one another, whatever its format. */
const sharedChecks = () => [
  z.refine<Shared>(({ rule, encoder }) => !encoder || encoder.latent === rule.inputSize, {
    path: ["encoder", "latent"],
    error: "must be the rule's inputSize",
  }),
  z.refine<Shared>(({ rule, provenance: { grid } }) => grid.length === axesOf(rule), {
    path: ["provenance", "grid"],
    error: "must have as many numbers as the rule has axes",
  }),
  z.refine<Shared>(({ rule, start }) => !start || start.seeds.every((seed) => seed.length === axesOf(rule)), {
    path: ["start", "seeds"],
    error: "must have as many numbers each as the rule has axes",
  }),
  z.refine<Shared>(({ start, provenance: { grid } }) => !start || seedOutside(start.seeds, grid) < 0, {
    path: ["start", "seeds"],
    error: "must lie within the grid of provenance, counted from its centre cell",
  }),
  z.refine<Shared>(({ rule, provenance: { goals } }) => !goals || goals.length === rule.inputSize, {
    path: ["provenance", "goals"],
    error: "must be as many as the rule's inputSize",
  }),
  z.refine<Shared>(
    ({ rule, provenance: { latent } }) =>
      !latent || (latent.mean.length === rule.inputSize && latent.deviation.length === rule.inputSize),
    { path: ["provenance", "latent"], error: "must hold as many numbers as the rule's inputSize" },
  ),
];

const entrySchema = z
  .object({
    format: z.literal(FORMAT),
    rule: ruleSchema,
    readout: z.nullable(readoutSchema),
    start: startSchema,
    ...sharedFields,
  })
  .check(
    z.refine(({ rule, readout }) => readout === null || isWithinChannels(readout, rule), {
      path: ["readout"],
      error: "must lie within the channels",
    }),
    z.refine(({ rule, start }) => isCellWithinChannels(start.cell, rule), {
      path: ["start", "cell"],
      error: "must be a non-empty range within the channels",
    }),
    z.refine(
      ({ rule, start: { pictures } }) => !pictures || pictures.offset + pictures.channels <= rule.channels,
      { path: ["start", "pictures"], error: "must lie within the channels" },
    ),
    z.refine(({ rule, start: { pictures } }) => !pictures || pictures.grid.length === axesOf(rule), {
      path: ["start", "pictures", "grid"],
      error: "must have as many numbers as the rule has axes",
    }),
    z.refine(
      ({ rule, readout, start: { coordinates } }) =>
        !coordinates || isRoomFor(coordinates, { rule, readout }),
      { path: ["start", "coordinates"], error: NO_ROOM },
    ),
    z.refine(({ rule, start: { coordinates } }) => !coordinates || axesOf(rule) === 2, {
      path: ["start", "coordinates"],
      error: "must be left out: the rule has no rows and columns",
    }),
    ...sharedChecks(),
  );
type Entry = Readonly<z.infer<typeof entrySchema>>;

const firstEntrySchema = z
  .object({
    format: z.literal(1),
    rule: pictureRuleSchema,
    start: z.optional(z.object({ seeds: seedsSchema })),
    ...sharedFields,
  })
  .check(...sharedChecks());

/** The tensor of the pictures that a model starts from: shape (count, ...grid, channels). */
const PICTURES = "start.pictures";

/** The tensors of a model file, but for that. */
function modelTable(rule: Rule, encoder: EncoderSettings | undefined): ParameterEntry[] {
  return layoutTable([...parameterTable(rule), ...(encoder ? encoderTable(encoder) : [])]);
}

/**
 * The bytes of a model file: safetensors with `update.N.weight` (in, out), `update.N.bias` (out), those of the encoder
 * where there is one (`encoderTable`), `start.pictures` (count, ...grid, channels) where it starts from pictures, and a metadata entry `neoblast` with the format, the rule, the readout, the start, the
 * provenance and the encoder's settings as JSON. Equal models give equal bytes.
 *
 * @param options.halfEncoder writes the encoder's tensors as F16, rounded to the nearest, instead of F32; default false.
 * @throws FormatError for a model that `decodeModel` would refuse.
 *
 * @example
 * ```ts
 * import { decodeModel, encodeModel, initialParameters, picturePresets, splitRule } from "neoblast";
 *
 * const { rule, readout, start } = splitRule(picturePresets.distill);
 * const parameters = initialParameters(rule, 1);
 * const bytes = encodeModel({ rule, readout, start, parameters, provenance: { grid: [48, 48] } });
 * const model = decodeModel(bytes);
 * console.log(model.rule.channels, model.parameters.length, model.provenance.grid); // 16 8336 [ 48, 48 ]
 * ```
 */
export function encodeModel(
  { rule, readout, start, provenance, parameters, encoder, networks }: Model,
  { halfEncoder = false }: Readonly<{ halfEncoder?: boolean }> = {},
): Uint8Array<ArrayBuffer> {
  const entry = checked(entrySchema, {
    format: FORMAT,
    version: VERSION,
    rule,
    readout,
    start: countedPictures(start),
    provenance,
    ...(encoder && { encoder: encoder.settings }),
    ...(networks && { networks: mapRecord(networks, ({ shape }) => [...shape]) }),
  });
  const numbers = [parameters, ...(encoder ? [encoder.parameters] : [])];
  const counts = [parameterCount(rule), ...(encoder ? [tableSize(encoderTable(encoder.settings))] : [])];
  const tensors: Record<string, Tensor> = {};
  const half = new Set<string>();
  for (const [i, part] of ["rule", "encoder"].slice(0, numbers.length).entries()) {
    if (numbers[i].length !== counts[i]) {
      throw new FormatError(`${numbers[i].length} parameters do not fit the ${part}, which has ${counts[i]}`);
    }
  }
  for (const { name, shape, offset, size } of modelTable(rule, encoder?.settings)) {
    const [part, first] = offset < counts[0] ? [numbers[0], offset] : [numbers[1], offset - counts[0]];
    const data = part.subarray(first, first + size);
    checkFinite(name, data);
    tensors[name] = { shape, data };
    if (!halfEncoder || part === parameters) continue;
    half.add(name);
    const large = data.find((value) => Math.abs(value) >= HALF_OVERFLOW);
    if (large !== undefined) throw new FormatError(`tensor ${name} holds ${large}, too large for F16`);
  }
  for (const [name, { shape, data }] of Object.entries(networks ?? {})) {
    if (data.length !== shape.reduce((product, size) => product * size, 1)) {
      throw new FormatError(`tensor ${name} has ${data.length} numbers, and the shape [${shape.join(", ")}]`);
    }
    checkFinite(name, data);
    tensors[name] = { shape, data };
  }
  if (start.pictures) tensors[PICTURES] = pictureTensor(start.pictures);
  return encodeSafetensors({ tensors, metadata: { [ENTRY]: JSON.stringify(entry) } }, { half });
}

/**
 * Reads a model file, of this format or an earlier one.
 *
 * @throws FormatError where the file is damaged, is no model, is of a newer format, or its tensors do not fit its rule.
 */
export function decodeModel(bytes: Uint8Array): Model {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { rule, readout, start, provenance, encoder, networks } = readEntry(
    parseEntry(metadata, ENTRY, FORMATS, "model"),
  );
  const table = modelTable(rule, encoder);
  const numbersOf = (name: string, shape: readonly number[]) => {
    const tensor = tensors[name];
    if (!tensor) throw new FormatError(`the model's rule needs a tensor ${name}, which the file lacks`);
    if (!(tensor.data instanceof Float32Array)) throw new FormatError(`tensor ${name} is not of dtype F32`);
    if (tensor.shape.join() !== shape.join()) {
      throw new FormatError(
        `tensor ${name} has shape [${tensor.shape.join(", ")}]; the model's rule needs [${shape.join(", ")}]`,
      );
    }
    checkFinite(name, tensor.data);
    return tensor.data;
  };
  const found = table.map(({ name, shape, offset }) => ({ offset, data: numbersOf(name, shape) }));
  const others = networks && mapRecord(networks, (shape, name) => ({ shape, data: numbersOf(name, shape) }));
  const known = new Set([
    ...table.map(({ name }) => name),
    ...Object.keys(networks ?? {}),
    ...(start.pictures ? [PICTURES] : []),
  ]);
  const extra = Object.keys(tensors).find((name) => !known.has(name));
  if (extra !== undefined) {
    throw new FormatError(`the file holds a tensor ${show(extra)}, for which the model's rule has no use`);
  }
  // Not before all is there: a file may claim any size.
  const numbers = new Float32Array(tableSize(table));
  for (const { offset, data } of found) numbers.set(data, offset);
  const own = parameterCount(rule);
  const parameters = numbers.slice(0, own);
  return {
    rule,
    parameters,
    readout,
    start: withPictures(start, tensors[PICTURES]),
    provenance,
    ...(encoder && { encoder: { settings: encoder, parameters: numbers.slice(own) } }),
    ...(others && { networks: others }),
  };
}

/** An entry of any format that is read, as one of this. */
function readEntry(
  value: Record<string, unknown>,
): Pick<Model, "rule" | "readout" | "provenance"> &
  Pick<Entry, "encoder" | "networks"> &
  Readonly<{ start: CountedStart }> {
  if (value.format === FORMAT) return checked(entrySchema, value);
  const { rule, start, provenance, encoder, networks } = checked(firstEntrySchema, value);
  const { start: planted, ...conventions } = splitRule(rule, start?.seeds);
  return { ...conventions, start: { ...planted, pictures: undefined }, provenance, encoder, networks };
}

type CountedStart = Omit<Start, "pictures"> & Pick<Entry["start"], "pictures">;

/** What an entry says of a start: of its pictures, how many there are. */
function countedPictures({ pictures, ...start }: Start): CountedStart {
  if (!pictures) return start;
  const { data, ...layout } = pictures;
  return { ...start, pictures: { ...layout, count: data.length } };
}

function pictureTensor({ grid, channels, data }: StartPictures): Tensor {
  const size = cellCount(grid) * channels;
  const numbers = new Float32Array(data.length * size);
  for (const [i, picture] of data.entries()) {
    if (picture.length !== size) {
      throw new FormatError(`a start picture has ${picture.length} numbers; it needs ${size}`);
    }
    numbers.set(picture, i * size);
  }
  checkFinite(PICTURES, numbers);
  return { shape: [data.length, ...grid, channels], data: numbers };
}

function withPictures({ pictures, ...start }: CountedStart, tensor: Tensor | undefined): Start {
  if (!pictures) return start;
  const { count, ...layout } = pictures;
  const shape = [count, ...layout.grid, layout.channels];
  if (!tensor || !(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
    throw new FormatError(
      `the model's start needs a tensor ${PICTURES} of dtype F32 and shape [${shape.join(", ")}]`,
    );
  }
  const { data } = tensor;
  checkFinite(PICTURES, data);
  const size = data.length / count;
  return {
    ...start,
    pictures: {
      ...layout,
      data: Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size)),
    },
  };
}

function checked<T extends z.core.$ZodType>(schema: T, value: unknown): z.output<T> {
  const result = z.safeParse(schema, value);
  if (!result.success) throw new FormatError(describeFault(result.error, value, "model"));
  return result.data;
}

function checkFinite(name: string, data: Float32Array): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw new FormatError(`tensor ${name} holds ${data[index]} at position ${index}`);
}
