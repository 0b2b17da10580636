/** `--engine webgpu` and `--engine auto` end to end, on whatever graphics device there is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKind } from "../src/cli/train/kind.ts";
import { prepareRun, resumeRun } from "../src/cli/train/openRun.ts";
import { carryOutOnDevices } from "../src/cli/train/recovery.ts";
import type { Milestone } from "../src/cli/train/report.ts";
import type { Run } from "../src/cli/train/training.ts";
import type { Engine } from "../src/engine.ts";
import type { WebgpuEngine } from "../src/engine/webgpu/engine.ts";
import { experiments } from "../src/experiments/registry.ts";
import { metricsOf, signalAt } from "./commandLine.ts";
import { noGraphics } from "./graphics.ts";

/** A rule that compiles within seconds where a processor plays the device. */
const SETS = ["initial=random", "rule.hidden=[]", "training.average=null"];
const NUMBERS = { size: 4, padding: 2, batch: 1, pool: 4, steps: 24 };
const GROW = [
  ..."grow 🦋 --rollout 2..3 --checkpoint-every 0".split(" "),
  ...Object.entries(NUMBERS).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ...SETS.flatMap((set) => ["--set", set]),
];
/** Steps that are compared. */
const STEPS = 8;

const atStep = (wanted: number) => (event: Record<string, unknown>) => event.step === wanted;

/** Trains until `stop` says that it is enough. */
async function trainUntil(run: Run, stop: (step: number) => boolean): Promise<Milestone[]> {
  const controller = new AbortController();
  const milestones: Milestone[] = [];
  const training = carryOutOnDevices(run, {
    signal: controller.signal,
    checkpointEvery: 0,
    reporter: {
      report: (milestone) => void milestones.push(milestone),
      step: ({ step }) => void (stop(step) && controller.abort(new Error("enough"))),
    },
  });
  await expect(training).rejects.toThrow("enough");
  await run.engine.dispose();
  await run.folder.release();
  return milestones;
}

function isOnDevice(engine: Engine): engine is WebgpuEngine {
  return engine.name === "webgpu";
}

if (noGraphics !== undefined) {
  describe("the command line on a graphics device", () =>
    it.skip(`is not tested here: ${noGraphics}`, () => {}));
} else {
  let place: string;
  beforeAll(() => void (place = mkdtempSync(join(tmpdir(), "neoblast-webgpu-"))));
  afterAll(() => rmSync(place, { recursive: true }));

  const engineOf = (folder: string) =>
    JSON.parse(readFileSync(join(place, folder, "config.json"), "utf8")).engine;

  it("grows on WebGPU, stopped, resumed and with its device lost, with the bits of an unbroken run", async () => {
    const words = [...GROW, "--engine", "webgpu", "--out", "whole"];
    const { code, stderr } = await signalAt(words, place, "SIGINT", atStep(STEPS - 1));
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(engineOf("whole")).toEqual({
      name: "webgpu",
      build: expect.stringMatching(/^float32 on ./),
      threads: 1,
    });

    const kind = await loadKind(experiments.find(({ name }) => name === "grow")!);
    const out = join(place, "broken");
    const common = { threads: "auto", checkpointEvery: 0 } as const;
    const options = { ...NUMBERS, rollout: [2, 3], set: SETS, engine: "webgpu", out, ...common } as const;
    const begun = await (await prepareRun(kind, { args: ["🦋"], options }))();
    await trainUntil(begun, (step) => step === 2);
    expect(metricsOf(out)).toHaveLength(3);

    const resumed = await (await resumeRun(kind, out, { args: [], options: { resume: out, ...common } }))();
    // Before it has compiled anything, which takes a processor seconds.
    if (isOnDevice(resumed.engine)) resumed.engine.device.destroy();
    const milestones = await trainUntil(resumed, (step) => step === STEPS - 1);
    const lost = milestones.filter(({ event }) => event === "lost");
    expect(lost).toEqual([
      {
        event: "lost",
        reason: expect.stringMatching(/^the graphics device was lost/),
        steps: 3,
        saved: 3,
        engine: engineOf("whole"),
      },
    ]);
    expect(metricsOf(out)).toEqual(metricsOf(place, "whole").slice(0, STEPS));
    expect(engineOf("broken")).toEqual(engineOf("whole"));

    // As if it had been trained on another device.
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
    config.engine.build = "float32 on another";
    writeFileSync(join(out, "config.json"), JSON.stringify(config));
    const asked = { resume: out, ...common };
    await expect(resumeRun(kind, out, { args: [], options: asked })).rejects.toThrow(
      "which rounds differently; add --engine webgpu to go on with it",
    );
    const elsewhere = { args: [], options: { ...asked, engine: "webgpu" } } as const;
    const changed = await (await resumeRun(kind, out, elsewhere))();
    expect(engineOf("broken")).toEqual({
      ...engineOf("whole"),
      earlier: [{ name: "webgpu", build: "float32 on another", until: STEPS }],
    });
    await changed.engine.dispose();
    await changed.folder.release();
  });

  it("measures both engines, keeps what it chose and why, and goes on with that without measuring", async () => {
    const first = await signalAt([...GROW, "--engine", "auto", "--out", "auto"], place, "SIGINT", atStep(0));
    expect(first.code).toBe(130);
    const engine = engineOf("auto");
    const { wasm, webgpu } = engine.auto.seconds;
    expect(engine).toMatchObject({ name: webgpu < wasm ? "webgpu" : "wasm", auto: { steps: 8, samples: 1 } });
    const again = ["grow", "--resume", "auto", "--engine", "auto"];
    const { code, stdout } = await signalAt(again, place, "SIGINT", atStep(2));
    expect(code).toBe(130);
    // No time to compile for both.
    expect(JSON.parse(stdout.split("\n", 1)[0]).engine).toEqual(engine);
  });
}
