import { describe, expect, it } from "vitest";
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { checkSameCells, graftParameters } from "./graft.ts";
import { type PictureRule, splitRule } from "./pictureRule.ts";
import { picturePresets } from "./presets.ts";

const rule: PictureRule = { ...picturePresets.distill, hidden: [6, 5] };
const parameters = randomParameters(rule, drawing(1));
/** The parameters of one model on the grid of another. */
const grafted = (host: PictureRule, guest: PictureRule, own: Float32Array) =>
  graftParameters(splitRule(host), { ...splitRule(guest), parameters: own });

/** Conventions of cells that are given coordinates in such a unit. */
function given(unit: number) {
  const box = { top: -3, left: -3, height: 6, width: 6 };
  return splitRule(rule, [[0, 0]], { channels: [14, 15], box, unit });
}

describe("graftParameters", () => {
  it("are those of a model whose rule is equal, whatever the order of its fields", () => {
    const same: PictureRule = {
      ...structuredClone(rule),
      alive: { threshold: 0.1, channel: 3, mask: "both" },
    };
    expect(grafted(rule, same, parameters)).toBe(parameters);
  });

  it.each([true, false])("carry the other step size, output bias %s", async (outputBias) => {
    const host: PictureRule = { ...rule, outputBias, stepSize: 2 };
    const guest: PictureRule = { ...host, stepSize: 0.5 };
    const own = randomParameters(guest, drawing(2));
    const kept = own.slice();
    const folded = grafted(host, guest, own);
    expect(own).toEqual(kept);
    const engine = referenceEngine();
    const grid = [9, 8] as const;
    const request = { grid, states: [disc(rule, grid, drawing(3))], steps: 4, seed: 1 };
    const alone = await engine.rollout({ ...request, rule: guest, parameters: own });
    const graft = { parameters: [folded], cells: new Uint8Array(72).fill(1) };
    const zeros = new Float32Array(own.length);
    const both = await engine.rollout({ ...request, rule: host, parameters: zeros, graft });
    // A factor of 1/4 changes exponents alone: no rounding.
    expect(await both.final[0].read()).toEqual(await alone.final[0].read());
    const unfolded = { ...graft, parameters: [own] };
    const wrong = await engine.rollout({ ...request, rule: host, parameters: zeros, graft: unfolded });
    expect(await wrong.final[0].read()).not.toEqual(await alone.final[0].read());
  });

  it("are refused where cells are given other coordinates", () => {
    expect(graftParameters(given(5), { ...given(5), parameters })).toBe(parameters);
    expect(() => graftParameters(given(5), { ...given(6), parameters })).toThrow(
      "the models cannot share a grid: coordinates.unit is 5 in one and 6 in the other",
    );
  });

  it.each<[Partial<PictureRule>, string]>([
    [{ hidden: [6] }, "hidden is [6,5] in one and [6] in the other"],
    [{ fireRate: 1 }, "fireRate is 0.5 in one and 1 in the other"],
    [{ boundary: "wrap" }, 'boundary is "zero" in one and "wrap" in the other'],
    [
      { alive: { mask: "both", channel: 3, threshold: 0.2 } },
      "alive.threshold is 0.1 in one and 0.2 in the other",
    ],
    [
      { image: { offset: 0, channels: 4, premultiplied: false } },
      "readout.premultiplied is true in one and false in the other",
    ],
    [
      { kernels: ["identity", "sobelY", "sobelX"] },
      'kernels is ["identity","sobelX","sobelY"] in one and ["identity","sobelY","sobelX"] in the other',
    ],
  ])("refuse another rule: %j", (change, sentence) => {
    expect(() => grafted(rule, { ...rule, ...change }, parameters)).toThrow(
      new RangeError(`the models cannot share a grid: ${sentence}`),
    );
  });

  it("refuse a step size of 0 beside another", () => {
    expect(() => grafted({ ...rule, stepSize: 0 }, rule, parameters)).toThrow(
      new RangeError("the models cannot share a grid: stepSize is 0 in one and 1 in the other"),
    );
  });
});

describe("checkSameCells", () => {
  it("passes rules that go on by the same cells, however else they differ", () => {
    const other: PictureRule = {
      ...rule,
      kernels: ["identity"],
      hidden: [],
      inputSize: 3,
      boundary: "wrap",
      fireRate: 1,
      stepSize: 2,
      alive: { mask: "none", channel: 3, threshold: 0.2 },
      seed: { from: 3, to: 4 },
    };
    expect(() => checkSameCells(splitRule(rule), splitRule(other))).not.toThrow();
  });

  it.each<[Partial<PictureRule>, string]>([
    [{ channels: 12 }, "channels is 16 in one and 12 in the other"],
    [
      { image: { offset: 12, channels: 4, premultiplied: true } },
      "readout.offset is 0 in one and 12 in the other",
    ],
    [
      { alive: { mask: "both", channel: 15, threshold: 0.1 } },
      "alive.channel is 3 in one and 15 in the other",
    ],
  ])("refuses other cells: %j", (change, sentence) => {
    expect(() => checkSameCells(splitRule(rule), splitRule({ ...rule, ...change }))).toThrow(
      new RangeError(`one model cannot take over the other's cells: ${sentence}`),
    );
  });
});
