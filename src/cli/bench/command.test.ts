import { availableParallelism } from "node:os";
import { afterEach, expect, it, vi } from "vitest";
import { UserError } from "../../errors.ts";
import { createEngine } from "../../node/engine.ts";
import { VERSION } from "../../version.ts";
import type { Adapter } from "../graphics.ts";
import { bench } from "./action.ts";
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

const CARD: Adapter = {
  name: "A Card 9000",
  vendor: "someone",
  architecture: "new",
  software: false,
  halfPrecision: true,
};

/** Devices that kernels for the processor play. */
function withAdapters(...adapters: Adapter[]): NonNullable<Parameters<typeof bench>[1]> {
  return {
    listAdapters: async () => adapters,
    async openWebgpuEngine() {
      const engine: any = await createEngine({ threads: 1 });
      engine.build = `float32 on ${adapters[0].name}`;
      return engine;
    },
  };
}

/** What is printed by `work`. */
async function outputOf(work: () => Promise<unknown>): Promise<string> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await work();
  return text;
}

const command = () => benchCommand().parseAsync(["--json", "--seconds", "0"], { from: "user" });
const quick = { seconds: 0 };
const json = { seconds: 0, json: true } as const;

it("prints one JSON object", async () => {
  const result = JSON.parse(await outputOf(command));
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
  // Of whatever devices there are.
  const { adapters, webgpu } = result;
  if (adapters.length === 0) expect(webgpu).toEqual({ reason: expect.any(String) });
  else expect(webgpu.deviation).toBeLessThan(1e-5);
});

it("says how fast a graphics device is", async () => {
  const { adapters, webgpu, training } = JSON.parse(await outputOf(() => bench(json, withAdapters(CARD))));
  expect(adapters).toEqual([CARD]);
  expect(webgpu).toMatchObject({ build: "float32 on A Card 9000", deviation: expect.any(Number) });
  const { seconds, speedup, gflops } = webgpu.training;
  expect(seconds.median * speedup).toBeCloseTo(training[0].seconds.median, 9);
  expect(Math.min(gflops, webgpu.forwardStepsPerSecond)).toBeGreaterThan(0);
});

it("prints a table", async () => {
  const devices = withAdapters(
    CARD,
    { ...CARD, name: "An Older Card", halfPrecision: false },
    { ...CARD, name: "Software", software: true },
  );
  const text = await outputOf(() => bench(quick, devices));
  expect(text).toContain(`neoblast ${VERSION}, Node ${process.versions.node}`);
  expect(text).toMatch(/(relaxed|strict) kernels; largest deviation from the reference engine \d\.\de-\d/);
  expect(text).toMatch(/\n1 thread +\d+ ms +\d+ ms +\d+ ms +\d+\.\d +1\.00\n/);
  expect(text).toMatch(/\nrunning, one thread: \d+ automaton steps a second\n/);
  expect(text).toContain(
    "\ngraphics devices: A Card 9000 (half precision), An Older Card, Software (software, half precision)\n",
  );
  expect(text).toMatch(
    /\nwebgpu, float32 on A Card 9000; largest deviation from the reference engine \d\.\de-\d\n/,
  );
  expect(text).toMatch(/\nwebgpu( +\d+ ms){3} +\d+\.\d +\d+\.\d\d\n/);
  expect(text).toMatch(/\nrunning, webgpu: \d+ automaton steps a second\n$/);
});

it("says why no graphics device is timed", async () => {
  const reason = "WebGPU in Node needs a package";
  const none = { ...withAdapters(CARD), listAdapters: () => Promise.reject(new UserError(reason)) };
  expect(await outputOf(() => bench(quick, none))).toContain(`\ngraphics devices: none, for ${reason}\n`);
  const software = withAdapters({ ...CARD, software: true });
  const text = await outputOf(() => bench(quick, software));
  expect(text).toContain("\nwebgpu, float32 on A Card 9000; largest deviation");
  expect(text).toMatch(/\nwebgpu: a processor plays this device, which is not timed\n$/);
});
