import { describe, expect, it } from "vitest";
import { bytePictures, isLabelled, type Labelled } from "../data/pictureSet.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import type { Rule } from "../rule/rule.ts";
import { parameterCount, parameterTable } from "../rule/parameters.ts";
import { asClassifier, measureAgreement, otherClass } from "./classification.ts";

/** Cells score what they see: class 1 in the measure of their own pixel, class 0 by 0.5 at once. */
const rule: Rule = {
  channels: 3,
  kernels: ["identity"],
  boundary: "zero",
  hidden: [],
  inputSize: 0,
  outputBias: true,
  alive: { mask: "both", channel: 0, threshold: 0.1, reach: 0 },
  fireRate: 1,
  stepSize: 1,
  pinned: [0],
};
const parameters = new Float32Array(parameterCount(rule));
const [weight, bias] = parameterTable(rule);
// From (pixel, score 0, score 1) to deltas: scores become 0.5 and the pixel, whatever they were.
parameters.set([0, 0, 1, 0, -1, 0, 0, 0, -1], weight.offset);
parameters.set([0, 0.5, 0], bias.offset);

const readout = {
  offset: 0,
  channels: 1,
  premultiplied: false,
  classes: { offset: 1, count: 2 },
} as const;

/** On 2 x 2 pixels: faint ones (class 0), bright ones (class 1), and one of class 1 with a faint pixel. */
function pictures(): Labelled {
  const set = bytePictures({
    grid: [2, 2],
    channels: 1,
    data: Uint8Array.of(51, 51, 0, 0, 255, 255, 255, 0, 255, 51, 0, 0, 51, 0, 0, 0),
    labels: Uint8Array.of(0, 1, 1, 0),
    kinds: ["faint", "bright"],
  });
  if (!isLabelled(set)) throw new Error("labels are lost");
  return set;
}

const engine = referenceEngine();
const request = {
  engine,
  model: { rule, parameters, readout },
  pictures: pictures(),
  steps: [1, 3],
  stepsAfter: 2,
  seed: 1,
};

describe("measureAgreement", () => {
  it("counts cells and pictures, by class, at each time", async () => {
    const [first, second, changed] = await measureAgreement({ ...request, count: 4 });
    const expected = {
      step: 1,
      changed: false,
      cells: 7 / 8,
      agreed: 3 / 4,
      right: 3 / 4,
      classes: [
        { name: "faint", pictures: 2, cells: 1, agreed: 1, right: 1 },
        { name: "bright", pictures: 2, cells: 4 / 5, agreed: 1 / 2, right: 1 / 2 },
      ],
      confusion: [
        [3, 0],
        [1, 4],
      ],
    };
    expect(first).toEqual(expected);
    expect(second).toEqual({ ...expected, step: 3 });
    // Cells are asked of the picture that they have become part of.
    const set = pictures();
    const others = [0, 1, 2, 3].map((index) => otherClass(set, index, 4, 1));
    for (const [index, other] of others.entries()) expect(set.label(other)).not.toBe(set.label(index));
    expect(changed.changed).toBe(true);
    expect(changed.step).toBe(5);
    expect(changed.right).toBe(others.filter((other) => other !== 2).length / 4);
  });

  it("says that cells agree which are wrong together", async () => {
    const set = pictures();
    const wrong = { ...set, label: (index: number) => 1 - set.label(index) };
    const [{ cells, agreed, right }] = await measureAgreement({ ...request, pictures: wrong, count: 2 });
    expect([cells, agreed, right]).toEqual([0, 1, 0]);
  });
});

describe("asClassifier", () => {
  it("refuses a model whose cells name no classes", () => {
    const model = {
      rule,
      parameters,
      readout: null,
      start: { seeds: [[0, 0]], cell: { from: 0, to: 1 } },
      provenance: { grid: [2, 2] as const },
    };
    expect(() => asClassifier({ ...model, provenance: { grid: [2, 2] } })).toThrow(
      "the cells of this model name no classes; train one with neoblast classify",
    );
    expect(asClassifier({ ...model, provenance: { grid: [2, 2] }, readout }).readout.classes.count).toBe(2);
  });
});
