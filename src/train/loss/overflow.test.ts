import { describe, expect, it } from "vitest";
import { rulePresets } from "../../rule/presets.ts";
import type { CotangentSink } from "./loss.ts";
import { cotangentOf, differences, dyadic } from "./loss.case.ts";
import { overflowLoss } from "./overflow.ts";

/** Of a state of one channel, one row. */
function lossOf(data: Float32Array, sink?: CotangentSink): number {
  const width = data.length;
  const loss = overflowLoss({ ...rulePresets.distill, channels: 1 }, [1, width]);
  return loss({ top: 0, left: 0, height: 1, width, data }, sink);
}

describe("overflowLoss", () => {
  it("is the mean distance from [-1, 1]", () => {
    expect(lossOf(Float32Array.of(0.5, -1, 1, 3, -1.5, 0, 0, 0, 0, 0))).toBe((2 + 0.5) / 10);
  });

  it("has the gradient of finite differences off the corners", () => {
    const state = dyadic(40, 3).map((value) => (Math.abs(value) === 1 ? 0 : value));
    const cotangent = cotangentOf((sink) => lossOf(state, sink), state.length);
    differences((s) => lossOf(s), state).forEach((slope, i) => expect(cotangent[i]).toBeCloseTo(slope, 7));
  });

  it("leaves colours alone in a range around another middle", () => {
    const rule = { ...rulePresets.distill, channels: 5 };
    const colours = { readout: { offset: 1, channels: 4 }, middle: 0.5 } as const;
    const own = (data: Float32Array, sink?: CotangentSink) =>
      overflowLoss(rule, [1, 2], colours)({ top: 0, left: 0, height: 1, width: 2, data }, sink);
    const state = Float32Array.of(1.25, 1.25, -0.75, 1.75, 1.25, -0.75, 1.5, -0.5, 0, -0.75);
    expect(own(state)).toBe((0.25 + 0.25 + 0.25 + 0.25) / 10);
    expect([...cotangentOf((sink) => own(state, sink), 10)].map((value) => Math.sign(value))).toEqual([
      1, 0, -1, 1, 1, 0, 0, 0, 0, 0,
    ]);
  });

  it("is NaN where the state is", () => {
    expect(lossOf(Float32Array.of(0, NaN))).toBeNaN();
  });

  it("takes the cells outside a window for zeros", () => {
    const window = { top: 0, left: 1, height: 1, width: 2, data: Float32Array.of(3, 1.5) };
    expect(overflowLoss({ ...rulePresets.distill, channels: 1 }, [1, 10])(window)).toBe(2.5 / 10);
  });
});
