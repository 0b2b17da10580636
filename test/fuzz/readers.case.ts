/** What reads foreign input, each with inputs that are almost right. */
import { gzipSync } from "node:zlib";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode as encodePng } from "fast-png";
import * as fc from "fast-check";
import { deflateSync, inflateSync, zipSync } from "fflate";
import sharp from "sharp";
import { openFile } from "../../playground/src/files.ts";
import { readImageHeader } from "../../playground/src/imageHeader.ts";
import { decodeLink, encodeLink } from "../../playground/src/link.ts";
import { readSession } from "../../playground/src/storage.ts";
import { type Members, membersKind, type Setting } from "../../src/cluster/members/kind.ts";
import { decodePart, encodePart, type Part } from "../../src/cluster/message.ts";
import { parseJob, parseOutcome } from "../../src/cluster/queue/envelope.ts";
import type { Target } from "../../src/data/image.ts";
import { decodeIdx, idxPictures } from "../../src/data/idx.ts";
import { referenceEngine } from "../../src/engine/reference/engine.ts";
import { resolveDigitsConfig } from "../../src/experiments/digits/config.ts";
import { resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { createGrowing } from "../../src/experiments/growing/growing.ts";
import { type GrowingChoices, resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { resolveReinforcementConfig } from "../../src/experiments/reinforcement/presets.ts";
import { sentRun } from "../../src/cli/sweep/jobs.ts";
import { armsOf } from "../../src/sweep/arms.ts";
import { parsePlan } from "../../src/sweep/plan.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { importCax } from "../../src/importers/cax.ts";
import { importDistill } from "../../src/importers/distill.ts";
import { importTextures } from "../../src/importers/textures.ts";
import { importTorch } from "../../src/importers/torch.ts";
import { exportModel } from "../../src/exporters/interchange.ts";
import { encodeModelLink } from "../../src/exporters/modelLink.ts";
import { decodeModel, encodeModel, type PictureModel } from "../../src/model/model.ts";
import { crc32 } from "../../src/formats/crc32.ts";
import { decodeNpy, decodeNpyState, decodeNpyTensor, encodeNpy } from "../../src/formats/npy.ts";
import { encodeNpz } from "../../src/formats/npz.ts";
import { playerHtml } from "../../src/player/player.ts";
import { decodeSettings } from "../../src/player/settings.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.ts";
import { loadIdxSets } from "../../src/node/idxFiles.ts";
import { decodePicture } from "../../src/node/images.ts";
import { MetricsLog } from "../../src/node/metricsLog.ts";
import { initialEncoder } from "../../src/nets/encoder.ts";
import { initialParameters } from "../../src/rule/parameters.ts";
import { joinRule, splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { json, mutated, mutatedJson, mutatedTree } from "./mutations.case.ts";

/** One kind of input. */
export type Reader = Readonly<{
  name: string;
  /** As the reader takes it. */
  inputs: fc.Arbitrary<any>;
  /** @throws UserError or FormatError, and nothing else, where the input is no good. */
  read: (input: any) => unknown;
  /** Whether it takes from any input what it can. */
  lenient?: boolean;
  /** Bytes of an input, where that is not its `length`. */
  size?: (input: any) => number;
}>;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const conventions = splitRule({
  ...picturePresets.distill,
  channels: 5,
  hidden: [4],
  seed: { from: 3, to: 5 },
});
const { rule } = conventions;
const picture = { source: "🦎", size: 8, padding: 2 };
const model: PictureModel = {
  ...conventions,
  parameters: initialParameters(rule, 1),
  provenance: { grid: [12, 12], target: "🦎 lizard", picture, steps: 5, seed: 7, build: "strict", loss: 0.1 },
};
const told = { ...rule, inputSize: 2 };
const encoder = { grid: [8, 8] as [number, number], channels: 1, features: [2], latent: 2 };
const models: readonly PictureModel[] = [
  model,
  {
    ...model,
    start: {
      ...model.start,
      seeds: [
        [0, -2],
        [0, 2],
      ],
    },
  },
  {
    ...conventions,
    rule: told,
    parameters: initialParameters(told, 2),
    provenance: { grid: [12, 12], goals: [{ target: "a", picture }, { target: "b" }] },
  },
  {
    ...conventions,
    rule: told,
    parameters: initialParameters(told, 2),
    provenance: { grid: [8, 8], latent: { mean: [0, 0], deviation: [1, 1] } },
    encoder: { settings: encoder, parameters: initialEncoder(encoder, 1) },
  },
];

/** A model in the first format. */
const firstFormat = encodeSafetensors({
  tensors: decodeSafetensors(encodeModel(model)).tensors,
  metadata: {
    neoblast: JSON.stringify({
      format: 1,
      version: "0.1.0",
      rule: joinRule(model),
      start: { seeds: [[0, -2]] },
      provenance: model.provenance,
    }),
  },
});

/** Files of safetensors: changed in their bytes, in their header, and in the JSON within their metadata. */
function safetensors(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const { tensors, metadata } = decodeSafetensors(file);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const withHeader = (text: string) => {
    const own = bytesOf(text);
    const all = new Uint8Array(8 + own.length + file.length - 8 - length);
    new DataView(all.buffer).setBigUint64(0, BigInt(own.length), true);
    all.set(own, 8);
    all.set(file.subarray(8 + length), 8 + own.length);
    return all;
  };
  const entries = Object.entries(metadata).map(([name, text]) => {
    const parsed = /^[{[]/.test(text) ? mutatedJson(JSON.parse(text)) : fc.string();
    return parsed.map((changed) =>
      encodeSafetensors({ tensors, metadata: { ...metadata, [name]: changed } }),
    );
  });
  return fc.oneof(mutated(file), mutatedJson(header).map(withHeader), ...entries);
}

const among = <T>(arbitraries: readonly fc.Arbitrary<T>[]) => fc.oneof(...arbitraries);

const exported = exportModel(model, "out-in");
const cax = exportModel(
  {
    ...model,
    rule: { ...rule, kernels: ["identity", "sobelX"] },
    parameters: initialParameters({ ...rule, kernels: ["identity", "sobelX"] }, 1),
  },
  "in-out",
);
const plain = { tensors: exported.tensors, metadata: {} };
const npy = [
  encodeNpy({ shape: [4, 4, 5], data: new Float32Array(80).fill(0.5) }),
  encodeNpy({ shape: [2, 3, 2, 5], data: new Float32Array(60) }),
  encodeNpy({ shape: [], data: new Float32Array(1) }),
];
/** Headers of .npy files: descr, order and shape in Python's words, which are not what NumPy would write. */
const npyHeaders = fc
  .tuple(
    fc.constantFrom(
      "<f4",
      "<f8",
      ">f4",
      "|u1",
      "<U3",
      "<U0",
      "<U99999999999",
      "|O",
      "<c8",
      "",
      "'",
      "<f2",
      "|b1",
    ),
    fc.constantFrom("False", "True", "None", ""),
    fc.oneof(
      fc
        .array(fc.constantFrom<unknown>(0, 1, 5, -1, 2 ** 31, 2 ** 53, 1e308, "x", ""), { maxLength: 6 })
        .map((shape) => `(${shape.join(", ")})`),
      fc.constantFrom("(", "()", "(((", "None", "(5" + ", 5".repeat(3000) + ")"),
    ),
    fc.constantFrom(10, 64, 118, 65535),
    fc.constantFrom(1, 2, 3, 255),
  )
  .map(([descr, order, shape, length, version]) => {
    const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
    const head = [0x93, ...bytesOf("NUMPY"), version, 0, length & 255, length >> 8];
    return Uint8Array.from([...head, ...bytesOf(text), ...Array.from({ length: 40 }, () => 1)]);
  });

const idxOf = (shape: readonly number[], data: Uint8Array) => {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((side, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, side));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
};
const idxPicturesFile = idxOf([3, 4, 5], new Uint8Array(60).fill(200));
const idxLabelsFile = idxOf([3], Uint8Array.of(1, 2, 3));

const distill = [12, 5].map((outputs, i) => {
  const inputs = [15, 12][i];
  const data = new Uint8Array((inputs + 1) * outputs).fill(100 + i);
  const data_b64 = Buffer.from(data).toString("base64");
  return { in_ch: inputs, out_ch: outputs, weight_scale: 1.5, bias_scale: 0.5, data_b64 };
});

const textureLayers = [
  [49, 4],
  [5, 12],
].map(([rows, outputs]) => {
  const png = encodePng({
    width: outputs / 4,
    height: rows,
    channels: 4,
    data: new Uint8Array(rows * outputs).fill(130),
  });
  const data = `data:image/PNG;base64,${Buffer.from(png).toString("base64")}`;
  return { scale: 1.5, data, shape: [rows, outputs], layout: [1, 1] };
});

const raster = () => sharp({ create: { width: 24, height: 16, channels: 4, background: "#f80c" } });
const pictures = await Promise.all([
  raster().png().toBuffer(),
  raster().png({ palette: true }).toBuffer(),
  raster()
    .jpeg()
    .withExif({ IFD0: { Copyright: "x" } })
    .toBuffer(),
  raster().webp().toBuffer(),
  raster().webp({ lossless: true }).toBuffer(),
  raster().gif().toBuffer(),
  raster().avif({ effort: 0 }).toBuffer(),
]);
const svgs = fc
  .tuple(
    fc.constantFrom(
      "",
      '<?xml version="1.0"?>',
      "<!-- -->",
      '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]>',
      '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ),
    fc.constantFrom(
      'width="20" height="10"',
      'width="1e9" height="1e9"',
      'viewBox="0 0 1e308 1"',
      'viewBox="0 0 0 0"',
      'width="-5"',
      'width="100%"',
      "",
    ),
    fc.constantFrom(
      '<rect width="5" height="5"/>',
      "&g;",
      "<text>&x;</text>",
      `${"<g>".repeat(2000)}${"</g>".repeat(2000)}`,
      '<image href="file:///etc/passwd" width="9" height="9"/>',
      '<g id="a"><use href="#a"/></g>',
      '<pattern id="p"><rect fill="url(#p)" width="5" height="5"/></pattern><rect fill="url(#p)" width="9" height="9"/>',
      '<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter><rect filter="url(#f)" width="9" height="9"/>',
      '<path d="M0 0 L1e308 NaN z"/>',
      "<rect",
    ),
  )
  .map(([before, attributes, inside]) =>
    bytesOf(`${before}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`),
  );

const TINY = {
  target: { source: "🦎", size: 4, padding: 1, seeds: [[0, 0]] },
  rule: { channels: 5, hidden: [3], seed: { from: 3, to: 5 } },
  initial: "random",
  training: {
    steps: 4,
    batch: 2,
    rollout: [2, 3],
    reach: null,
    work: null,
    validation: null,
    pool: { size: 4 },
    loss: { coordinates: 0 },
  },
} satisfies GrowingChoices["overrides"];
const config = resolveGrowingConfig({ overrides: TINY });
const target: Target = { grid: [6, 6], data: new Float32Array(6 * 6 * 4).fill(1) };
const trainerOf = () => createGrowing({ engine: referenceEngine(), config, target });
const begun = trainerOf();
const snapshot = await begun.save();

const resolvers = [
  resolveGrowingConfig,
  resolveEvolutionConfig,
  resolveReinforcementConfig,
  resolveDigitsConfig,
];
const { fragment } = encodeLink({
  title: "t",
  config,
  picture: { width: 3, height: 2, data: new Uint8Array(24) },
  model,
});
const linkBytes = Buffer.from(fragment.slice(4), "base64url");
const modelLinkBytes = Buffer.from(
  encodeModelLink(model, { page: "", longest: 10_000 }).address.slice(4),
  "base64url",
);
const linkHeader = {
  title: "t",
  config,
  picture: { width: 3, height: 2 },
  model: { rule: joinRule(model), provenance: model.provenance },
};

/** A link whose checksum is right, whatever it carries. */
function sealed(folded: Uint8Array): string {
  // A zip archive has the same sum, at byte 14 of its first member.
  const archive = zipSync({ a: [folded, { level: 0 }] });
  const whole = Buffer.concat([archive.subarray(14, 18), folded]);
  return `#n1=${whole.toString("base64url")}`;
}

function linkOf(header: string, rest: Uint8Array, claimed: number): string {
  const own = bytesOf(header);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, claimed === 0 ? own.length : claimed, true);
  return sealed(deflateSync(Buffer.concat([length, own, rest])));
}

/** Links that unfold to a little and to far too much. */
const unfolding = [0, 2 ** 19, 2 ** 20, 2 ** 26].map((length) => sealed(deflateSync(new Uint8Array(length))));

const page = playerHtml(model, { title: "t" });
const [, settings] = /<script id="settings"[^>]*>([^]*?)<\/script>/.exec(page)!;
const session = {
  job: { id: "a", title: "t", config, targets: [target] },
  losses: Float64Array.of(1, 0.5),
  seconds: 2,
  build: "strict",
  model: encodeModel(model),
  checkpoint: encodeCheckpoint(snapshot),
  ended: false,
  report: null,
};
const textSize = (text: string) => 2 * text.length;
const treeSize = (tree: unknown) => textSize(json(tree));

const place = mkdtempSync(join(tmpdir(), "neoblast-fuzz-"));
process.once("exit", () => rmSync(place, { recursive: true, force: true }));

/** A message about members of an evolution, and what it is made of. */
const contest = evolutionSetting();
const members: Members = {
  setting: contest,
  centre: { mean: initialParameters(splitRule(contest.config.rule).rule, 1), tensors: {} },
  generation: 3,
  first: 1,
  count: 2,
};
const { shared: sharedParts = {}, ...ownPart } = membersKind.input.encode(members);

function evolutionSetting(): Setting {
  const evolution = resolveEvolutionConfig({
    overrides: {
      target: { source: "x", size: 4, padding: 1 },
      rule: { channels: 5, hidden: [4], seed: { from: 3, to: 5 } },
    },
  });
  return {
    config: { ...evolution, target: { ...evolution.target, seeds: [[0, 0]] } },
    grid: [6, 6],
    target: new Float32Array(144).fill(0.5),
  };
}

/** The file within a message. */
const contentOf = (part: Part) => inflateSync(encodePart(part).subarray(12));
/** Messages whose length and checksum are right, whatever is in them. */
function messages(part: Part): fc.Arbitrary<Uint8Array> {
  const packed = safetensors(contentOf(part)).map((content) => {
    const deflated = deflateSync(content);
    const bytes = new Uint8Array(12 + deflated.length);
    bytes.set(encodePart(part).subarray(0, 4));
    new DataView(bytes.buffer).setUint32(4, content.length, true);
    new DataView(bytes.buffer).setUint32(8, crc32(content), true);
    bytes.set(deflated, 12);
    return bytes;
  });
  return fc.oneof(mutated(encodePart(part)), packed);
}

const job = {
  protocol: 1,
  kind: "members",
  version: 1,
  neoblast: "0.1.0",
  build: "strict",
  owner: "me",
  copy: 0,
  not: ["you"],
  message: { base64: "AAAA" },
  shared: { centre: "0".repeat(64) },
};

export const readers: readonly Reader[] = [
  {
    name: "message to a worker",
    inputs: fc.oneof(
      messages(ownPart).map((own) => ({ own })),
      messages(sharedParts.setting).map((setting) => ({ setting })),
      messages(sharedParts.centre).map((centre) => ({ centre })),
    ),
    size: (changed: object) => Object.values(changed).reduce((sum, { length }) => sum + length, 0),
    read({
      own = encodePart(ownPart),
      setting = encodePart(sharedParts.setting),
      centre = encodePart(sharedParts.centre),
    }) {
      const shared = { setting: decodePart(setting), centre: decodePart(centre) };
      return membersKind.input.decode({ ...decodePart(own), shared });
    },
  },
  {
    name: "message of a worker",
    inputs: messages(
      membersKind.output.encode({
        losses: Float64Array.of(0.5, NaN),
        livingCells: Int32Array.of(3, 4),
        cellUpdates: 99,
      }),
    ),
    read: (bytes) => membersKind.output.decode({ ...decodePart(bytes), shared: {} }),
  },
  {
    name: "message with a run of a sweep",
    inputs: messages(
      sentRun.input.encode({
        name: "arm-1-lizard",
        part: 0.5,
        draw: false,
        files: { "config.json": Uint8Array.of(123, 125), "checkpoint/state.safetensors": Uint8Array.of(1) },
      }),
    ),
    read: (bytes) => sentRun.input.decode({ ...decodePart(bytes), shared: {} }),
  },
  {
    name: "plan of a sweep",
    inputs: mutatedTree({
      experiment: "grow",
      subjects: ["a", ["b", "c"]],
      seeds: [1, 2],
      settings: { "--size": 8, a: { from: 1, to: 2, draw: "log", count: 2 }, b: [[1], null] },
      search: { random: 2, seed: 1 },
      halving: { at: [0.5], keep: 0.5 },
    }),
    read: (value) => armsOf(parsePlan(value), () => false),
    size: treeSize,
  },
  { name: "job of a queue", inputs: mutatedTree(job), read: parseJob, size: treeSize },
  {
    name: "outcome of a job",
    inputs: mutatedTree({ outcome: "done", worker: "me", message: { blob: "0".repeat(64) } }),
    read: parseOutcome,
    size: treeSize,
  },
  {
    name: "model",
    inputs: among([...models.map((each) => encodeModel(each)), firstFormat].map(safetensors)),
    read: decodeModel,
  },
  {
    name: "state dict",
    inputs: among([exported, cax, plain].map((file) => safetensors(encodeSafetensors(file)))),
    read: (bytes) => [importTorch(bytes), importCax(bytes)],
  },
  {
    name: "npz",
    inputs: fc.oneof(
      ...[exported, plain].map((file) => mutated(encodeNpz(file))),
      fc
        .tuple(fc.oneof(npyHeaders, mutated(npy[0])), fc.constantFrom<(0 | 9)[]>(0, 9))
        .map(([member, level]) => new Uint8Array(zipSync({ "a.npy": [member, { level }] }))),
    ),
    read: (bytes) => [importTorch(bytes), importCax(bytes)],
  },
  {
    name: "npy",
    inputs: fc.oneof(npyHeaders, ...npy.map(mutated)),
    read: (bytes) => {
      for (const decode of [decodeNpy, decodeNpyTensor]) attempt(() => decode(bytes));
      return decodeNpyState(bytes, rule);
    },
  },
  {
    name: "IDX",
    inputs: fc.oneof(mutated(idxPicturesFile), mutated(idxLabelsFile)),
    read: (bytes) => {
      const array = decodeIdx(bytes);
      return idxPictures(
        array,
        attempt(() => decodeIdx(idxLabelsFile)),
      );
    },
  },
  {
    name: "IDX, gzipped",
    inputs: fc.oneof(
      mutated(gzipSync(idxPicturesFile)),
      mutated(idxPicturesFile).map((bytes) => new Uint8Array(gzipSync(bytes))),
    ),
    read(bytes) {
      const names = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"];
      writeFileSync(join(place, names[0]), bytes);
      writeFileSync(join(place, names[1]), idxLabelsFile);
      return loadIdxSets(place, names);
    },
  },
  {
    name: "picture",
    inputs: fc.oneof(...pictures.map((bytes) => mutated(new Uint8Array(bytes)))),
    read(bytes) {
      readImageHeader(bytes);
      return decodePicture(bytes, 16);
    },
  },
  {
    name: "drawing",
    inputs: fc.oneof(svgs, svgs.chain(mutated)),
    read(bytes) {
      readImageHeader(bytes);
      return decodePicture(bytes, 16);
    },
  },
  { name: "Distill JSON", inputs: mutatedJson(distill).map(bytesOf), read: importDistill },
  {
    name: "textures JSON",
    inputs: mutatedJson({ model_names: ["dots"], layers: textureLayers }).map(bytesOf),
    read: importTextures,
  },
  {
    name: "configuration",
    inputs: fc.oneof(
      ...resolvers.map((resolve) => mutatedTree(resolve()).map((tree) => ({ resolve, text: json(tree) }))),
    ),
    read: ({ resolve, text }) => resolve({ overrides: JSON.parse(text) }),
    size: ({ text }) => textSize(text),
  },
  {
    name: "settings by --set",
    inputs: fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom(
            "training.batch",
            "rule.hidden",
            "rule.kernels",
            "target.seeds",
            "target.source",
            "training.rollout",
            "__proto__.a",
            "constructor.prototype",
            "a.".repeat(5000) + "a",
            "training.pool",
            "rule",
          ),
          mutatedJson({ taps: [{ offset: [0, 1], weight: 1 }] }),
        )
        .map(([name, value]) => `${name}=${value}`),
    ),
    read: (text) => resolveGrowingConfig({ sets: [text] }),
    size: textSize,
  },
  {
    name: "link",
    inputs: fc.oneof(
      mutated(linkBytes).map((bytes) => `#n1=${Buffer.from(bytes).toString("base64url")}`),
      mutated(linkBytes.subarray(4)).map(sealed),
      fc
        .tuple(
          mutatedJson(linkHeader),
          fc.uint8Array({ maxLength: 400 }),
          fc.constantFrom(0, 0, 0, 1, 2 ** 20, 2 ** 31, 2 ** 32 - 1),
        )
        .map(([header, rest, claimed]) => linkOf(header, rest, claimed)),
      fc.constantFrom(...unfolding),
      fc.string(),
    ),
    read: decodeLink,
    size: textSize,
  },
  {
    name: "model link",
    inputs: fc.oneof(
      mutated(modelLinkBytes).map((bytes) => `#m1=${Buffer.from(bytes).toString("base64url")}`),
      mutated(modelLinkBytes.subarray(4)).map((bytes) => sealed(bytes).replace("#n1=", "#m1=")),
    ),
    read: decodeLink,
    size: textSize,
  },
  {
    name: "settings of a player",
    inputs: mutatedJson(JSON.parse(settings)),
    read: decodeSettings,
    size: textSize,
  },
  {
    name: "file on the playground",
    inputs: fc.oneof(
      mutated(bytesOf(page)),
      mutatedJson(JSON.parse(settings)).map((text) => bytesOf(page.replace(settings, () => text))),
      mutatedJson(config).map(bytesOf),
      safetensors(encodeModel(model)),
      fc
        .constantFrom('<html><script id="model"', "<?xml ?>", "<!-- -->")
        .map((text) => bytesOf(text.repeat(5000))),
      ...pictures.slice(0, 2).map((bytes) => mutated(new Uint8Array(bytes))),
    ),
    read: (bytes) =>
      openFile(new Blob([bytes]), "a file", async () => ({ width: 1, height: 1, data: new Uint8Array(4) })),
  },
  {
    name: "checkpoint",
    inputs: fc.oneof(
      safetensors(encodeCheckpoint(snapshot)),
      mutatedTree(Object.keys(snapshot.tensors)).map((names) => {
        const kept = Array.isArray(names) ? names.map(String) : [];
        const tensors = Object.fromEntries(
          Object.entries(snapshot.tensors).filter(([name]) => kept.includes(name)),
        );
        return encodeCheckpoint({ ...snapshot, tensors });
      }),
    ),
    read: (bytes) => trainerOf().restore(decodeCheckpoint(bytes)),
  },
  { name: "training kept by a browser", inputs: mutatedTree(session), read: readSession, size: treeSize },
  {
    name: "metrics",
    lenient: true,
    inputs: mutated(
      bytesOf([0, 1, 2].map((step) => `${JSON.stringify({ step, loss: 0.5, seconds: 1 })}\n`).join("")),
    ),
    read(bytes) {
      const file = join(place, "metrics.jsonl");
      writeFileSync(file, bytes);
      return new MetricsLog(file).read();
    },
  },
];

/** What a reader gives, or undefined where it refuses. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "exitCode" in error) return undefined;
    throw error;
  }
}
