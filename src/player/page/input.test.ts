import { describe, expect, it } from "vitest";
import type { Model } from "../../model/model.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { picturePresets } from "../../model/presets.ts";
import { goalLabel } from "./goals.ts";
import { sliderRanges } from "./numbers.ts";
import { between } from "./pictures.ts";

describe("goalLabel", () => {
  it.each([
    ["🦎 lizard (Noto Emoji)", "🦎"],
    ["🏳️‍🌈 rainbow flag (Noto Emoji)", "🏳️‍🌈"],
    ["🇩🇪 flag-germany (Twemoji)", "🇩🇪"],
    ["lizard (Noto Emoji)", "lizard"],
    ["flag-germany (Twemoji)", "flag-germany"],
    ["my cat.png", "my cat"],
    ["3 mice (1890).jpeg", "3 mice (1890)"],
    ["v1.2", "v1.2"],
  ])("shortens %s to %s", (target, short) => {
    expect(goalLabel({ target }, 0)).toEqual({ short, full: target });
  });

  it("names a goal by its picture's source, or by its number", () => {
    expect(goalLabel({ picture: { source: "🦋", size: 40, padding: 16 } }, 0).short).toBe("🦋");
    expect(goalLabel({}, 2)).toEqual({ short: "Goal 3", full: "Goal 3" });
  });
});

describe("sliderRanges", () => {
  const conventions = splitRule({ ...picturePresets.distill, inputSize: 3 });
  const model = (provenance: Partial<Model["provenance"]>): Model => ({
    ...conventions,
    parameters: new Float32Array(0),
    provenance: { grid: [8, 8], ...provenance },
  });

  it("goes three deviations to each side of the mean, and three where there was none", () => {
    const latent = { mean: [1, -2, 0.5], deviation: [2, 0.5, 0] };
    expect(sliderRanges(model({ latent }))).toEqual([
      [-5, 7],
      [-3.5, -0.5],
      [-2.5, 3.5],
    ]);
  });

  it("is -3 to 3 where nothing is known", () => {
    expect(sliderRanges(model({}))).toEqual([
      [-3, 3],
      [-3, 3],
      [-3, 3],
    ]);
  });
});

it("between two vectors lie their mixtures, and at the ends they themselves", () => {
  const [a, b] = [Float32Array.of(0.1, -2, 1e8), Float32Array.of(0.7, 2, 1e-8)];
  expect(between(a, b, 0)).toEqual(a);
  expect(between(a, b, 1)).toEqual(b);
  expect(between(a, b, 0.25)).toEqual(Float32Array.of(0.25, -1, 7.5e7));
});
