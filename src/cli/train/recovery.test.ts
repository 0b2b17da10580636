import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../engine.ts";
import { DeviceLostError } from "../../engine/webgpu/device.ts";
import { UserError } from "../../errors.ts";
import { experiments } from "../../experiments/registry.ts";
import { metricsOf } from "../../../test/commandLine.ts";
import { createEngine } from "../../node/engine.ts";
import { openEngine } from "../engine.ts";
import { type Kind, loadKind } from "./kind.ts";
import { prepareRun, trainerOf } from "./openRun.ts";
import { carryOutOnDevices } from "./recovery.ts";
import type { Milestone } from "./report.ts";
import type { Run } from "./training.ts";

const SETS = ["initial=random", "rule.hidden=[8]", "training.average=null"];
const STEPS = 6;

let place: string;
let kind: Kind;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "neoblast-recovery-"));
  kind = await loadKind(experiments.find(({ name }) => name === "grow")!);
});
afterAll(() => rmSync(place, { recursive: true }));

/** What plays a device: kernels for the processor, that are gone in their `loss`-th rollout. */
async function device(loss: number, card = "a card"): Promise<Engine> {
  const engine = await createEngine({ threads: 0, kernels: "strict" });
  let rollouts = 0;
  return {
    name: "webgpu",
    build: `float32 on ${card}`,
    declines: (rule, need) => engine.declines(rule, need),
    rollout(request) {
      rollouts++;
      if (rollouts < loss) return engine.rollout(request);
      return Promise.reject(new DeviceLostError("the graphics device was lost: the cable was pulled"));
    },
    read: (states) => engine.read(states),
    dispose: () => engine.dispose(),
  };
}

const strict: typeof openEngine = (name, setup) => openEngine(name, { ...setup, kernels: "strict" });

/** A run on an engine of its own. */
async function runOn(engine: Engine, out: string): Promise<Run> {
  const numbers = { size: 4, padding: 2, batch: 1, pool: 4, steps: 24, rollout: [2, 3] };
  const common = { threads: "auto", checkpointEvery: 0, kernels: "strict" } as const;
  const options = { ...numbers, set: SETS, out: join(place, out), ...common };
  const run = await (await prepareRun(kind, { args: ["🦋"], options }))();
  await run.engine.dispose();
  const { folder, record, subject } = run;
  const trainer = await trainerOf(kind, folder, { engine, config: record.config, subject });
  const name = engine.name === "webgpu" ? "webgpu" : "wasm";
  return {
    ...run,
    engine,
    trainer,
    record: { ...record, engine: { name, build: engine.build, threads: 1 } },
  };
}

/** Trains for a few steps. @returns what was said of losses. */
async function trainOn(engine: Engine, out: string, checkpointEvery: number, open = strict) {
  return trainOnce(await runOn(engine, out), checkpointEvery, open);
}

async function trainOnce(run: Run, checkpointEvery: number, open: typeof openEngine) {
  const controller = new AbortController();
  const lost: Milestone[] = [];
  const training = carryOutOnDevices(
    run,
    {
      signal: controller.signal,
      checkpointEvery,
      reporter: {
        report: (milestone) => void (milestone.event === "lost" && lost.push(milestone)),
        step: ({ step }) => void (step === STEPS - 1 && controller.abort(new Error("enough"))),
      },
    },
    open,
  );
  await expect(training).rejects.toThrow("enough");
  await run.engine.dispose();
  await run.folder.release();
  return lost;
}

it("asks for a device of the same kind", async () => {
  const asked: string[] = [];
  const another: typeof openEngine = async (name) => {
    asked.push(name);
    return { engine: await device(99), name: "webgpu", threads: 1 };
  };
  const run = await runOn(await device(1), "kind");
  const { engine } = run.record;
  const begun = { ...run, record: { ...run.record, engine: { ...engine, name: "webgpu-f16" as const } } };
  await trainOnce(begun, 0, another);
  expect(asked).toEqual(["webgpu-f16"]);
});

const noDevice: typeof openEngine = (name, setup) =>
  name === "webgpu" ? Promise.reject(new UserError("no card is there")) : strict(name, setup);

const reason = "the graphics device was lost: the cable was pulled";

it("goes on from the last checkpoint on a new device, or on Wasm, and says so", async () => {
  await trainOn(await createEngine({ threads: 0, kernels: "strict" }), "whole", 0);
  const whole = metricsOf(place, "whole");
  expect(whole).toHaveLength(STEPS);
  const engineOf = (folder: string) =>
    JSON.parse(readFileSync(join(place, folder, "config.json"), "utf8")).engine;

  const another: typeof openEngine = async () => ({ engine: await device(99), name: "webgpu", threads: 1 });
  const card = { name: "webgpu", build: "float32 on a card", threads: 1 };
  expect(await trainOn(await device(4), "same", 0, another)).toEqual([
    { event: "lost", reason, steps: 3, saved: 3, engine: card },
  ]);
  expect(metricsOf(place, "same")).toEqual(whole);

  const wasm = {
    name: "wasm",
    build: "strict",
    threads: expect.any(Number),
    earlier: [{ name: "webgpu", build: "float32 on a card", until: 3 }],
  };
  expect(await trainOn(await device(4), "gone", 0, noDevice)).toEqual([
    { event: "lost", reason, steps: 3, saved: 3, engine: wasm, instead: "no card is there" },
  ]);
  expect(metricsOf(place, "gone")).toEqual(whole);
  expect(engineOf("gone")).toEqual(wasm);

  const other: typeof openEngine = async () => ({
    engine: await device(99, "another"),
    name: "webgpu",
    threads: 1,
  });
  const [{ instead }]: any[] = await trainOn(await device(4), "other", 0, other);
  expect(instead).toBe("the new device is not like the one before");
  expect(engineOf("other")).toMatchObject({ build: "float32 on another", earlier: [{ until: 3 }] });
});

it("asks for no third device where the second is lost before a checkpoint", async () => {
  const fleeting: typeof openEngine = async (name, setup) =>
    name === "webgpu" ? { engine: await device(2), name, threads: 1 } : strict(name, setup);
  const lost = await trainOn(await device(4), "twice", 3600, fleeting);
  expect(lost).toMatchObject([
    { steps: 3, saved: 0, engine: { name: "webgpu" } },
    {
      steps: 1,
      saved: 0,
      engine: { name: "wasm" },
      instead: "a new one was lost, too, before the next checkpoint",
    },
  ]);
  expect(metricsOf(place, "twice")).toEqual(metricsOf(place, "whole"));
});
