/** Parts of a rule on the command line: a perception that is trained, noise, pinned channels. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../src/node/models.ts";
import { parameterViews } from "../src/rule/parameters.ts";
import { call, TINY } from "./commandLine.ts";

const learned = fileURLToPath(
  new URL("../../shared/field/kernels-per-channel/learned.safetensors", import.meta.url),
);
const perceive = { kind: "depthwise", size: 3, kernels: 3 } as const;
const PARTS = [
  ..."--kernels strict --set rule.hidden=[8] --set rule.noise=0.01 --set rule.pinned=[15]".split(" "),
  "--set",
  `rule.perceive=${JSON.stringify(perceive)}`,
];

let place: string;
const at = (name: string) => join(place, name);

/** Runs a command that succeeds. */
async function succeed(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await call(args);
  expect(code ?? 0, stderr).toBe(0);
  return { stdout, stderr };
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-parts-"));
  await succeed("grow", "🦋", ...TINY, ...PARTS, "--out", at("parts"));
}, 120_000);
afterAll(() => rmSync(place, { recursive: true }));

describe("a rule with trained kernels, noise and a pinned channel", () => {
  it("is trained by grow: kernels move apart, from identity, Sobel x and Sobel y", async () => {
    const { rule, parameters } = await loadModel(at("parts"));
    expect(rule).toMatchObject({ perceive, noise: 0.01, pinned: [15] });
    const weight = parameterViews(rule, parameters)["perceive.weight"];
    const of = (kernel: number, tap: number) => [
      ...weight.subarray((kernel * 9 + tap) * 16, (kernel * 9 + tap + 1) * 16),
    ];
    // Twelve steps at a rate of 0.01.
    for (const [kernel, tap, value] of [
      [0, 4, 1],
      [1, 5, 0.25],
      [2, 3, 0],
    ] as const) {
      expect(Math.max(...of(kernel, tap).map((number) => Math.abs(number - value)))).toBeLessThan(0.13);
      expect(new Set(of(kernel, tap)).size).toBeGreaterThan(8);
    }
  });

  it("runs, and is looked into, but for what needs kernels that all channels share", async () => {
    await succeed("run", at("parts"), "--steps", "5", "--out", at("state.npy"));
    const { stdout, stderr } = await succeed("inspect", at("parts"), "--steps", "5", "--out", at("inside"));
    expect(stdout + stderr).toContain(
      "No sobel.png: this automaton's kernels are trained, others for each channel",
    );
    const files = readdirSync(at("inside"));
    expect(files).toContain("hidden.png");
    expect(files).not.toContain("sobel.png");
  });

  it("cannot be turned", async () => {
    const { code, stderr } = await call(["run", at("parts"), "--angle", "90", "--out", at("turned.npy")]);
    expect([code, stderr]).toEqual([
      2,
      "neoblast: --angle: cells whose kernels are trained cannot be turned\n",
    ]);
  });

  it("goes to PyTorch and back", async () => {
    await succeed("export", at("parts/model.safetensors"), "--out", at("torch.safetensors"));
    await succeed("import", at("torch.safetensors"), "--from", "torch", "--out", at("back.safetensors"));
    const [one, other] = [await loadModel(at("parts")), await loadModel(at("back.safetensors"))];
    expect([other.rule, other.parameters]).toEqual([one.rule, one.parameters]);
  });
});

it("imports a learned depthwise convolution from the field", async ({ skip }) => {
  if (!existsSync(learned)) skip("the file is missing from ../shared/field");
  await succeed("import", learned, "--from", "torch", "--out", at("field.safetensors"));
  const { rule } = await loadModel(at("field.safetensors"));
  expect(rule).toMatchObject({ perceive, channels: 16, hidden: [32], outputBias: false });
  await succeed("run", at("field.safetensors"), "--steps", "3", "--out", at("field.npy"));
});
