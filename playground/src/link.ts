/**
 * Links that carry a configuration and, of small models, the weights, in the part of the address that browsers keep to
 * themselves. Layout of `#n1=…`, base64url: CRC-32 of what follows it (4 bytes); then, deflated: length of the header
 * (4 bytes), header (JSON), picture (RGBA), and for each tensor its scales (F32) and its values (int8). Numbers are
 * little-endian. Shorter links, of a small model alone, are read too (`src/exporters/modelLink.ts`).
 */
import { deflateSync, inflateSync } from "fflate";
import * as z from "zod/mini";
import type { Raster } from "../../src/data/image.ts";
import { FormatError, UserError } from "../../src/errors.ts";
import { type ExperimentConfig, parsedBy } from "../../src/experiments/experiment.ts";
import { fromBase64, toBase64 } from "../../src/formats/base64.ts";
import { decodeModelLink, hasModelLink } from "../../src/exporters/modelLink.ts";
import { crc32 } from "../../src/formats/crc32.ts";
import { decodeModel, encodeModel, hasPicture, type Model, withPicture } from "../../src/model/model.ts";
import { parameterTable } from "../../src/rule/parameters.ts";
import { joinRule, pictureRuleSchema, splitRule } from "../../src/model/pictureRule.ts";
import { plantingSchema } from "../../src/model/startSchema.ts";
import { plantingOf } from "../../src/model/start.ts";
import { checkGrid } from "./limits.ts";
import { experimentNamed } from "./training/subjects.ts";
import { FIRST_EXPERIMENT } from "../../src/runs/record.ts";
import { quantise, dequantise, unitsOf } from "../../src/rule/quantisation.ts";

/** What a link carries. */
export type LinkContent = Readonly<{
  title: string;
  /** The one that the configuration is of; default `grow`. */
  experiment?: string;
  config?: ExperimentConfig;
  /** The picture to grow, where the configuration does not name it by an emoji: at most 512 x 512 pixels. */
  picture?: Raster;
  /** Its weights as 8 bits leave them. */
  model?: Model;
}>;

export type Link = Readonly<{
  /** `#n1=…`, for the end of this page's address. */
  fragment: string;
  /** What did not fit and was left out. */
  omitted: readonly ("model" | "picture")[];
}>;

const MARK = "#n1=";
/** Characters of a fragment: longer links break on their way through mail and chat. */
export const MAX_LINK = 32_000;
/** Bytes that a link may decompress to. */
const MAX_CONTENT = 1 << 20;
const MAX_SIDE = 512;

const side = z.int().check(z.minimum(1), z.maximum(MAX_SIDE));
const headerSchema = z.strictObject({
  title: z.string().check(z.maxLength(200)),
  experiment: z.optional(z.string()),
  config: z.optional(z.unknown()),
  picture: z.optional(z.strictObject({ width: side, height: side })),
  model: z.optional(
    z.strictObject({
      rule: pictureRuleSchema,
      provenance: z.custom<Model["provenance"]>(),
      start: z.optional(plantingSchema),
    }),
  ),
});

/**
 * A link of the content, or of as much of it as fits: the model is left out first, then the picture.
 *
 * @throws UserError where not even the rest fits, or where there is only a model and it has an encoder, pictures that it starts from, or no picture.
 */
export function encodeLink(content: LinkContent): Link {
  const { model, picture, ...rest } = content;
  // Weights hardly compress: too many of them are not tried.
  const fits =
    model &&
    hasPicture(model) &&
    !model.encoder &&
    !model.start.pictures &&
    model.parameters.length < MAX_LINK;
  const own = fits ? { model } : {};
  const seen = picture ? { picture } : {};
  for (const kept of [{ ...seen, ...own }, own, seen, {}] satisfies Pick<
    LinkContent,
    "model" | "picture"
  >[]) {
    if (!rest.config && !("model" in kept)) continue;
    const fragment = MARK + toBase64Url(pack({ ...rest, ...kept }));
    if (fragment.length > MAX_LINK) continue;
    return {
      fragment,
      omitted: (["model", "picture"] as const).filter((part) => content[part] && !(part in kept)),
    };
  }
  throw new UserError("this is too large for a link; share its model.safetensors or player.html instead");
}

/** Whether a text, such as `location.hash` or an address, contains such a link. */
export function hasLink(text: string): boolean {
  return /#n\d+=/.test(text) || hasModelLink(text);
}

/**
 * What a link carries.
 *
 * @param text a fragment or a whole address.
 * @throws UserError, one sentence, for a text that is no such link, was cut short, or was not made by this page.
 */
export function decodeLink(text: string): LinkContent {
  const at = text.search(/#n\d+=/);
  if (at < 0 && hasModelLink(text)) {
    const { title, model } = decodeModelLink(text);
    return { title, model: checkGrid(model) };
  }
  if (at < 0) throw new UserError("this link carries no automaton");
  const fragment = text.slice(at).trim();
  if (!fragment.startsWith(MARK)) {
    throw new FormatError("this link was made by another version of this page, which this one cannot read");
  }
  if (fragment.length > MAX_LINK) throw new FormatError(`this link is longer than ${MAX_LINK} characters`);
  const packed = fromBase64Url(fragment.slice(MARK.length));
  if (!packed || packed.length < 5 || wordAt(packed, 0) !== crc32(packed.subarray(4))) throw damaged();
  return unpack(inflate(packed.subarray(4)));
}

const damaged = (cause?: unknown) =>
  new FormatError("this link is damaged or was cut short; copy it again, whole", { cause });

function pack({ title, experiment, config, picture, model }: LinkContent): Uint8Array {
  const header = {
    title: title.slice(0, 200),
    // As in links from before there were others.
    ...(config && experiment !== FIRST_EXPERIMENT && { experiment }),
    config,
    picture: picture && { width: picture.width, height: picture.height },
    model: model && {
      rule: joinRule(withPicture(model)),
      provenance: model.provenance,
      start: plantingOf(model.start),
    },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const tensors = model ? quantise(model.rule, model.parameters) : [];
  const parts = [word(json.length), json, ...(picture ? [bytesOf(picture.data)] : [])];
  for (const { scales, values } of tensors) parts.push(bytesOf(scales), bytesOf(values));
  const compressed = deflateSync(concat(parts), { level: 9, mem: 12 });
  return concat([word(crc32(compressed)), compressed]);
}

function inflate(compressed: Uint8Array): Uint8Array {
  let content: Uint8Array;
  try {
    content = inflateSync(compressed, { out: new Uint8Array(MAX_CONTENT) });
  } catch (cause) {
    throw damaged(cause);
  }
  if (content.length >= MAX_CONTENT) throw new FormatError("this link decompresses to more than a megabyte");
  return content;
}

function unpack(content: Uint8Array): LinkContent {
  let at = 0;
  const take = (length: number) => {
    if (at + length > content.length) throw damaged();
    return content.slice(at, (at += length));
  };
  const { title, experiment, config, picture, model } = readHeader(take(wordAt(take(4), 0)));
  const shared = {
    title,
    ...(experiment !== undefined && { experiment }),
    ...(config !== undefined && { config: readConfig(config, experiment) }),
    ...(picture && { picture: { ...picture, data: take(picture.width * picture.height * 4) } }),
    ...(model && { model: readModel(model, take) }),
  };
  if (at !== content.length) throw damaged();
  return shared;
}

function readHeader(bytes: Uint8Array): z.output<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw damaged(cause);
  }
}

function readConfig(value: unknown, experiment = FIRST_EXPERIMENT): ExperimentConfig {
  try {
    return parsedBy(experimentNamed(experiment), value);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new FormatError(`the configuration in this link cannot be read: ${cause.message}`, { cause });
  }
}

function readModel(
  { rule, provenance, start }: NonNullable<z.output<typeof headerSchema>["model"]>,
  take: (length: number) => Uint8Array,
): Model {
  const tensors = parameterTable(rule).map((entry) => ({
    scales: new Float32Array(take(unitsOf(entry) * 4).buffer),
    values: new Int8Array(take(entry.size).buffer),
  }));
  // Through the bytes of a model file: their reader checks the rest.
  const conventions = splitRule(rule, start?.seeds, start?.coordinates);
  return checkGrid(decodeModel(encodeModel({ ...conventions, provenance, parameters: dequantise(tensors) })));
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

/** Typed arrays are little-endian wherever WebAssembly runs. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
