/**
 * Links short enough for a QR code, that carry a small model: in the part of the playground's address that browsers keep to
 * themselves. Layout of `#m1=…`, base64url: CRC-32 of what follows it (4 bytes); then, deflated with a dictionary: length of the
 * header (2 bytes), header (JSON), and for each tensor its scales (binary16) and its values (int8). Numbers are little-endian.
 *
 * Weights are whole numbers of 8 bits, or of 7, 6 or 5 where the link would be longer than allowed: the smaller they are, the
 * shorter it gets.
 */
import { deflateSync, inflateSync } from "fflate";
import * as z from "zod/mini";
import { FormatError, UserError } from "../errors.ts";
import { fromBase64, toBase64 } from "../formats/base64.ts";
import { crc32 } from "../formats/crc32.ts";
import { fromHalf, toHalf } from "../formats/half.ts";
import { decodeModel, encodeModel, type Model, withPicture } from "../model/model.ts";
import { joinRule, pictureRuleSchema, splitRule } from "../model/pictureRule.ts";
import { coordinatesSchema, seedsSchema } from "../model/startSchema.ts";
import { isOneSeed } from "../model/start.ts";
import { parameterTable } from "../rule/parameters.ts";
import { dequantise, quantise, STEPS, unitsOf } from "../rule/quantisation.ts";

/** Characters of a whole address that a QR code of a legible size holds. */
export const MAX_QR_LINK = 900;
const MARK = "#m1=";
/** Longer links are none of these. */
const MAX_FRAGMENT = 32_000;
const MAX_CONTENT = 2 ** 16;
/** Largest values of weights that are tried. */
const PRECISIONS = [STEPS, 63, 31, 15];

/** Headers begin with what they have in common with this. Links that were made with it are there for good, so it never changes. */
const DICTIONARY = new TextEncoder().encode(
  '{"title":"","rule":{"channels":16,"kernels":["identity","sobelX","sobelY"],"boundary":"zero","hidden":[128],"inputSize":0,"outputBias":true,"alive":{"mask":"both","channel":3,"threshold":0.1},"fireRate":0.5,"stepSize":1,"image":{"offset":0,"channels":4,"premultiplied":true},"seed":{"from":3,"to":16}},"provenance":{"grid":[72,72]}}' +
    '"perceive":{"kind":"filter"},"kernels":["laplacian","sobelX","sobelY"],"identity","start":{"seeds":[]},"seed":{"from":3,"to":12,"ground":0.5}}' +
    '{"title":"bubbles","rule":{"channels":12,"perceive":{"kind":"filter"},"kernels":[{"taps":[{"offset":[-1,-1],"weight":1},{"offset":[-1,0],"weight":2},{"offset":[-1,1],"weight":1},{"offset":[0,-1],"weight":2},{"offset":[0,0],"weight":-12},{"offset":[0,1],"weight":2},{"offset":[1,-1],"weight":1},{"offset":[1,0],"weight":2},{"offset":[1,1],"weight":1}]},"sobelXRaw","sobelYRaw"],"boundary":"wrap","hidden":[],"inputSize":0,"outputBias":true,"alive":{"mask":"none","channel":3,"threshold":0.1},"fireRate":0.5,"stepSize":1,"image":{"offset":0,"channels":3,"premultiplied":true},"seed":{"from":3,"to":12,"noise":0.5}},"seeds":[],"provenance":{"grid":[64,64],"match":"texture"}}',
);

const headerSchema = z.strictObject({
  title: z.string().check(z.maxLength(200)),
  rule: pictureRuleSchema,
  seeds: z.optional(seedsSchema),
  coordinates: z.optional(coordinatesSchema),
  provenance: z.custom<Model["provenance"]>(),
});

/** A model as an address. */
export type ModelLink = Readonly<{
  /** The whole address. */
  address: string;
  /** Bits of a weight: 8, or less where the link would else be too long. */
  bits: number;
}>;

/**
 * A link that opens the playground with a model.
 *
 * @param options.page address of the playground, without a fragment.
 * @param options.title default: what the model draws.
 * @param options.longest characters of the whole address; default 900.
 * @throws UserError where it would be longer with 5 bits a weight, and for a model with an encoder, with pictures that it starts from, or without a picture.
 *
 * @example
 * ```ts
 * import { decodeModelLink, encodeModelLink, initialParameters, splitRule } from "neoblast";
 * import { resolveTextureConfig } from "neoblast/train";
 *
 * const { rule, readout, start } = splitRule(resolveTextureConfig({ model: "small" }).rule, []);
 * const parameters = initialParameters(rule, 0);
 * const model = { rule, readout, start, parameters, provenance: { grid: [64, 64] } } as const;
 * const { address, bits } = encodeModelLink(model, { page: "https://example.org/", title: "Bark" });
 * console.log(bits, address.length <= 900); // 8 true
 * console.log(decodeModelLink(address).title); // Bark
 * ```
 */
export function encodeModelLink(
  model: Model,
  { page, title, longest = MAX_QR_LINK }: Readonly<{ page: string; title?: string; longest?: number }>,
): ModelLink {
  const { rule, readout, start, provenance } = withPicture(model);
  if (model.encoder) throw new UserError("a link holds no encoder, and this model needs one");
  if (start.pictures)
    throw new UserError("a link holds no pictures that growth starts from, and this model has one");
  const { grid, goals, match, latent } = provenance;
  const header = {
    title: (title ?? provenance.target ?? "").slice(0, 60),
    rule: joinRule({ rule, readout, start }),
    ...(!isOneSeed(start.seeds) && { seeds: start.seeds }),
    ...(start.coordinates && { coordinates: start.coordinates }),
    provenance: { grid, ...(match && { match }), ...(goals && { goals }), ...(latent && { latent }) },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const lengths: number[] = [];
  for (const steps of PRECISIONS) {
    if (model.parameters.length > MAX_CONTENT || json.length > 0xffff) break;
    const tensors = quantise(rule, model.parameters, steps).flatMap(({ scales, values }) => [
      new Uint8Array(toHalf(scales).buffer),
      new Uint8Array(values.buffer),
    ]);
    const content = concat([Uint8Array.of(json.length & 255, json.length >> 8), json, ...tensors]);
    const packed = deflateSync(content, { level: 9, dictionary: DICTIONARY });
    const sum = new Uint8Array(4);
    new DataView(sum.buffer).setUint32(0, crc32(packed), true);
    const address = page + MARK + base64Url(concat([sum, packed]));
    if (address.length <= longest) return { address, bits: Math.log2(steps + 1) + 1 };
    lengths.push(address.length);
  }
  const length = lengths.at(-1);
  throw new UserError(
    `${length === undefined ? "the model is far too large for a link" : `the link would have ${length} characters`}; at most ${longest} fit a QR code, which hold a model of some 600 parameters, such as neoblast texture --model small`,
  );
}

/** Whether a text, such as `location.hash` or an address, contains such a link. */
export function hasModelLink(text: string): boolean {
  return /#m\d+=/.test(text);
}

/** What such a link carries. @throws FormatError, one sentence, for a text that is no such link, or was cut short. */
export function decodeModelLink(text: string): Readonly<{ title: string; model: Model }> {
  const fragment = text.slice(text.search(/#m\d+=/)).trim();
  if (!fragment.startsWith(MARK)) {
    throw new FormatError("this link was made by another version, which this one cannot read");
  }
  if (fragment.length > MAX_FRAGMENT) throw damaged();
  const coded = fragment.slice(MARK.length);
  if (!/^[\w-]*$/.test(coded) || coded.length % 4 === 1) throw damaged();
  const packed = fromBase64(coded.replaceAll("-", "+").replaceAll("_", "/"));
  if (packed.length < 5) throw damaged();
  const [sum, compressed] = [new DataView(packed.buffer).getUint32(0, true), packed.subarray(4)];
  if (sum !== crc32(compressed)) throw damaged();
  return unpacked(inflated(compressed));
}

function damaged(cause?: unknown): FormatError {
  return new FormatError("this link is damaged or was cut short; copy it again, whole", { cause });
}

function inflated(compressed: Uint8Array): Uint8Array {
  try {
    const content = inflateSync(compressed, { dictionary: DICTIONARY, out: new Uint8Array(MAX_CONTENT) });
    if (content.length < MAX_CONTENT) return content;
  } catch (cause) {
    throw damaged(cause);
  }
  throw damaged();
}

function unpacked(content: Uint8Array): Readonly<{ title: string; model: Model }> {
  let at = 0;
  const take = (length: number) => {
    if (at + length > content.length) throw damaged();
    return content.slice(at, (at += length));
  };
  const [low, high] = take(2);
  const { title, rule, seeds, coordinates, provenance } = headerOf(take(low + 256 * high));
  const tensors = parameterTable(rule).map((entry) => ({
    scales: fromHalf(new Uint16Array(take(unitsOf(entry) * 2).buffer)),
    values: new Int8Array(take(entry.size).buffer),
  }));
  if (at !== content.length) throw damaged();
  const parameters = dequantise(tensors);
  // Through the bytes of a model file: their reader checks the rest.
  return {
    title,
    model: decodeModel(encodeModel({ ...splitRule(rule, seeds, coordinates), provenance, parameters })),
  };
}

function headerOf(bytes: Uint8Array): z.output<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw damaged(cause);
  }
}

function base64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
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
