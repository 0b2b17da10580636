/** Training in a tab: the bits of Node, with and without threads, through pauses and reloads. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrowing, finalValidation } from "../../src/experiments/growing/growing.ts";
import { type GrowingChoices, resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { type GrowthReport, growthReport } from "../../src/experiments/growing/report.ts";
import { ValidatedTrainer } from "../../src/experiments/growing/validatedTrainer.ts";
import { largestError } from "../../src/experiments/growing/validation.ts";
import { createEngine } from "../../src/node/engine.ts";
import { sharedChromium, SOFTWARE_WEBGPU } from "./chromium.ts";
import { discTarget } from "../drawnPictures.ts";
import type { TrainingEvents } from "../../playground/src/training/protocol.ts";
import type { TrainingSession } from "../../playground/src/training/session.ts";
import type { Modules } from "./playground.page.ts";
import { leavePage } from "./pages.ts";
import { BLANK, openPage, PlaygroundSite } from "./playgroundPage.ts";

declare const modules: Modules;
declare global {
  var session: TrainingSession;
  var noticed: string[];
  var places: string[];
  var saved: Promise<number>;
  var ended: Promise<unknown>;
  var device: GPUDevice;
}

const STEPS = 80;
const overrides = {
  seed: 5,
  target: { source: "disc", size: 8, padding: 3 },
  training: {
    steps: STEPS,
    rollout: [14, 20],
    pool: { size: 16 },
    validation: { aim: 0, every: 35, runs: 2, steps: [20, 60] },
  },
} satisfies GrowingChoices["overrides"];
const config = resolveGrowingConfig({ recipe: "persistent", overrides });

type Trained = { losses: number[]; parameters: number[]; best: number; report: GrowthReport };

async function trainedInNode(): Promise<Trained> {
  const engine = await createEngine({ threads: 1 });
  const trainer = createGrowing({ engine, config, target: discTarget(config) });
  const losses: number[] = [];
  for await (const { loss } of trainer) losses.push(loss);
  const setting = { engine, config, target: discTarget(config) };
  if (!(trainer instanceof ValidatedTrainer)) throw new Error("training is validated");
  const looked = trainer.course.best?.validation;
  const report = growthReport(await finalValidation(setting, trainer.model, { looked }), config, trainer);
  await engine.dispose();
  const best = largestError(trainer.course.best!.validation);
  return { losses, parameters: [...trainer.model], best, report };
}

describe("training in Chromium", () => {
  let site: PlaygroundSite;
  let browser: Browser;
  let expected: Trained;
  const complaints: string[][] = [];
  const addresses = { isolated: "", open: "" };

  async function open(kind: "isolated" | "open"): Promise<Page> {
    const opened = await openPage(browser, addresses[kind]);
    complaints.push(opened.complaints);
    return opened.page;
  }

  beforeAll(async () => {
    [site, browser, expected] = await Promise.all([
      PlaygroundSite.build(),
      sharedChromium(),
      trainedInNode(),
    ]);
    addresses.isolated = await site.serve(true);
    addresses.open = await site.serve(false);
  });

  afterAll(async () => {
    site.leave();
    expect(complaints.flat()).toEqual([]);
  });

  it("learns in Node, with which it is compared", () => {
    expect(expected.losses).toHaveLength(STEPS);
    expect(expected.losses.slice(-5).reduce((a, b) => a + b) / 5).toBeLessThan(expected.losses[0] / 2);
  });

  it.each([
    ["isolated", 2],
    ["isolated", undefined],
    ["open", undefined],
  ] as const)("gives the same bits where the page is %s, threads: %s", async (kind, threads) => {
    const page = await open(kind);
    const trained = await page.evaluate(
      async ([asked, workers]) => {
        const { TrainingSession } = modules;
        const job = { config: asked, title: "disc", targets: [modules.discTarget(asked)] };
        const session = new TrainingSession(job, workers === undefined ? {} : { threads: workers });
        const curve: number[] = [];
        session.on("progress", ({ first, losses }) => curve.splice(first, curve.length, ...losses));
        const ended = new Promise((resolve, reject) => {
          session.on("done", resolve);
          session.on("failed", ({ message }) => reject(new Error(message)));
        });
        await ended;
        const { parameters, provenance } = await session.model();
        const { ready, progress, losses } = session;
        const report = await new Promise<object>((resolve) => {
          if (session.report) resolve(session.report);
          session.on("report", resolve);
        });
        session.dispose();
        const shown = session.parameters?.parameters ?? [];
        return {
          isolated: crossOriginIsolated,
          processors: navigator.hardwareConcurrency,
          threads: ready?.threads,
          losses: [...losses],
          parameters: [...parameters],
          shown: [...shown],
          curve,
          provenance,
          step: progress?.step,
          steps: progress?.steps,
          seconds: progress?.seconds,
          validated: progress?.validated,
          report,
        };
      },
      [config, threads] as const,
    );
    expect(trained.losses).toEqual(expected.losses);
    expect(trained.curve).toEqual(expected.losses);
    expect(trained.parameters).toEqual(expected.parameters);
    expect(trained.shown).toEqual(expected.parameters);
    expect(trained).toMatchObject({ step: STEPS, steps: STEPS, isolated: kind === "isolated" });
    expect(trained.threads).toBe(kind === "open" ? 1 : (threads ?? Math.min(trained.processors, 2)));
    expect(trained.seconds).toBeGreaterThan(0);
    expect(trained.validated?.best).toBe(expected.best);
    expect(trained.report).toEqual(expected.report);
    expect(trained.provenance).toMatchObject({
      grid: [14, 14],
      target: "disc",
      picture: { source: "disc", size: 8, padding: 3 },
      steps: STEPS,
      seed: 5,
    });
    await leavePage(page, BLANK);
  });

  it("pauses, shows what it works on, and goes on with the same bits", async () => {
    const page = await open("open");
    const seen = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      const session = new TrainingSession({
        config: asked,
        title: "disc",
        targets: [modules.discTarget(asked)],
      });
      const heard = <Type extends keyof TrainingEvents>(type: Type) =>
        new Promise<TrainingEvents[Type]>((resolve) => session.on(type, resolve));
      const states: string[] = [];
      session.on("state", ({ state }) => states.push(state));
      const until = async (state: string) => {
        while (session.state !== state) await new Promise((next) => setTimeout(next, 5));
      };
      await heard("progress");
      // In quick succession: the last one counts.
      session.pause();
      session.resume();
      session.pause();
      await until("paused");
      const pausedAt = session.losses.length;
      await new Promise((next) => setTimeout(next, 100));
      const still = session.losses.length === pausedAt;
      const batch = await heard("batch");
      const pool = await heard("pool");
      const early = await session.model();
      session.resume();
      await until("done");
      const { parameters } = await session.model();
      session.dispose();
      // oxlint-disable-next-line unicorn/consistent-function-scoping -- it must travel to the page
      const opaque = ({ data }: { data: ArrayLike<number> }) =>
        Array.from(data).filter((byte, i) => i % 4 === 3 && byte > 0).length;
      return {
        pausedAt,
        still,
        states,
        losses: [...session.losses],
        parameters: [...parameters],
        earlySteps: early.provenance.steps,
        batch: {
          before: batch.before.map(opaque),
          after: batch.after.map(opaque),
          width: batch.after[0].width,
        },
        pool: {
          ...pool,
          raster: { width: pool.raster.width, height: pool.raster.height, opaque: opaque(pool.raster) },
        },
      };
    }, config);
    expect(seen.losses).toEqual(expected.losses);
    expect(seen.parameters).toEqual(expected.parameters);
    expect(seen).toMatchObject({ still: true, earlySteps: seen.pausedAt });
    expect(seen.states.at(0)).toBe("running");
    expect(seen.states.slice(-3)).toEqual(["paused", "running", "done"]);
    expect(seen.batch).toMatchObject({ width: 14, before: { length: 2 }, after: { length: 2 } });
    expect(Math.min(...seen.batch.after)).toBeGreaterThan(0);
    expect(seen.pool).toMatchObject({
      count: 16,
      columns: 4,
      cell: [14, 14],
      raster: { width: 56, height: 56 },
    });
    expect(seen.pool.raster.opaque).toBeGreaterThanOrEqual(16);
    await leavePage(page, BLANK);
  });

  it("gives the cells of a filled rectangle their coordinates, in each model that it shows", async () => {
    const page = await open("open");
    const seen = await page.evaluate(
      async (asked) => {
        const { TrainingSession } = modules;
        const { grid, data } = modules.discTarget(asked);
        const { size, padding } = asked.target;
        for (let y = padding; y < padding + size; y++)
          data.fill(1, (y * grid[1] + padding) * 4, (y * grid[1] + padding + size) * 4);
        const session = new TrainingSession({ config: asked, title: "square", targets: [{ grid, data }] });
        await new Promise((resolve, reject) => {
          session.on("done", resolve);
          session.on("failed", ({ message }) => reject(new Error(message)));
        });
        const models = [session.latest, await session.model()];
        session.dispose();
        return models.map((model) => ({ pinned: model?.rule.pinned, given: model?.start.coordinates }));
      },
      resolveGrowingConfig({ overrides: { ...overrides, training: { steps: 3, validation: null } } }),
    );
    const given = { channels: [14, 15], box: { top: -4, left: -4, height: 8, width: 8 }, unit: 5 };
    expect(seen).toEqual([
      { pinned: [14, 15], given },
      { pinned: [14, 15], given },
    ]);
    await leavePage(page, BLANK);
  });

  it("survives a reload, and goes on with the same bits", async () => {
    const page = await open("isolated");
    const before = await page.evaluate(async (asked) => {
      const { TrainingSession, storage } = modules;
      const session = new TrainingSession({
        config: asked,
        title: "disc",
        targets: [modules.discTarget(asked)],
      });
      await new Promise((resolve) => session.on("progress", resolve));
      const saved = new Promise<number>((resolve) => session.on("saved", ({ step }) => resolve(step)));
      session.pause();
      const step = await saved;
      return { id: session.id, step, listed: await storage.listSessions() };
    }, config);
    expect(before.step).toBeGreaterThan(0);
    expect(before.listed).toMatchObject([
      {
        id: before.id,
        title: "disc",
        step: before.step,
        steps: STEPS,
        unfinished: true,
        picture: { width: 14 },
      },
    ]);
    await page.reload();
    await page.waitForFunction("globalThis.modules !== undefined");
    const after = await page.evaluate(async () => {
      const { TrainingSession, storage, decodeModel } = modules;
      const [{ id }] = await storage.listSessions();
      const session = TrainingSession.continued(await storage.loadSession(id));
      const begun = session.losses.length;
      await new Promise((resolve, reject) => {
        session.on("saved", () => session.state === "done" && resolve(undefined));
        session.on("failed", ({ message }) => reject(new Error(message)));
      });
      const { parameters } = await session.model();
      session.dispose();
      const kept = await storage.loadSession(id);
      const [summary] = await storage.listSessions();
      return {
        begun,
        losses: [...session.losses],
        parameters: [...parameters],
        kept: [...decodeModel(kept.model).parameters],
        summary: { ...summary, picture: undefined },
      };
    });
    expect(after.begun).toBe(before.step);
    expect(after.losses).toEqual(expected.losses);
    expect(after.parameters).toEqual(expected.parameters);
    expect(after.kept).toEqual(expected.parameters);
    expect(after.summary).toMatchObject({
      step: STEPS,
      unfinished: false,
      resumable: true,
      loss: expected.losses.at(-1),
    });
    await leavePage(page, BLANK);
  });

  it("goes on after its end when asked, also after a reload, and keeps the best model", async () => {
    const page = await open("isolated");
    const first = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      const job = { id: "onward", config: asked, title: "disc", targets: [modules.discTarget(asked)] };
      const session = new TrainingSession(job);
      session.trainOn();
      await new Promise((resolve) => session.on("report", resolve));
      const { state, further, report } = session;
      session.dispose();
      return { state, further, report };
    }, config);
    expect(first).toEqual({ state: "done", further: 2 * STEPS, report: expected.report });
    await page.reload();
    await page.waitForFunction("globalThis.modules !== undefined");
    const second = await page.evaluate(async () => {
      const { TrainingSession, storage } = modules;
      const session = TrainingSession.continued(await storage.loadSession("onward"));
      const reported = () => new Promise((resolve) => session.on("report", resolve));
      await reported();
      const opened = {
        state: session.state,
        report: session.report,
        step: session.progress?.step,
        parameters: [...(session.parameters?.parameters ?? [])],
      };
      const states: string[] = [];
      session.on("state", ({ state }) => states.push(state));
      session.trainOn();
      const forgotten = session.report === undefined && session.further === undefined;
      await reported();
      const { progress, losses, job, report } = session;
      session.dispose();
      const [summary] = await storage.listSessions();
      await storage.deleteSession("onward");
      return {
        opened,
        states,
        forgotten,
        step: progress?.step,
        best: progress?.validated?.best,
        losses: [...losses],
        asked: job.config.training,
        report,
        summary: { ...summary, picture: undefined },
        left: await storage.listSessions(),
      };
    });
    expect(second.opened).toEqual({
      state: "done",
      report: expected.report,
      step: STEPS,
      parameters: expected.parameters,
    });
    expect(second).toMatchObject({
      states: ["running", "done"],
      forgotten: true,
      step: 2 * STEPS,
      asked: { steps: 2 * STEPS, work: null, validation: { aim: 0 } },
      report: { steps: 2 * STEPS },
      summary: { step: 2 * STEPS, steps: 2 * STEPS, unfinished: false, resumable: true },
      left: [],
    });
    expect(second.losses.slice(0, STEPS)).toEqual(expected.losses);
    expect(second.losses).toHaveLength(2 * STEPS);
    expect(second.best).toBeLessThanOrEqual(expected.best);
    await leavePage(page, BLANK);
  });

  it("goes on as it would have where it was stopped", async () => {
    const page = await open("open");
    const seen = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      const job = { config: asked, title: "disc", targets: [modules.discTarget(asked)] };
      const session = new TrainingSession(job, { saveEvery: 0 });
      await new Promise((resolve) => session.on("progress", resolve));
      session.stop();
      await new Promise((resolve) => session.on("done", resolve));
      const { further } = session;
      // While its model is being measured.
      session.trainOn();
      await new Promise((resolve) => session.on("report", resolve));
      const { parameters } = await session.model();
      const { losses, report } = session;
      session.dispose();
      return { further, losses: [...losses], parameters: [...parameters], report };
    }, config);
    expect(seen).toEqual({
      further: STEPS,
      losses: expected.losses,
      parameters: expected.parameters,
      report: expected.report,
    });
    await leavePage(page, BLANK);
  });

  it("says why it cannot go on, and keeps the last good model", async () => {
    const page = await open("open");
    const exploding = resolveGrowingConfig({
      recipe: "growing",
      overrides: {
        ...overrides,
        training: { ...overrides.training, pool: null, learningRate: 1, warmup: 0 },
      },
      sets: ['training.optimizer={"kind":"adam"}'],
    });
    const failed = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      const session = new TrainingSession({
        config: asked,
        title: "disc",
        targets: [modules.discTarget(asked)],
      });
      const message = await new Promise<string>((resolve) =>
        session.on("failed", (detail) => resolve(detail.message)),
      );
      const { parameters } = await session.model();
      const { state } = session;
      session.dispose();
      const closed = await session.model().then(({ provenance }) => provenance.target);
      return { message, state, closed, finite: parameters.every(Number.isFinite) };
    }, exploding);
    expect(failed).toMatchObject({ state: "failed", finite: true, closed: "disc" });
    expect(failed.message).toMatch(/^training diverged: 10 steps in a row/);
    await leavePage(page, BLANK);
  });

  it("is not trained in two places at once", async () => {
    const page = await open("open");
    const message = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      const job = { id: "same", config: asked, title: "disc", targets: [modules.discTarget(asked)] };
      const first = new TrainingSession(job, { paused: true });
      await new Promise((resolve) => first.on("saved", resolve));
      const second = new TrainingSession(job);
      const said = await new Promise<string>((resolve) =>
        second.on("failed", (detail) => resolve(detail.message)),
      );
      const none = await second.model().catch((error: Error) => error.message);
      first.dispose();
      second.dispose();
      return [said, none];
    }, config);
    const busy = "this training is running in another tab; close that one first";
    expect(message).toEqual([busy, busy]);
    await leavePage(page, BLANK);
  });

  it("goes on without storage, and says once why nothing is kept", async () => {
    const page = await open("open");
    const kept = await page.evaluate(async (asked) => {
      const { TrainingSession } = modules;
      // The worker asks for a version of the database that this page has made older.
      await new Promise((resolve) => {
        indexedDB.open("neoblast", 7).addEventListener("success", resolve);
      });
      const session = new TrainingSession({
        config: asked,
        title: "disc",
        targets: [modules.discTarget(asked)],
      });
      const unsaved = new Promise<string>((resolve) =>
        session.on("unsaved", ({ message }) => resolve(message)),
      );
      await new Promise((resolve) => session.on("done", resolve));
      const { parameters } = await session.model();
      return { message: await unsaved, parameters: [...parameters] };
    }, config);
    expect(kept.message).toContain("a newer version of this page has been here");
    expect(kept.parameters).toEqual(expected.parameters);
    await leavePage(page, BLANK);
  });

  describe("on a graphics device of software", () => {
    let graphics: Browser;
    beforeAll(async () => void (graphics = await sharedChromium(SOFTWARE_WEBGPU)));

    const small = resolveGrowingConfig({
      overrides: {
        seed: 5,
        target: { source: "disc", size: 4, padding: 2 },
        rule: { channels: 8, hidden: [16], seed: { from: 3, to: 8 } },
        initial: "random",
        training: {
          steps: 40,
          batch: 2,
          rollout: [4, 5],
          pool: { size: 8 },
          average: null,
          validation: null,
        },
      },
    });

    it("learns what the processor learns, and goes on there where the device is lost", async () => {
      const engine = await createEngine({ threads: 1 });
      const losses: number[] = [];
      for await (const { loss } of createGrowing({ engine, config: small, target: discTarget(small) })) {
        losses.push(loss);
      }
      await engine.dispose();
      const { page } = await openPage(graphics, addresses.open);
      page.on("worker", (worker) => {
        void worker.evaluate(() => {
          const own = Reflect.get(GPUAdapter.prototype, "requestDevice");
          GPUAdapter.prototype.requestDevice = async function (...given) {
            globalThis.device = await Reflect.apply(own, this, given);
            return globalThis.device;
          };
        });
      });
      await page.evaluate(async (asked) => {
        const job = { config: asked, title: "disc", targets: [modules.discTarget(asked)] };
        const session = new modules.TrainingSession(job, { place: "webgpu", saveEvery: 200 });
        const noticed: string[] = [];
        session.on("noticed", ({ message }) => noticed.push(message));
        const places: string[] = [];
        session.on("ready", ({ place }) => places.push(place));
        const saved = new Promise((resolve) => session.on("saved", ({ step }) => step >= 5 && resolve(step)));
        const ended = new Promise((resolve, reject) => {
          session.on("done", resolve);
          session.on("failed", ({ message }) => reject(new Error(message)));
        });
        Object.assign(globalThis, { session, noticed, places, saved, ended });
      }, small);
      expect(await page.evaluate(() => globalThis.saved)).toBeLessThan(40);
      const [worker] = page.workers();
      await worker.evaluate(() => globalThis.device.destroy());
      const trained = await page.evaluate(async () => {
        await globalThis.ended;
        const { session, noticed, places } = globalThis;
        return { losses: [...session.losses], noticed, places };
      });
      expect(trained.places).toEqual(["webgpu", "wasm"]);
      expect(trained.noticed).toEqual([
        expect.stringMatching(/^The graphics device was lost.*\. The processor goes on from step \d+\.$/),
      ]);
      expect(trained.losses).toHaveLength(40);
      trained.losses.forEach((loss, step) => expect(Math.abs(loss / losses[step] - 1)).toBeLessThan(1e-4));
      await leavePage(page, BLANK);
    });
  });
});
