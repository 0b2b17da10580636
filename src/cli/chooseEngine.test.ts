import { expect, it } from "vitest";
import type { Engine } from "../engine.ts";
import { UserError } from "../errors.ts";
import { createEngine } from "../node/engine.ts";
import { rulePresets } from "../rule/presets.ts";
import { chooseEngine, engineFor, openEngine, type Work } from "./engine.ts";

const setup = { threads: 1, kernels: "strict", samples: 2 } as const;
const rule = { ...rulePresets.distill, hidden: [8] };
const work: Work = { rule, grid: [12, 12], samples: 2, need: { record: true } };

const disposed: string[] = [];

/** A device whose rollouts begin so many milliseconds late, or never. */
async function deviceWith(delay: number, more: Partial<Engine> = {}): Promise<typeof openEngine> {
  const engine = await createEngine({ threads: 0 });
  const device: Engine = {
    name: "webgpu",
    build: "float32 on a card",
    declines: () => undefined,
    async rollout(request) {
      // What compiles has all the time.
      if (request.states.length > 1) {
        await new Promise<void>((resolve, reject) => {
          setTimeout(resolve, Math.min(delay, 1e6));
          request.signal?.addEventListener("abort", () => reject(request.signal!.reason));
        });
      }
      return engine.rollout(request);
    },
    read: (states) => engine.read(states),
    dispose: async () => {
      disposed.push("webgpu");
      await engine.dispose();
    },
    ...more,
  };
  return async (name, options) =>
    name === "webgpu" ? { engine: device, name, threads: 1 } : openEngine(name, options);
}

const none: typeof openEngine = (name, options) =>
  name.startsWith("webgpu") ? Promise.reject(new UserError("there is no card")) : openEngine(name, options);

async function automatic(open: typeof openEngine, of: Work = work) {
  const lines: string[] = [];
  disposed.length = 0;
  const { engine, name, auto } = await chooseEngine("auto", setup, of, (line) => lines.push(line), open);
  const hasDisposed = [...disposed];
  await engine.dispose();
  return { name, auto, lines, disposed: hasDisposed };
}

it("takes the engine that is faster, and disposes of the other", async () => {
  const chosen = await automatic(await deviceWith(60));
  expect(chosen).toEqual({
    name: "wasm",
    auto: { steps: 8, samples: 2, seconds: { wasm: expect.any(Number), webgpu: expect.any(Number) } },
    lines: [
      expect.stringMatching(
        /^Engine: wasm; 8 steps of 2 samples, forward and back, took wasm [\d.]+ ms and webgpu \d+ ms$/,
      ),
    ],
    disposed: ["webgpu"],
  });
  const { auto }: any = chosen;
  const { wasm, webgpu } = auto.seconds;
  // Timers may be a millisecond early.
  expect(webgpu).toBeGreaterThan(0.058);
  expect(wasm).toBeLessThan(webgpu);
});

it("takes what is done in time where the other is not", async () => {
  expect(await automatic(await deviceWith(1e6))).toMatchObject({
    name: "wasm",
    auto: { seconds: { webgpu: null } },
    lines: [expect.stringMatching(/ and webgpu more than 500 ms$/)],
  });
});

it("takes the device where Wasm declines the rule, and Wasm where the device does or is not there", async () => {
  const space: Work = { ...work, rule: { ...rule, axes: 3 }, grid: [6, 6, 6] };
  const reason = expect.stringMatching(/axes/);
  expect(await automatic(await deviceWith(0), space)).toMatchObject({
    name: "webgpu",
    auto: reason,
    disposed: [],
  });
  const picky = await deviceWith(0, { declines: () => "it has no taste for this" });
  expect(await automatic(picky)).toEqual({
    name: "wasm",
    auto: "it has no taste for this",
    lines: ["Engine: wasm, for it has no taste for this"],
    disposed: ["webgpu"],
  });
  expect(await automatic(none)).toEqual({
    name: "wasm",
    auto: "there is no card",
    lines: ["Engine: wasm, for there is no card"],
    disposed: [],
  });
  for (const name of ["webgpu", "webgpu-f16"] as const) {
    await expect(chooseEngine(name, setup, work, () => {}, none)).rejects.toThrow(
      `there is no card; or leave out --engine ${name}: the processor does the work`,
    );
  }
});

it("measures populations, inputs and rules without a mask, forward only, too", async () => {
  const unmasked = { ...rule, inputSize: 3, alive: { ...rule.alive, mask: "none" as const } };
  const forward: Work = {
    rule: unmasked,
    grid: [9, 9],
    samples: 3,
    need: { compare: true },
    population: true,
  };
  const { auto, lines } = await automatic(await deviceWith(0), forward);
  expect(auto).toMatchObject({ steps: 8, samples: 3, seconds: { wasm: expect.any(Number) } });
  expect(lines[0]).toMatch(/8 steps of 3 samples took wasm/);
});

it("runs what nobody chose an engine for by Wasm, or by the plain step", async () => {
  const lines: string[] = [];
  const told = { say: (line: string) => void lines.push(line), done: "Run" };
  const usual = await engineFor(undefined, setup, work, told);
  expect(usual.build).toBe("strict");
  await usual.dispose();
  const space: Work = { ...work, rule: { ...rule, axes: 3 }, grid: [6, 6, 6] };
  expect((await engineFor(undefined, setup, space, told)).name).toBe("reference");
  expect(lines).toEqual([expect.stringMatching(/^Run by the plain step, which is slow: .*axes/)]);
  await expect(engineFor("wasm", setup, space, told)).rejects.toMatchObject({ exitCode: 2 });
});
