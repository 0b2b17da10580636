import { describe, expect, it } from "vitest";
import { bytePictures, isLabelled } from "../data/pictureSet.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { encoderTable, type EncoderSettings, initialEncoder } from "../nets/encoder.ts";
import { initialParameters } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { seedState } from "../model/seed.ts";
import {
  asDrawer,
  between,
  type Drawer,
  drawingErrors,
  drawInputs,
  latentOf,
  latentStatistics,
  nearestMeanAccuracy,
  sampleLatents,
} from "./latents.ts";

const settings: EncoderSettings = { grid: [4, 4], channels: 1, features: [2], latent: 2 };
const conventions = splitRule({
  ...picturePresets.cax,
  channels: 4,
  hidden: [4],
  inputSize: 2,
  alive: { mask: "both", channel: 3, threshold: 0.1 },
  image: { offset: 3, channels: 1, premultiplied: false },
  seed: { from: 3, to: 4 },
});
const { rule } = conventions;
const parameters = initialParameters(rule, 1).map((value, i) => value + 0.1 * ((i % 7) - 3));

/** Its first latent number is the mean of the picture's upper half, its second that of the lower. */
function meanEncoder(): Drawer {
  const numbers = new Float32Array(initialEncoder(settings, 0).length);
  const put = (name: string, entries: readonly (readonly [index: number, value: number])[]) => {
    const { offset } = encoderTable(settings).find((entry) => entry.name === name)!;
    for (const [index, value] of entries) numbers[offset + index] = value;
  };
  // A window sees its cell, and those one to the right and below: together they see each cell once.
  put(
    "encoder.conv.0.weight",
    [0, 1, 3, 4].map((tap) => [tap * 2, 1]),
  );
  // Four windows of two features; the first feature passes on.
  put(
    "encoder.linear.weight",
    [0, 2, 4, 6].map((i) => [i * 8 + i, 1]),
  );
  put("encoder.mean.weight", [
    [0 * 2, 1 / 8],
    [2 * 2, 1 / 8],
    [4 * 2 + 1, 1 / 8],
    [6 * 2 + 1, 1 / 8],
  ]);
  const encoder = { settings, parameters: numbers };
  return { ...conventions, parameters, provenance: { grid: [4, 4] }, encoder };
}

const halves = (upper: number, lower: number) =>
  Array.from({ length: 16 }, (_, i) => (i < 8 ? upper : lower));
const pictures = (rows: readonly (readonly [upper: number, lower: number, label: number])[]) => {
  const set = bytePictures({
    grid: [4, 4],
    channels: 1,
    data: Uint8Array.from(rows.flatMap(([upper, lower]) => halves(upper, lower))),
    labels: Uint8Array.from(rows, ([, , label]) => label),
  });
  if (!isLabelled(set)) throw new Error("labels are lost");
  return set;
};

describe("latent vectors", () => {
  it("are the posterior's mean", () => {
    const latent = latentOf(meanEncoder(), Float32Array.from(halves(1, 0.5)));
    expect([...latent]).toEqual([1, 0.5]);
  });

  it("are missing where a model has no encoder", () => {
    const { encoder: _, ...model } = meanEncoder();
    expect(() => asDrawer(model)).toThrow("this model has no encoder");
    expect(asDrawer(meanEncoder()).encoder.settings).toBe(settings);
  });

  it("have a mean and a deviation", () => {
    const latents = [Float32Array.of(1, 5), Float32Array.of(3, 5)];
    expect(latentStatistics(latents)).toEqual({ mean: [2, 5], deviation: [1, 0] });
  });

  it("lie between others in a straight line", () => {
    const [a, b] = [Float32Array.of(1, 2), Float32Array.of(3, -2)];
    expect([0, 0.25, 1].map((t) => [...between(a, b, t)])).toEqual([
      [1, 2],
      [1.5, 1],
      [3, -2],
    ]);
  });

  it("are drawn from the distribution asked for, the same ones by the same seed", () => {
    const fitted = { mean: [3, -1], deviation: [0.5, 2] };
    const latents = sampleLatents(2000, 2, { seed: 4, ...fitted });
    const { mean, deviation } = latentStatistics(latents);
    // Standard errors of 2,000 draws: 0.011 and 0.045 of the means, less of the deviations; four of them.
    mean.forEach((value, i) =>
      expect(Math.abs(value - fitted.mean[i])).toBeLessThan(0.09 * fitted.deviation[i]),
    );
    deviation.forEach((value, i) => expect(Math.abs(value / fitted.deviation[i] - 1)).toBeLessThan(0.07));
    expect(sampleLatents(3, 2, { seed: 4, ...fitted })).toEqual(latents.slice(0, 3));
    expect(sampleLatents(1, 2, { seed: 4 })[0][0]).toBeCloseTo((latents[0][0] - 3) / 0.5, 5);
    expect(sampleLatents(1, 2, { seed: 5 })).not.toEqual(sampleLatents(1, 2, { seed: 4 }));
  });

  it("separate kinds as far as their means are nearer than others'", () => {
    const known = pictures([
      [250, 0, 7],
      [200, 0, 7],
      [0, 250, 3],
      [0, 200, 3],
    ]);
    const heldOut = pictures([
      [240, 20, 7],
      [30, 190, 3],
      [40, 180, 7],
      [10, 220, 3],
    ]);
    expect(nearestMeanAccuracy(meanEncoder(), known, heldOut)).toBe(0.75);
    expect(nearestMeanAccuracy(meanEncoder(), known, heldOut, 2)).toBe(0.5);
  });
});

describe("drawing", () => {
  const engine = referenceEngine();
  const model = meanEncoder();
  const inputs = [Float32Array.of(1, 0), Float32Array.of(-1, 2)];

  it("gives the states of unbroken rollouts at every stop", async () => {
    const drawn = [];
    for await (const stop of drawInputs({ engine, model, inputs, stops: [5, 0, 3, 3], seed: 2 }))
      drawn.push(stop);
    expect(drawn.map(({ step }) => step)).toEqual([0, 3, 5]);
    const { final } = await engine.rollout({
      rule,
      grid: [4, 4],
      parameters,
      states: inputs.map(() => seedState(model, [4, 4])),
      inputs,
      steps: 5,
      seed: 2,
    });
    expect(drawn[2].states).toEqual(await Promise.all(final.map((state) => state.read())));
    expect(drawn[2].states[0]).not.toEqual(drawn[2].states[1]);
  });

  it("is measured by the mean squared error of the picture", () => {
    const state = new Float32Array(64);
    state[4 * 5 + 3] = 0.5;
    expect(drawingErrors(model, [state], [new Float32Array(16)])).toEqual([0.25 / 16]);
  });
});
