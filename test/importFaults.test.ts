/** Files of others that are damaged, hostile or no automata: one clear sentence, the right exit status, nothing written. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeModel } from "../src/model/model.ts";
import { encodeNpz } from "../src/formats/npz.ts";
import { encodeSafetensors } from "../src/formats/safetensors.ts";
import { initialParameters } from "../src/rule/parameters.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Tensor, TensorFile } from "../src/tensor.ts";
import { call, neoblast } from "./commandLine.ts";

const home = process.cwd();
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-import-faults-"));
  process.chdir(place);
  mkdirSync("folder");
  writeFileSync("good.json", JSON.stringify([layer(48, 8), layer(8, 16)]));
  writeFileSync("short.json", JSON.stringify([layer(48, 8, 100), layer(8, 16)]));
  writeFileSync("torn.json", "[{");
  writeFileSync("deep.json", "[".repeat(1e5) + "]".repeat(1e5));
  writeFileSync("model.safetensors", modelBytes());

  const good = stateDict({});
  writeFileSync("good.safetensors", encodeSafetensors(good));
  writeFileSync("good.npz", encodeNpz(good));
  writeFileSync("cut.npz", encodeNpz(good).subarray(0, -40));
  writeFileSync("cut.safetensors", encodeSafetensors(good).subarray(0, -40));
  writeFileSync(
    "nan.npz",
    encodeNpz(stateDict({ "b.bias": { shape: [16], data: new Float32Array(16).fill(NaN) } })),
  );
  writeFileSync("more.npz", encodeNpz(stateDict({ "norm.scale": zeros(8) })));
  writeFileSync("some.npz", encodeNpz(stateDict({ "a.weight": undefined })));
  writeFileSync("wide.npz", encodeNpz(stateDict({ "a.weight": zeros(8, 64) })));
  const cax = { "a.weight": zeros(48, 8), "b.weight": zeros(8, 16) };
  writeFileSync("cax.npz", encodeNpz(stateDict(cax)));
  const flipped = encodeNpz(good);
  flipped[300] ^= 1;
  writeFileSync("flipped.npz", flipped);
  writeFileSync("nca.h5", Buffer.from("894844460d0a1a0a0000000000080800", "hex"));
  writeFileSync("nothing.npz", encodeNpz({ tensors: {}, metadata: {} }));
  writeFileSync("bomb.npz", bomb());
  writeFileSync(
    "torch.pt",
    zipSync({ "archive/data.pkl": Buffer.from("cposix\nsystem\n"), "archive/version": Buffer.from("3") }),
  );
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

/** A layer of a published model whose bytes are all alike. */
function layer(inputs: number, outputs: number, size = (inputs + 1) * outputs): object {
  const data = Buffer.alloc(size, 7).toString("base64");
  return { in_ch: inputs, out_ch: outputs, weight_scale: 1, bias_scale: 1, data_b64: data };
}

function modelBytes(): Uint8Array {
  const rule = { ...picturePresets.distill, hidden: [8] };
  return encodeModel({
    ...splitRule(rule),
    parameters: initialParameters(rule, 0),
    provenance: { grid: [8, 8] },
  });
}

function zeros(...shape: number[]): Tensor {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size)) };
}

/** Two linear layers, with other tensors in place of some, or beside them. */
function stateDict(changes: Record<string, Tensor | undefined>): TensorFile {
  const all = {
    "a.weight": zeros(8, 48),
    "a.bias": zeros(8),
    "b.weight": zeros(16, 8),
    "b.bias": zeros(16),
    ...changes,
  };
  const tensors = Object.entries(all).flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
  return { tensors: Object.fromEntries(tensors), metadata: {} };
}

/** A small archive that says it unpacks to 4 GiB. */
function bomb(): Uint8Array {
  const bytes = zipSync({ "a.npy": new Uint8Array(1000) });
  const view = new DataView(bytes.buffer);
  view.setUint32(view.getUint32(bytes.length - 6, true) + 24, 0xfffffffe, true);
  return bytes;
}

let before: string[];
const listing = () => readdirSync(place, { recursive: true, encoding: "utf8" }).toSorted();
beforeEach(() => void (before = listing()));

/** Words, exit status, sentence. */
type Case = [words: string, code: 1 | 2, sentence: string];
const OUT = "--out x.safetensors";

const importing: Case[] = [
  ["--from torch --out x.safetensors", 2, "missing required argument 'file'"],
  [`good.json ${OUT}`, 2, "required option '--from <format>' not specified"],
  ["good.json --from distill", 2, "required option '--out <file>' not specified"],
  [`good.json --from keras ${OUT}`, 2, '--from is "keras"; it must be distill, torch, cax or textures'],
  ["good.json --from distill --out x.npz", 2, '--out is "x.npz"; its name must end in .safetensors'],
  [
    "good.json --from distill --out none/x.safetensors",
    1,
    "cannot write none/x.safetensors: its folder does not exist",
  ],
  [`none.json --from distill ${OUT}`, 1, "cannot read none.json: it does not exist"],
  [`folder --from distill ${OUT}`, 1, "folder is a folder, not a file"],
  [`torn.json --from distill ${OUT}`, 1, "torn.json: not a published Distill model: it is not JSON"],
  [
    `deep.json --from distill ${OUT}`,
    1,
    "deep.json: not a published Distill model: layers[0] is nested too deeply; it must be an object",
  ],
  [`good.npz --from distill ${OUT}`, 1, "good.npz: not a published Distill model: it is not JSON"],
  [
    `short.json --from distill ${OUT}`,
    1,
    "short.json: layers[0].data_b64 holds 100 bytes; 48 inputs, a bias and 8 outputs of uint8 need 392",
  ],
  [`good.json --from distill --dropout 0.5 ${OUT}`, 2, "--dropout belongs to --from cax; leave it out"],
  [
    `good.json --from distill --order kernel ${OUT}`,
    2,
    "--order belongs to --from torch and cax; leave it out",
  ],
  [`good.json --from distill --target none.png ${OUT}`, 1, "cannot read none.png: it does not exist"],
  [`good.json --from distill --set rule.fireRate=2 ${OUT}`, 2, "rule.fireRate is 2; it must be at most 1"],
  [`good.json --from distill --set fireRate ${OUT}`, 2, '"fireRate" is not a setting; write name=value'],
  [
    `good.json --from distill --preset keras ${OUT}`,
    2,
    '--preset is "keras"; it must be distill, cax, cax-2026 or tutorial',
  ],
  [
    `good.npz --from torch --size 30 ${OUT}`,
    2,
    "--size and --padding are those of a picture; name it with --target, or state --grid",
  ],
  [
    `good.npz --from torch --target 🦎 --grid 41 ${OUT}`,
    2,
    "--grid is 41; a picture of 40 cells needs one larger by an even number, or another --size",
  ],
  [
    `good.npz --from torch --target 🦎 --grid 40 --padding 3 ${OUT}`,
    2,
    "option '--padding <cells>' cannot be used with option '--grid <cells>'",
  ],
  [`good.json --from torch ${OUT}`, 1, "good.json: not a safetensors file: its header would be "],
  [`cut.npz --from torch ${OUT}`, 1, "cut.npz: damaged .npz file: its zip archive cannot be unpacked"],
  [
    `cut.safetensors --from torch ${OUT}`,
    1,
    "cut.safetensors: truncated safetensors file: its tensors take 2144 bytes, but 2104 follow the header",
  ],
  [
    `bomb.npz --from torch ${OUT}`,
    1,
    "bomb.npz: the arrays of the .npz file have more than 256 MiB together",
  ],
  [
    `torch.pt --from torch ${OUT}`,
    1,
    "torch.pt: this is a file of torch.save, which only Python can read; this line converts it, under its own name in place of nca.pth: python -c 'import torch; ",
  ],
  [
    `nan.npz --from torch ${OUT}`,
    1,
    'nan.npz: the tensor "b.bias" holds NaN at position 0; weights must be finite',
  ],
  [
    `more.npz --from torch ${OUT}`,
    1,
    'more.npz: the automaton has no use for the tensor "norm.scale" of shape (8,); leave it out with --ignore norm.scale',
  ],
  [
    `some.npz --from torch ${OUT}`,
    1,
    'some.npz: the weights do not lead from what is perceived to at most 64 channels: "b.weight" (16, 8) with a bias of 16; ',
  ],
  [
    `wide.npz --from torch ${OUT}`,
    1,
    "wide.npz: the file does not say its kernels, and with none of 36 usual lists of them does it grow from a seed; state them",
  ],
  [
    `nca.h5 --from distill ${OUT}`,
    1,
    "nca.h5: this is an HDF5 file, as Keras writes it; this line converts it, under its own name in place of nca.h5: python -c 'import h5py, ",
  ],
  [
    `flipped.npz --from torch ${OUT}`,
    1,
    'flipped.npz: damaged .npz file: the content of "a.weight.npy" does not match its checksum',
  ],
  [
    `good.npz --from torch --ignore a.bias ${OUT}`,
    2,
    '--ignore a.bias would leave out "a.bias" of shape (8,), a bias of the automaton; leave that option out',
  ],
  [
    `cax.npz --from cax ${OUT}`,
    2,
    "no file of CAX says whether its colours are premultiplied; state --preset cax for CAX up to 0.4.3, whose are not, or --preset cax-2026 for its main branch since, whose are",
  ],
  [`nothing.npz --from torch ${OUT}`, 1, "nothing.npz: the file holds no layers"],
  [`good.npz --from torch --layers a,c ${OUT}`, 2, 'the file has no layer "c"; its layers are a, b'],
  [
    `good.npz --from torch --layers a, ${OUT}`,
    2,
    '--layers is "a,"; it must be a list such as A,B,C, each a name',
  ],
  [`good.npz --from torch --ignore c ${OUT}`, 2, 'the file has no tensor "c" to ignore'],
  [`good.npz --from torch --order rows ${OUT}`, 2, '--order is "rows"; it must be channel or kernel'],
  [`good.npz --from torch --layout up ${OUT}`, 2, '--layout is "up"; it must be out-in or in-out'],
  [`good.npz --from cax ${OUT}`, 1, "good.npz: the weights do not lead from what is perceived"],
  [`good.npz --from cax --dropout 1 ${OUT}`, 2, "--dropout is 1; it must be a number from 0 to 0.99"],
];

const exporting: Case[] = [
  ["--out x.npz", 2, "missing required argument 'model'"],
  ["model.safetensors", 2, "required option '--out <file>' not specified"],
  ["model.safetensors --out x.pt", 2, '--out is "x.pt"; its name must end in .safetensors or .npz'],
  ["model.safetensors --out x.npz --for jax", 2, '--for is "jax"; it must be torch or numpy'],
  ["model.safetensors --out none/x.npz", 1, "cannot write none/x.npz: its folder does not exist"],
  ["none.safetensors --out x.npz", 1, "cannot read none.safetensors: it does not exist"],
  [
    "good.safetensors --out x.npz",
    1,
    'good.safetensors: not a model of neoblast: its metadata have no entry "neoblast"',
  ],
];

describe.each([
  ["import", importing],
  ["export", exporting],
])("neoblast %s", (command, cases) => {
  it.each(cases)("%s", async (words, code, sentence) => {
    const outcome = await call([command, ...words.split(" ").filter((word) => word !== "")]);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toContain(`neoblast: ${sentence}`);
    expect(outcome.stderr).toMatch(/^.*\n$/);
    expect(listing()).toEqual(before);
  });
});

it("have the exit status", async () => {
  const torn = await neoblast(["import", "torn.json", "--from", "distill", "--out", "x.safetensors"], place);
  expect(torn).toEqual({
    code: 1,
    signal: null,
    stdout: "",
    stderr: "neoblast: torn.json: not a published Distill model: it is not JSON\n",
  });
  expect(await neoblast(["export", "model.safetensors"], place)).toMatchObject({ code: 2, stdout: "" });
});

it("import what is whole", async () => {
  for (const words of [
    "good.json --from distill",
    "good.npz --from torch",
    "good.safetensors --from torch",
    "cax.npz --from cax --preset cax",
    "cax.npz --from cax --preset cax-2026",
    "cax.npz --from cax --set rule.image.premultiplied=true",
  ]) {
    const outcome = await call(["import", ...words.split(" "), "--out", "x.safetensors"]);
    expect(outcome).toMatchObject({ code: undefined, stdout: "x.safetensors\n" });
  }
});
