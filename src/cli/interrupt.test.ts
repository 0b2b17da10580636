import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Interruption, interruptible } from "./interrupt.ts";

let now = 0;
const exit = vi.fn((code?: string | number | null): never => {
  throw new Error(`exit ${code}`);
});
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.spyOn(process, "exit").mockImplementation(exit);
});
afterEach(() => vi.restoreAllMocks());

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("asks work to stop at %s", async (name, exitCode) => {
  const work = interruptible(aborted);
  process.emit(name);
  await expect(work).rejects.toSatisfy(
    (error) => error instanceof Interruption && error.exitCode === exitCode,
  );
});

it("takes a signal that comes twice for one, and a second one seriously", async () => {
  const work = interruptible(aborted);
  process.emit("SIGINT");
  now += 100;
  process.emit("SIGINT");
  expect(exit).not.toHaveBeenCalled();
  now += 1000;
  expect(() => process.emit("SIGINT")).toThrow("exit 130");
  await expect(work).rejects.toThrow("stopped by SIGINT");
});

it("leaves no listeners behind", async () => {
  const before = listenerCounts();
  expect(await interruptible(async () => 7)).toBe(7);
  expect(listenerCounts()).toEqual(before);
});

function listenerCounts(): number[] {
  return ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => process.listenerCount(name));
}
