/** What docs/import.md says to do in Python works there, and what it writes is imported. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ForeignKind, foreignFiles, foreignKind, foreignKinds } from "../src/formats/foreignFile.ts";
import { importTorch } from "../src/importers/torch.ts";
import type { Model } from "../src/model/model.ts";
import { findPython } from "./python.ts";

const page = readFileSync(fileURLToPath(new URL("../docs/import.md", import.meta.url)), "utf8");

/** The first block of Python under "From PyTorch", which saves `model`. */
const snippet = /## From PyTorch\n.*?```python\n(.+?)```/s.exec(page)?.[1] ?? "";

/** An automaton as people write it: buffers that are views, one of them not contiguous, and a module in two places. */
const MODULE = `
import torch
from torch import nn


class Automaton(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        sobel_x = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
        self.register_buffer("sobel_x", sobel_x)
        self.register_buffer("sobel_y", sobel_x.T)
        self.net = nn.Sequential(nn.Conv2d(48, 24, 1), nn.ReLU(), nn.Conv2d(24, 16, 1, bias=False))
        self.update = self.net


model = Automaton()
`;
const NUMBERS = `
numpy.save("weight.npy", model.net[0].weight.detach().numpy()[:, :, 0, 0].T.copy())
numpy.save("bias.npy", model.net[0].bias.detach().numpy())
`;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "neoblast-import-python-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const needed = (modules: readonly string[]) =>
  `needs Python with ${modules.join(", ")} in .venv, $NEOBLAST_PYTHON or python3`;

function runScript(python: string, script: string): void {
  writeFileSync(join(folder, "script.py"), script);
  execFileSync(python, ["-B", "script.py"], { cwd: folder, stdio: "pipe" });
}

/** What a line for the shell gives Python. */
function codeOf(line: string): string {
  return /^python -c '([^']*)'$/.exec(line)?.[1] ?? "";
}

/** The last numbers of a .npy file. */
function floats(name: string, count: number): Float32Array {
  const { buffer } = new Uint8Array(readFileSync(join(folder, name)).subarray(-4 * count));
  return new Float32Array(buffer);
}

/** The rows of the first layer's weight and its bias, as `NUMBERS` saved them. */
function expectSaved({ rule, parameters }: Model): void {
  expect(rule).toMatchObject({
    channels: 16,
    hidden: [24],
    kernels: ["identity", "sobelX", "sobelY"],
    outputBias: false,
  });
  const weight = floats("weight.npy", 48 * 24);
  for (let feature = 0; feature < 48; feature++) {
    const ours = ((feature % 16) * 3 + Math.floor(feature / 16)) * 24;
    expect(parameters.slice(ours, ours + 24)).toEqual(weight.slice(feature * 24, feature * 24 + 24));
  }
  expect(parameters.slice(48 * 24, 49 * 24)).toEqual(floats("bias.npy", 24));
}

describe("from PyTorch", () => {
  const modules = ["torch", "numpy", "safetensors"];
  const found = findPython(modules);

  /** What torch.save is given, by the folder that it goes to. */
  const saved = {
    dict: "model.state_dict()",
    lightning: '{"epoch": 3, "state_dict": model.state_dict(), "optimizer_states": []}',
    among: '{"model_state_dict": model.state_dict(), "epoch": 3}',
  };

  it("the page's snippet and its line save views, and modules that share tensors", ({ skip }) => {
    const python = found ?? skip(needed(modules));
    const converted = Object.entries(saved).map(
      ([name, value]) =>
        `os.mkdir("../${name}"); os.chdir("../${name}"); torch.save(${value}, "nca.pth")\n${codeOf(foreignFiles.torch.line)}\n`,
    );
    const script = `${MODULE}\n${snippet}\nimport numpy, os\n${NUMBERS}\nos.mkdir("x"); os.chdir("x")\n${converted.join("")}`;
    runScript(python, script);
    for (const name of Object.keys(saved)) {
      expect(foreignKind(readFileSync(join(folder, name, "nca.pth")))).toBe("torch");
      expectSaved(
        importTorch(readFileSync(join(folder, name, "nca.safetensors")), { order: "kernel" }).model,
      );
    }
    const { model, mapping } = importTorch(readFileSync(join(folder, "nca.safetensors")), {
      order: "kernel",
    });
    expectSaved(model);
    const left = mapping.filter(({ to }) => to === "(left out)").map(({ from, how }) => `${from}: ${how}`);
    expect(left).toContain("update.2.weight (16, 24, 1, 1): the same as net.2.weight");
    expect(left.length).toBe(3);
  });
});

describe("the lines for other files", () => {
  const TENSORS = `
import numpy, pickle
w = {"dense/kernel": numpy.full((48, 8), 0.5, "f4"), "dense/bias": numpy.full(8, 0.25, "f4"), "out/kernel": numpy.ones((8, 16), "f4")}
`;
  const cases: [ForeignKind, readonly string[], string][] = [
    [
      "pickle",
      ["numpy"],
      'pickle.dump({"dense": {"kernel": w["dense/kernel"], "bias": w["dense/bias"]}, "out": {"kernel": w["out/kernel"]}}, open("nca.pkl", "wb"))',
    ],
    [
      "npy",
      ["numpy"],
      'a = numpy.empty(3, object)\na[:] = list(w.values())\nnumpy.save("nca.npy", a, allow_pickle=True)',
    ],
    [
      "hdf5",
      ["numpy", "h5py"],
      'import h5py\nf = h5py.File("nca.h5", "w")\nfor name in w: f[name] = w[name]\nf.close()',
    ],
    [
      "keras",
      ["numpy", "h5py"],
      'import h5py, zipfile\nf = h5py.File("model.weights.h5", "w")\nfor name in w: f[name] = w[name]\nf.close()\nz = zipfile.ZipFile("nca.keras", "w")\nz.writestr("config.json", "{}")\nz.write("model.weights.h5")\nz.close()',
    ],
  ];

  it.for(cases)("%s", ([kind, modules, write], { skip }) => {
    const python = findPython(modules) ?? skip(needed(modules));
    const { input, line } = foreignFiles[kind];
    runScript(python, `${TENSORS}\n${write}\n${codeOf(line)}\n`);
    expect(foreignKind(readFileSync(join(folder, input)), input)).toBe(kind);
    const { model } = importTorch(readFileSync(join(folder, "nca.npz")), { order: "kernel" });
    expect(model.rule).toMatchObject({ channels: 16, hidden: [8], outputBias: false });
    expect(model.parameters.slice(0, 49 * 8)).toEqual(
      Float32Array.from({ length: 49 * 8 }, (_, i) => (i < 384 ? 0.5 : 0.25)),
    );
  });

  it.each(foreignKinds)("are on the page: %s", (kind) => expect(page).toContain(foreignFiles[kind].line));
});
