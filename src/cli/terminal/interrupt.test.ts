import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endSoon, Interruption, interruptible, unlessAborted } from "./interrupt.ts";

let now = 0;
/** In place of `process.kill`, which would end the tests. */
const kill = vi.fn((pid: number, signal?: string | number): never => {
  throw new Error(`killed ${pid === process.pid} ${signal}`);
});
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.spyOn(process, "kill").mockImplementation(kill);
});
afterEach(() => {
  kill.mockClear();
  vi.restoreAllMocks();
});

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
  expect(kill).not.toHaveBeenCalled();
  now += 1000;
  expect(() => process.emit("SIGINT")).toThrow("killed true SIGINT");
  await expect(work).rejects.toThrow("stopped by SIGINT");
});

it("does not wait for work that cannot be stopped", async () => {
  const forever = new Promise<never>(() => {});
  const work = interruptible((signal) => unlessAborted(signal, forever));
  process.emit("SIGTERM");
  await expect(work).rejects.toThrow("stopped by SIGTERM");
  expect(await interruptible((signal) => unlessAborted(signal, Promise.resolve(3)))).toBe(3);
});

it("ends a process that was stopped, and is held by what cannot be", () => {
  vi.useFakeTimers();
  try {
    process.exitCode = 0;
    endSoon();
    vi.advanceTimersByTime(1000);
    expect(kill).not.toHaveBeenCalled();
    process.exitCode = 143;
    endSoon();
    expect(() => vi.advanceTimersByTime(1000)).toThrow("killed true SIGTERM");
  } finally {
    process.exitCode = undefined;
    vi.useRealTimers();
  }
});

it("leaves no listeners behind", async () => {
  const before = listenerCounts();
  expect(await interruptible(async () => 7)).toBe(7);
  expect(listenerCounts()).toEqual(before);
});

function listenerCounts(): number[] {
  return ["SIGINT", "SIGTERM", "SIGHUP"].map((name) => process.listenerCount(name));
}
