import { expect, it } from "vitest";
import { Throttle } from "./throttle.ts";

it("rests twice as long as the work took", () => {
  let now = 1000;
  const throttle = new Throttle(() => now);
  expect(throttle.due).toBe(true);
  throttle.run(() => (now += 30));
  expect(throttle.due).toBe(false);
  now += 59;
  expect(throttle.due).toBe(false);
  now += 1;
  expect(throttle.due).toBe(true);
  throttle.run(() => undefined);
  expect(throttle.due).toBe(true);
});
