import { availableParallelism } from "node:os";
import { afterEach, expect, it, vi } from "vitest";
import { VERSION } from "../../version.ts";
import { benchCommand } from "./command.ts";

// Whatever is measured, in small.
vi.mock(import("./workload.ts"), async (load) => {
  const original = await load();
  return {
    ...original,
    benchWorkload: (options) => original.benchWorkload({ ...options, grid: [24, 24], steps: 4 }),
  };
});

afterEach(() => void vi.restoreAllMocks());

async function outputOf(...args: string[]): Promise<string> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await benchCommand().parseAsync([...args, "--seconds", "0"], { from: "user" });
  return text;
}

it("prints one JSON object", async () => {
  const result = JSON.parse(await outputOf("--json"));
  expect(result).toMatchObject({ version: VERSION, machine: { node: process.versions.node } });
  expect(result.deviation).toBeLessThan(1e-5);
  expect(result.forwardStepsPerSecond).toBeGreaterThan(0);
  expect(result.training[0]).toMatchObject({ threads: 1, speedup: 1 });
  // The batch has 8 samples.
  expect(result.training.at(-1).threads).toBe(Math.min(8, availableParallelism()));
  for (const { seconds, gflopsPerCore } of result.training) {
    expect(seconds.low).toBeLessThanOrEqual(seconds.median);
    expect(gflopsPerCore).toBeGreaterThan(0);
  }
});

it("prints a table", async () => {
  const text = await outputOf();
  expect(text).toContain(`neoblast ${VERSION}, Node ${process.versions.node}`);
  expect(text).toMatch(/(relaxed|strict) kernels; largest deviation from the reference engine \d\.\de-\d/);
  expect(text).toMatch(/\n1 thread +\d+ ms +\d+ ms +\d+ ms +\d+\.\d +1\.00\n/);
  expect(text).toMatch(/\nrunning, one thread: \d+ automaton steps a second\n$/);
});
