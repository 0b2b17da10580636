/** The loaders in docs/import.md compute what the reference engine computes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../src/conformance/scenario.ts";
import { disc } from "../src/conformance/starts.ts";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import { exportModel } from "../src/exporters/interchange.ts";
import type { Model } from "../src/model/model.ts";
import { decodeNpy, encodeNpy } from "../src/formats/npy.ts";
import { encodeNpz } from "../src/formats/npz.ts";
import { encodeSafetensors } from "../src/formats/safetensors.ts";
import { type PictureRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import { findPython } from "./python.ts";

const page = readFileSync(fileURLToPath(new URL("../docs/import.md", import.meta.url)), "utf8");
const GRID = [11, 13] as const;
const STEPS = 3;

const { distill, cax, tutorial } = picturePresets;
const rules: readonly PictureRule[] = [
  distill,
  cax,
  tutorial,
  { ...distill, perceive: { kind: "depthwise", size: 3, kernels: 2 } },
  {
    ...distill,
    kernels: ["laplacian", { taps: [{ offset: [-2, 1], weight: 0.5 }] }],
    hidden: [24, 12],
    alive: { ...distill.alive, mask: "none" },
    boundary: "wrap",
    stepSize: 0.5,
  },
];

/** Automata in which every cell fires, so that nothing is left to chance. */
const cases = rules.map((preset, i) => {
  const hidden = preset.hidden.map((size) => Math.min(size, 24));
  const conventions = splitRule({ ...preset, hidden, fireRate: 1 });
  const { rule } = conventions;
  const draw = drawing(i + 1);
  const parameters = randomParameters(rule, draw);
  const model: Model = { ...conventions, parameters, provenance: { grid: GRID } };
  return { rule, model, state: disc(rule, GRID, draw) };
});

/** A loader as the page has it: the first block of Python under a heading. */
function loader(heading: string): string {
  const section = page.split(`### ${heading}\n`)[1] ?? "";
  return /```python\n(.+?)```/s.exec(section)?.[1] ?? "";
}

type Library = Readonly<{
  heading: string;
  modules: readonly string[];
  encode: (model: Model) => Uint8Array;
  /** Takes the steps of case `i`, after the page's loader. */
  main: string;
}>;

const libraries: readonly Library[] = [
  {
    heading: "PyTorch",
    modules: ["torch", "numpy", "safetensors"],
    encode: (model) => encodeSafetensors(exportModel(model, "out-in")),
    main: `
    x = torch.from_numpy(numpy.load(f"{i}.state.npy")).permute(2, 0, 1)[None]
    rule, tensors = load(f"{i}.model")
    kernels, linear = tensors["perceive.weight"], [name for name in tensors if name.startswith("update.") and "weight" in name]
    module = torch.nn.Module()
    module.perceive = torch.nn.Conv2d(x.shape[1], len(kernels), kernels.shape[-1], groups=x.shape[1], bias=False)
    module.update = torch.nn.ModuleList(
        torch.nn.Linear(*tensors[name].T.shape, bias=name.replace("weight", "bias") in tensors) for name in sorted(linear)
    )
    module.load_state_dict(tensors)
    for _ in range(${STEPS}):
        x = step(x, rule, tensors)
    numpy.save(f"{i}.final.npy", x[0].permute(1, 2, 0).contiguous().numpy())`,
  },
  {
    heading: "NumPy",
    modules: ["numpy"],
    encode: (model) => encodeNpz(exportModel(model, "in-out")),
    main: `
    x = numpy.load(f"{i}.state.npy")
    rule, tensors = load(f"{i}.model")
    for _ in range(${STEPS}):
        x = step(x, rule, tensors)
    numpy.save(f"{i}.final.npy", numpy.ascontiguousarray(x))`,
  },
];

describe.each(libraries)("the loader for $heading", ({ heading, modules, encode, main }) => {
  const found = findPython(modules);

  it("is on the page", () => expect(loader(heading)).toMatch(/^def load\(path\):$.*^def step\(x, /ms));

  it("steps as the reference engine does", async ({ skip }) => {
    const python =
      found ?? skip(`needs Python with ${modules.join(", ")} in .venv, $NEOBLAST_PYTHON or python3`);
    const folder = mkdtempSync(join(tmpdir(), "neoblast-python-"));
    try {
      cases.forEach(({ rule, model, state }, i) => {
        writeFileSync(join(folder, `${i}.model`), encode(model));
        const array = { shape: [...GRID, rule.channels], data: state };
        writeFileSync(join(folder, `${i}.state.npy`), encodeNpy(array));
      });
      const script = `${loader(heading)}\nimport numpy\nfor i in range(${cases.length}):${main}\n`;
      writeFileSync(join(folder, "script.py"), script);
      const environment = { ...process.env, OMP_NUM_THREADS: "1" };
      execFileSync(python, ["-B", "script.py"], { cwd: folder, stdio: "pipe", env: environment });
      for (const [i, { rule, model, state }] of cases.entries()) {
        const request = { rule, grid: GRID, parameters: model.parameters, states: [state], steps: STEPS };
        const { final } = await referenceEngine().rollout({ ...request, seed: 0 });
        const expected = await final[0].read();
        const actual = decodeNpy(readFileSync(join(folder, `${i}.final.npy`))).data;
        expect(largestDifference(expected, state)).toBeGreaterThan(0.1);
        // Float32 sums of up to 48 products of order 1, in another order, over three steps.
        expect(largestDifference(actual, expected), JSON.stringify(rule)).toBeLessThan(1e-5);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}
