import { expect, it } from "vitest";
import { StepRate } from "./stepRate.ts";

it("gives the rate of the last ten seconds", () => {
  const rate = new StepRate();
  expect(rate.perSecond).toBeUndefined();
  rate.mark(0, 0);
  expect(rate.perSecond).toBeUndefined();
  for (let step = 1; step <= 20; step++) rate.mark(step, step * 1000);
  expect(rate.perSecond).toBe(1);
  for (let step = 21; step <= 60; step++) rate.mark(step, 20_000 + (step - 20) * 500);
  // From the mark before the window on.
  expect(rate.perSecond).toBe(2);
  rate.mark(61, 100_000);
  expect(rate.perSecond).toBe(1 / 60);
  rate.clear();
  expect(rate.perSecond).toBeUndefined();
});
