import { expect, it } from "vitest";
import { referenceEngine } from "../../engine/reference/engine.ts";
import { createEngine } from "../../node/engine.ts";
import { outcomeOf, verify, verifyAgainstReference } from "./check.ts";
import { spreadOf } from "./timed.ts";
import { benchWorkload } from "./workload.ts";

it("finds the CPU engine right", async () => {
  const engine = await createEngine({ threads: 0 });
  // Float32 rounding; see FLOAT32 of the conformance suite.
  expect(await verifyAgainstReference(engine)).toBeLessThan(1e-5);
  await engine.dispose();
});

it("finds one wrong number, in the states or in the gradient, and says whose it is", async () => {
  const workload = benchWorkload({ grid: [30, 30], batch: 1, steps: 1 });
  const right = await outcomeOf(referenceEngine(), workload);
  expect(verify(right, right, workload.rule, "a copy")).toBe(0);

  const [state] = right.states;
  const peak = Math.max(...state);
  const nudged = (by: number) => state.map((value) => (value === peak ? value * (1 + by) : value));
  const wrongState = (by: number) => ({ ...right, states: [nudged(by)] });
  expect(verify(wrongState(5e-5), right, workload.rule, "a friend")).toBeCloseTo(5e-5, 6);
  expect(() => verify(wrongState(2e-4), right, workload.rule, "a stranger")).toThrow(
    "a stranger deviates by 2.0e-4; at most 0.0001 is allowed",
  );
  expect(() => verify(wrongState(NaN), right, workload.rule, "a stranger")).toThrow("deviates by NaN");

  const gradient = right.gradient.slice();
  gradient[gradient.length - 1] += 1;
  expect(() => verify({ ...right, gradient }, right, workload.rule, "a stranger")).toThrow("deviates");
});

it("takes the middle of measurements", () => {
  expect(spreadOf([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5 });
  expect(spreadOf([4, 1, 2, 9])).toEqual({ median: 3, low: 1, high: 9 });
});
