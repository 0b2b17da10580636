import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

it("tells the speed of the last ten seconds", () => {
  const pace = new Pace();
  expect(pace.speed).toBeUndefined();
  pace.mark(0, 0);
  expect(pace.speed).toBeUndefined();
  for (let step = 1; step <= 20; step++) pace.mark(step, step * 1000);
  expect(pace.speed).toBe(1);
  for (let step = 21; step <= 60; step++) pace.mark(step, 20_000 + (step - 20) * 500);
  // From the mark before the window on.
  expect(pace.speed).toBe(2);
  pace.mark(61, 100_000);
  expect(pace.speed).toBe(1 / 60);
  pace.clear();
  expect(pace.speed).toBeUndefined();
});
