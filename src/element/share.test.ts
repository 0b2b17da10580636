import { expect, it } from "vitest";
import { Share } from "./share.ts";

it("rests twice as long as the work took", () => {
  let now = 1000;
  const share = new Share(() => now);
  expect(share.due).toBe(true);
  share.spend(() => (now += 30));
  expect(share.due).toBe(false);
  now += 59;
  expect(share.due).toBe(false);
  now += 1;
  expect(share.due).toBe(true);
  share.spend(() => undefined);
  expect(share.due).toBe(true);
});
