import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../engine.ts";
import { createWasmEngine } from "../engine/wasm/engine.ts";
import { STREAM, uniform } from "../random.ts";
import { initialParameters } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { decodeModel, encodeModel, type Model } from "./model.ts";
import { asPlane } from "./rows.ts";

const WIDTH = 21;
const rule: Rule = {
  axes: 1,
  channels: 6,
  kernels: ["identity", "sobelX", "laplacian", { taps: [{ offset: [2], weight: 0.5 }] }],
  boundary: "zero",
  hidden: [8],
  inputSize: 0,
  outputBias: true,
  alive: { mask: "both", channel: 3, threshold: 0.1 },
  fireRate: 0.5,
  stepSize: 1,
};

function modelOf(changes: Partial<Rule>): Model {
  const own = { ...rule, ...changes };
  const parameters = initialParameters(own, 3).map(
    (value, i) => value + 0.3 * (uniform(5, STREAM.data, 0, i) - 0.5),
  );
  return {
    rule: own,
    readout: { offset: 0, channels: 4, premultiplied: true },
    start: { seeds: [[0], [-3]], cell: { from: 3, to: 6 } },
    parameters,
    provenance: { grid: [WIDTH] },
  };
}

describe("asPlane", () => {
  let engine: Engine;
  beforeAll(async () => (engine = await createWasmEngine({ threads: 0, kernels: "strict" })));
  afterAll(() => engine.dispose());

  const stateAfter = async ({ rule: own, parameters, provenance: { grid } }: Model, start: Float32Array) => {
    const { final } = await engine.rollout({
      rule: own,
      grid,
      parameters,
      states: [start],
      steps: 12,
      seed: 1,
    });
    return final[0].read();
  };

  it.each<Partial<Rule>>([
    {},
    { boundary: "wrap" },
    { alive: { ...rule.alive, mask: "none" } },
    { alive: { ...rule.alive, reach: 0 } },
  ])("makes steps of the same bits: %j", async (changes) => {
    const model = modelOf(changes);
    const start = Float32Array.from({ length: WIDTH * 6 }, (_, i) => uniform(4, STREAM.data, 0, i) ** 2);
    const after = await stateAfter(model, start);
    expect(after).not.toEqual(start);
    expect(await stateAfter(asPlane(model), start)).toEqual(after);
  });

  it("makes a model with seeds and pictures on a plane, which a file holds", () => {
    const data = [Float32Array.from({ length: WIDTH * 2 }, (_, i) => i / 64)];
    const model = modelOf({});
    const pictured = {
      ...model,
      start: { ...model.start, pictures: { grid: [WIDTH] as const, offset: 1, channels: 2, data } },
    };
    const plane = asPlane(pictured);
    expect(plane.provenance.grid).toEqual([1, WIDTH]);
    expect(plane.start.seeds).toEqual([
      [0, 0],
      [0, -3],
    ]);
    expect(plane.start.pictures).toEqual({ grid: [1, WIDTH], offset: 1, channels: 2, data });
    expect(decodeModel(encodeModel(plane)).start).toEqual(plane.start);
  });

  it("leaves others alone", () => {
    const depthwise = modelOf({ perceive: { kind: "depthwise", kernels: 1, size: 3 } });
    expect(asPlane(depthwise)).toBe(depthwise);
    const flat = asPlane(modelOf({}));
    expect(asPlane(flat)).toBe(flat);
  });
});
