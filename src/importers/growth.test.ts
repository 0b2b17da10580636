import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../engine.ts";
import { createEngine } from "../node/engine.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Kernel } from "../rule/rule.ts";
import { decodeModel, type Model } from "../model/model.ts";
import { chooseReading } from "./growth.ts";
import { kernelsInWords, type TensorImportOptions } from "./imported.ts";
import { encoded, layerTensors, type Style, zeros } from "./stateDict.case.ts";
import { importTorch, torchReadings } from "./torch.ts";

const modelOf = (path: string) => decodeModel(readFileSync(new URL(path, import.meta.url)));
const lizard = modelOf("../../playground/public/gallery/lizard.safetensors");
/** A small lizard after 250 steps of training, whose fourth kernel is the 9-point Laplacian, not divided. */
const undivided = modelOf("laplacian.case.safetensors");

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ threads: 1 })));
afterAll(() => engine.dispose());

/** A model as plain layers, that show neither the kernels nor their order. */
function layersOf({ rule, parameters }: Model, order: "channel" | "kernel"): Uint8Array {
  const style: Style = {
    name: (layer, kind) => `net.${layer}.${kind}`,
    shape: (rows, columns) => [rows, columns],
    layout: "out-in",
    order,
  };
  return encoded(layerTensors(rule, parameters, style));
}

/** The same automaton with Sobel filters that are not divided by 8, which its weights make up for. */
function withRawSobel(model: Model): Model {
  const parameters = model.parameters.slice();
  const [{ hidden, kernels: own, channels }] = [model.rule];
  for (let feature = 0; feature < channels * own.length; feature++) {
    if (feature % own.length === 0) continue;
    const row = parameters.subarray(feature * hidden[0], (feature + 1) * hidden[0]);
    row.forEach((value, i) => (row[i] = value / 8));
  }
  const kernels: Kernel[] = ["identity", "sobelXRaw", "sobelYRaw"];
  return { ...model, rule: { ...model.rule, kernels }, parameters };
}

const choose = (bytes: Uint8Array, options: TensorImportOptions = {}) =>
  chooseReading(torchReadings(bytes, options), engine);

describe("chooseReading", () => {
  it.each([
    ["channel", lizard],
    ["kernel", lizard],
    ["channel", withRawSobel(lizard)],
    ["kernel", withRawSobel(lizard)],
  ] as const)("takes the order and the Sobel filters with which it lives: %s", async (order, model) => {
    const { model: found, notes } = await choose(layersOf(model, order));
    expect(found.rule.kernels).toEqual(model.rule.kernels);
    expect(found.parameters).toEqual(model.parameters);
    const text = `${order} by ${order}, ${kernelsInWords(model.rule.kernels.slice(1))}`;
    expect(notes[notes.length - 1]).toBe(
      `Taken: ${text}, the only one that lives; --order, --layout, --preset or --set rule.kernels says otherwise.`,
    );
  });

  it("shows what each did, the same each time", async () => {
    const imported = await choose(layersOf(lizard, "kernel"));
    const { notes } = imported;
    expect(await choose(layersOf(lizard, "kernel"))).toEqual(imported);
    expect(notes[3]).toBe("What the file does not say was tried, by growing each reading from a seed:");
    expect(notes[4]).toMatch(/^ {3}reading +did +steps +living cells +largest value +change$/);
    const rows = notes.slice(5, 9).map((row) => /^(.) {2}(.+?) {2,}(\w+) +(\d+)/.exec(row)?.slice(1));
    expect(rows.map((row) => row?.slice(0, 3))).toEqual([
      [" ", "channel by channel, sobelX, sobelY", "explodes"],
      ["*", "kernel by kernel, sobelX, sobelY", "lives"],
      [" ", "channel by channel, sobelXRaw, sobelYRaw", "explodes"],
      [" ", "kernel by kernel, sobelXRaw, sobelYRaw", "explodes"],
    ]);
    expect(rows[1]?.[3]).toBe("96");
    expect(notes.length).toBe(10);
  });

  it.each(["channel", "kernel"] as const)("finds the scale of a Laplacian: %s", async (order) => {
    const bytes = layersOf(undivided, order);
    const { model, notes } = await choose(bytes);
    expect(model.rule.kernels).toEqual(undivided.rule.kernels);
    expect(model.parameters).toEqual(undivided.parameters);
    expect(notes.at(-1)).toContain(
      `Taken: ${order} by ${order}, sobelX, sobelY, 9-point Laplacian (centre -12), `,
    );
    expect(notes.at(-2)).toMatch(/^ {3}\d+ others die, explode or stand still$/);
    expect(() => importTorch(bytes)).toThrow("the file does not say which; state them");
  });

  it.each<[string, TensorImportOptions, string]>([
    [
      "an order",
      { order: "kernel" },
      "kernel by kernel, sobelX, sobelY; kernel by kernel, sobelXRaw, sobelYRaw",
    ],
    [
      "a preset",
      { preset: "tutorial", overrides: { rule: { outputBias: true } } },
      "channel by channel; kernel by kernel",
    ],
    [
      "kernels",
      { sets: ['rule.kernels=["identity","sobelY","sobelX"]'] },
      "channel by channel; kernel by kernel",
    ],
    ["both", { order: "channel", preset: "distill" }, "channel by channel"],
  ])("tries nothing against what is stated: %s", (_, options, texts) => {
    const readings = torchReadings(layersOf(lizard, "channel"), options);
    expect(readings.map(({ text }) => text).join("; ")).toBe(texts);
  });

  it("tries nothing that an export of ours or a depthwise convolution shows", () => {
    const [only, ...others] = torchReadings(layersOf({ ...lizard }, "channel"), {
      order: "channel",
      sets: ['rule.kernels=["identity","sobelX","sobelY"]'],
    });
    expect(only.model.parameters).toEqual(lizard.parameters);
    expect(others).toEqual([]);
  });

  it("takes the likeliest, and says so, where none lives", async () => {
    const dead = encoded({ "0.weight": zeros([8, 48]), "1.weight": zeros([16, 8]) });
    const { model, notes } = await choose(dead);
    expect(model.rule.kernels).toEqual(rulePresets.distill.kernels);
    expect(notes.at(-1)).toMatch(
      /^None of them lives, so the likeliest was taken, channel by channel, sobelX/,
    );
    expect(notes[5]).toMatch(/^\* .* stands still +96 +1 /);
  });

  it("refuses where none lives and the kernels are a guess", async () => {
    const dead = encoded({ "0.weight": zeros([8, 64]), "1.weight": zeros([16, 8]) });
    await expect(choose(dead)).rejects.toThrow(
      "the file does not say its kernels, and with none of 36 usual lists of them does it grow from a seed; state them, as in",
    );
  });

  it("stops when asked to", async () => {
    const readings = torchReadings(layersOf(lizard, "channel"));
    const aborted = chooseReading(readings, engine, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  });
});
