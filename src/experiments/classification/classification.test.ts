import { describe, expect, it } from "vitest";
import { handwriting } from "../../data/handwriting.ts";
import { bytePictures, type PictureSet } from "../../data/pictureSet.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { parameterCount } from "../../rule/parameters.ts";
import type { Amounts } from "../evaluation.ts";
import { createClassification } from "./classification.ts";
import { fitClassificationConfig, resolveClassificationConfig } from "./config.ts";
import { classificationEvaluation } from "./evaluation.ts";
import { reportClassification, reportText } from "./report.ts";

/** Bars that lie, and bars that stand, at every place but the rim. */
const bars = bytePictures({
  grid: [8, 8],
  channels: 1,
  data: Uint8Array.from({ length: 12 * 64 }, (_, i) => {
    const [bar, y, x] = [Math.floor(i / 64), Math.floor((i % 64) / 8), i % 8];
    return (bar % 2 === 0 ? y : x) === 1 + Math.floor(bar / 2) ? 255 : 0;
  }),
  labels: Uint8Array.from({ length: 12 }, (_, bar) => bar % 2),
  kinds: ["lying", "standing"],
});

const small = [
  "data.size=8",
  "rule.hidden=[12]",
  "training.steps=30",
  "training.batch=4",
  "training.rollout=[6,6]",
  "training.learningRate=1e-2",
  'training.pool={"size":8,"reseed":1,"switched":1}',
];

describe("resolveClassificationConfig", () => {
  it("is the automaton of the article, number by number", () => {
    const { rule, readout } = splitRule(resolveClassificationConfig().rule);
    // 180 * 80 + 80, 80 * 80 + 80 and 80 * 20 + 20.
    expect(parameterCount(rule)).toBe(22_580);
    expect(rule.pinned).toEqual([0]);
    expect(readout.classes).toEqual({ offset: 10, count: 10 });
  });

  it("pins all channels of colours, and lets alpha say where cells live", () => {
    const { rule } = resolveClassificationConfig({ overrides: { data: { channels: 4 } } });
    expect([rule.pinned, rule.alive.channel, rule.image.channels]).toEqual([[0, 1, 2, 3], 3, 4]);
  });

  it.each([
    ["rule.inputSize=3", "rule.inputSize must be 0: cells are given a picture, and no input"],
    ['rule.image={"offset":0,"channels":1,"premultiplied":false,"classes":null}', "rule.image.classes"],
    ["training.pool.size=8", "training.pool.size must be at least the batch size"],
  ])("refuses %s", (set, error) => {
    expect(() => resolveClassificationConfig({ sets: [set] })).toThrow(error);
  });
});

describe("fitClassificationConfig", () => {
  it("has a channel and a name for each class", () => {
    const { rule } = fitClassificationConfig(resolveClassificationConfig(), bars);
    expect(rule.channels).toBe(12);
    expect(rule.image.classes).toEqual({ offset: 10, count: 2, names: ["lying", "standing"] });
    const digits = resolveClassificationConfig();
    expect(fitClassificationConfig(digits, handwriting({ seed: 1, count: 3 })).rule.channels).toBe(20);
  });

  it("refuses pictures of which nobody says what they show, and too many kinds", () => {
    const config = resolveClassificationConfig({ overrides: { data: { source: "heap" } } });
    const unknown = {
      grid: bars.grid,
      channels: bars.channels,
      count: 12,
      picture: () => new Float32Array(64),
    };
    expect(() => fitClassificationConfig(config, unknown)).toThrow(
      "nobody says what the pictures of heap show: give MNIST's files with their labels, or a folder with a subfolder for each class",
    );
    const kinds = Array.from({ length: 60 }, (__, kind) => `kind ${kind}`);
    expect(() => fitClassificationConfig(config, { ...bars, kinds })).toThrow(
      "the pictures of heap are of 60 kinds, and cells have no channels for so many scores; take fewer",
    );
  });
});

describe("createClassification", () => {
  it("learns to tell bars that lie from bars that stand, and reports it", async () => {
    const engine = referenceEngine();
    const config = fitClassificationConfig(resolveClassificationConfig({ sets: small }), bars);
    const trainer = createClassification({ engine, config, pictures: bars });
    const accuracies: number[] = [];
    for await (const { accuracy, skipped } of trainer.run()) {
      expect(skipped).toBeUndefined();
      accuracies.push(accuracy ?? NaN);
    }
    const late = accuracies.slice(-10);
    expect(late.reduce((sum, accuracy) => sum + accuracy, 0) / late.length).toBeGreaterThan(0.9);
    const model = trainer.toModel();
    // It starts from the first bar, which lies.
    expect(model.start.seeds).toEqual(Array.from({ length: 8 }, (_, x) => [-3, x - 4]));
    expect(model.readout?.classes?.names).toEqual(["lying", "standing"]);
    const report = await reportClassification({ engine, config, pictures: bars }, model.parameters, {
      count: 4,
    });
    expect(report.pictures).toBe(4);
    expect(report.agreement.map(({ step, changed }) => [step, changed])).toEqual([
      [20, false],
      [50, false],
      [200, false],
      [400, true],
    ]);
    expect(report.agreement[0].cells).toBeGreaterThan(0.9);
    expect(reportText(report)[0]).toBe("Of 4 held-out pictures:");

    const evaluate = (test: PictureSet, amounts: Amounts) =>
      classificationEvaluation.evaluate({
        engine,
        model,
        subject: { name: "bars", description: "bars", grid: bars.grid, train: bars, test },
        amounts,
        seed: 3,
        onProgress: () => {},
        signal: new AbortController().signal,
      });
    const { lines, drawing, amount } = await evaluate(bars, { count: 3, steps: [20, 6] });
    expect(amount).toBe("3 of them shown, seed 3");
    expect(lines.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      expect.stringMatching(/^ cells right all agree all rightly$/),
      expect.stringMatching(/^after 6 steps( \d+\.\d%){3}$/),
      expect.stringMatching(/^after 20 steps( \d+\.\d%){3}$/),
      expect.stringMatching(/^200 steps after each became another( \d+\.\d%){3}$/),
      "",
      expect.stringMatching(/^after 20 steps pictures cells right all agree all rightly mistaken for$/),
      expect.stringMatching(/^lying 2 \d/),
      expect.stringMatching(/^standing 1 \d/),
      "",
      expect.stringMatching(/^200 steps after each became another pictures/),
      expect.stringMatching(/^lying 1 \d/),
      expect.stringMatching(/^standing 2 \d/),
    ]);
    expect(drawing).toMatchObject({ shows: "what is taken for what" });
    const others = { ...bars, kinds: ["lying", "upright"] };
    await expect(evaluate(others, {})).rejects.toThrow(
      "the cells of this model name lying and standing, and the pictures of bars show lying and upright",
    );
    await expect(evaluate({ ...bars, channels: 4 }, {})).rejects.toThrow("bars has pictures this model");
  });

  it("goes on bit for bit from a snapshot", async () => {
    const config = resolveClassificationConfig({ sets: [...small, "training.steps=4"] });
    const create = () => createClassification({ engine: referenceEngine(), config, pictures: bars });
    const [whole, first, second] = [create(), create(), create()];
    for await (const _ of whole.run());
    for await (const { step } of first.run()) if (step === 1) break;
    await second.restore(await first.save());
    for await (const _ of second.run());
    expect(second.model).toEqual(whole.model);
    expect(await second.save()).toEqual(await whole.save());
  });
});
