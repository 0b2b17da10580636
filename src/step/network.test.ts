import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { layersOf, network, networkBackward, rectify, rectifyBackward } from "./network.ts";

describe("layersOf", () => {
  it("views a flat buffer as weight (in, out) and bias (out) of each layer", () => {
    const rule = smallRule({ channels: 2, kernels: ["identity"], hidden: [3], outputBias: false });
    const flat = Float64Array.from({ length: 15 }, (_, i) => i);
    const [first, last] = layersOf(rule, flat);
    expect([first.inputs, first.outputs, last.inputs, last.outputs]).toEqual([2, 3, 3, 2]);
    expect([...first.weight]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...first.bias!]).toEqual([6, 7, 8]);
    expect([...last.weight]).toEqual([9, 10, 11, 12, 13, 14]);
    expect(last.bias).toBeUndefined();
  });
});

describe("rectify", () => {
  it("lets nothing at or below 0 through, in either direction, and keeps NaN", () => {
    const X = rectify(new Float64Array([-1, 0, 2, NaN]));
    expect([...X]).toEqual([0, 0, 2, NaN]);
    expect([...rectifyBackward(X, new Float64Array([5, 5, 5, 5]))]).toEqual([0, 0, 5, 0]);
  });
});

describe("network", () => {
  const rule = smallRule({ channels: 1, kernels: ["identity", "sobelX"], hidden: [2] });
  // p (2) -> ReLU(p [[1, 2], [3, -4]] + [0.5, 0]) -> h [[2], [10]] + 1
  const layers = layersOf(rule, new Float64Array([1, 2, 3, -4, 0.5, 0, 2, 10, 1]));
  const P = new Float64Array([1, 1, 1, 0, 7, 7]);
  const fired = new Uint8Array([1, 1, 0]);

  it("evaluates the cells that fire", () => {
    const [, hidden, delta] = network(layers, P, fired);
    expect([...hidden]).toEqual([4.5, 0, 1.5, 2, 0, 0]);
    expect([...delta]).toEqual([10, 24, 0]);
  });

  it("pulls back through them, and adds to the gradients", () => {
    const gradient = new Float64Array(9).fill(100);
    const activations = network(layers, P, fired);
    const dP = networkBackward(
      layers,
      layersOf(rule, gradient),
      activations,
      new Float64Array([1, -1, 5]),
      fired,
    );
    // dH = dDelta W2^T where H > 0: [2, 0], [-2, -10]; dP = dH W1^T.
    expect([...dP]).toEqual([2, 6, -22, 34, 0, 0]);
    expect([...gradient].map((value) => value - 100)).toEqual([0, -10, 2, 0, 0, -10, 3, -2, 0]);
  });
});
