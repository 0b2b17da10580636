import { describe, expect, it } from "vitest";
import type { ParameterEntry } from "../../rule/parameters.ts";
import { adam } from "./adam.ts";
import { muon } from "./muon.ts";
import type { Optimizer } from "./optimizer.ts";

const SETTINGS = { momentum: 0.9, iterations: 3, scale: 0.2, beta2: 0.95, epsilon: 1e-8, largest: 512 };

/** What three Newton-Schulz iterations make of a singular value. */
function drawn(value: number): number {
  let x = value;
  for (let i = 0; i < 3; i++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
  return x;
}

const weight = (rows: number, columns: number): ParameterEntry => ({
  name: "update.0.weight",
  shape: [rows, columns],
  offset: 0,
  size: rows * columns,
});

function firstStep(rows: number, columns: number, gradient: readonly number[]): Float32Array {
  const table = [weight(rows, columns)];
  const optimizer = muon(SETTINGS);
  const zeros = new Float32Array(rows * columns);
  return optimizer.update(table, zeros, Float32Array.from(gradient), optimizer.init(table), 1).parameters;
}

describe("muon", () => {
  it.each([
    ["wide", 2, 3, [3, 0, 0, 0, -4, 0]],
    ["tall", 3, 2, [3, 0, 0, -4, 0, 0]],
  ])("draws the singular values of a %s matrix towards 1", (_, rows, columns, gradient) => {
    const step = firstStep(rows, columns, gradient);
    const factor = 0.2 * Math.sqrt(3);
    const expected = gradient.map((g) => -factor * Math.sign(g) * drawn(Math.abs(g) / 5));
    // Float32 numbers of about 0.4, and fifteen roundings.
    step.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });

  it("does not depend on the basis", () => {
    // The same matrix turned by 3-4-5 rotations from both sides.
    const [c, s] = [0.8, 0.6];
    const turned = firstStep(2, 2, [3 * c, 3 * s, 4 * s, -4 * c]);
    const plain = firstStep(2, 2, [3, 0, 0, -4]);
    const expected = [plain[0] * c, plain[0] * s, -plain[3] * s, plain[3] * c];
    turned.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });

  it("looks ahead along its momentum", () => {
    const table = [weight(1, 1)];
    const optimizer = muon({ ...SETTINGS, iterations: 1 });
    const first = optimizer.update(table, Float32Array.of(0), Float32Array.of(1), optimizer.init(table), 1);
    const second = optimizer.update(table, first.parameters, Float32Array.of(-0.5), first.state, 1);
    expect(second.state.tensors.mean[0]).toBeCloseTo(0.9 * 0.1 - 0.1 * 0.5, 6);
    // The direction is 0.1 * -0.5 + 0.9 * 0.04 < 0: already back, while the momentum itself still points ahead.
    const size = 0.2 * (3.4445 - 4.775 + 2.0315);
    expect(second.parameters[0]).toBeCloseTo(-size + size, 5);
  });

  it("is Adam for biases", () => {
    const table: ParameterEntry[] = [{ name: "update.0.bias", shape: [3], offset: 0, size: 3 }];
    const ours = muon(SETTINGS);
    const theirs = adam({ beta1: 0.9, beta2: 0.95, epsilon: 1e-8 });
    let [a, b]: Float32Array[] = [Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3)];
    let [stateA, stateB] = [ours.init(table), theirs.init(table)];
    for (const gradient of [Float32Array.of(1, -2, 0), Float32Array.of(0.5, 3, -1)]) {
      ({ parameters: a, state: stateA } = ours.update(table, a, gradient, stateA, 0.1));
      ({ parameters: b, state: stateB } = theirs.update(table, b, gradient, stateB, 0.1));
    }
    expect(a).toEqual(b);
  });

  it("is Adam for matrices with two long sides", () => {
    const [small, large] = [
      muon({ ...SETTINGS, largest: 1 }),
      adam({ beta1: 0.9, beta2: 0.95, epsilon: 1e-8 }),
    ];
    const table = [weight(2, 3)];
    const gradient = Float32Array.of(1, -2, 0, 0.5, 3, -1);
    const zeros = new Float32Array(6);
    const step = (optimizer: Optimizer) =>
      optimizer.update(table, zeros, gradient, optimizer.init(table), 0.1).parameters;
    expect(step(small)).toEqual(step(large));
    expect(step(muon({ ...SETTINGS, largest: 2 }))).not.toEqual(step(large));
  });

  it("leaves a weight alone whose gradient is 0", () => {
    expect(firstStep(2, 2, [0, 0, 0, 0])).toEqual(new Float32Array(4));
  });
});
