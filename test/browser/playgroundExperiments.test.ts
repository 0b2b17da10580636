/** Experiments other than growing by gradients, trained in a tab: the bits of Node. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handwritingSets } from "../../src/data/handwriting.ts";
import type { ExperimentConfig } from "../../src/experiments/experiment.ts";
import { createDigits } from "../../src/experiments/digits/digits.ts";
import { resolveDigitsConfig } from "../../src/experiments/digits/config.ts";
import { createClassification } from "../../src/experiments/classification/classification.ts";
import { resolveClassificationConfig } from "../../src/experiments/classification/config.ts";
import { createRestoration } from "../../src/experiments/restoration/restoration.ts";
import { resolveRestorationConfig } from "../../src/experiments/restoration/config.ts";
import { createEvolution, resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { createReinforcement } from "../../src/experiments/reinforcement/reinforcement.ts";
import { resolveReinforcementConfig } from "../../src/experiments/reinforcement/presets.ts";
import { createEngine } from "../../src/node/engine.ts";
import type { Engine } from "../../src/engine.ts";
import type { Trainer } from "../../src/train/trainer.ts";
import { firstModel } from "../../playground/src/firstModel.ts";
import { sharedChromium } from "./chromium.ts";
import { discTarget } from "../drawnPictures.ts";
import type { Modules } from "./playground.page.ts";
import { leavePage } from "./pages.ts";
import { BLANK, openPage, PlaygroundSite } from "./playgroundPage.ts";
import { galleryFiles, PlaygroundUi } from "./playgroundUi.ts";

declare const modules: Modules;

const target = { source: "disc", size: 8, padding: 4 };
const evolution = resolveEvolutionConfig({
  overrides: { target, training: { generations: 3, population: 8, rollout: 10 } },
});
const reinforcement = resolveReinforcementConfig({
  overrides: {
    target,
    training: {
      steps: 3,
      batch: 2,
      horizon: 4,
      memory: { size: 16 },
      critic: { features: [4, 4], hidden: 8 },
    },
  },
});
const digits = resolveDigitsConfig({
  overrides: {
    data: { size: 8 },
    encoder: { features: [4] },
    rule: { hidden: [16], inputSize: 4 },
    training: { steps: 3, batch: 2, rollout: [6, 6], pool: { size: 8 } },
  },
});

const classification = resolveClassificationConfig({
  overrides: {
    data: { size: 8 },
    rule: { hidden: [12] },
    training: { steps: 3, batch: 2, rollout: [6, 6], pool: { size: 8, reseed: 1, switched: 1 } },
  },
});
const restoration = resolveRestorationConfig("denoise", {
  overrides: {
    data: { size: 8 },
    rule: { hidden: [12] },
    training: { steps: 3, batch: 2, rollout: [6, 6], pool: { size: 8, reseed: 1 } },
  },
});

const disc = discTarget(evolution);
/** Experiments whose networks are the engine's alone, so that every bit is the same. */
const exact = new Set(["evolve", "classify", "denoise"]);

type Case = Readonly<{
  experiment: string;
  config: ExperimentConfig;
  create: (engine: Engine) => Trainer | Promise<Trainer>;
}>;

const cases: readonly Case[] = [
  {
    experiment: "evolve",
    config: evolution,
    create: (engine) => createEvolution({ engine, config: evolution, target: disc }),
  },
  {
    experiment: "reinforce",
    config: reinforcement,
    create: (engine) => createReinforcement({ engine, config: reinforcement, target: disc }),
  },
  {
    experiment: "digits",
    config: digits,
    create: (engine) => createDigits({ engine, config: digits, pictures: handwritingSets(8).train }),
  },
  {
    experiment: "classify",
    config: classification,
    create: (engine) =>
      createClassification({ engine, config: classification, pictures: handwritingSets(8).train }),
  },
  {
    experiment: "denoise",
    config: restoration,
    create: (engine) =>
      createRestoration("denoise", { engine, config: restoration, pictures: handwritingSets(8).train }),
  },
];

describe("training in Chromium by", () => {
  let site: PlaygroundSite;
  let browser: Browser;
  let engine: Engine;
  let address: string;

  beforeAll(async () => {
    [site, browser, engine] = await Promise.all([
      PlaygroundSite.build(),
      sharedChromium(),
      createEngine({ threads: 1 }),
    ]);
    address = await site.serve(true);
  });

  afterAll(async () => {
    site.leave();
    await engine.dispose();
  });

  it.each(cases)("$experiment learns as in Node, and is kept", async ({ experiment, config, create }) => {
    const { page, complaints } = await openPage(browser, address);
    const trained = await page.evaluate(
      async ([name, asked, picture]) => {
        const { TrainingSession, storage } = modules;
        const targets = [{ ...picture, data: Float32Array.from(picture.data) }];
        const job = { id: name, title: "small", experiment: name, config: asked, targets };
        const session = new TrainingSession(job);
        await new Promise((resolve, reject) => {
          session.on("done", resolve);
          session.on("failed", ({ message }) => reject(new Error(message)));
        });
        const { parameters, encoder, provenance } = await session.model();
        const losses = [...session.losses];
        await new Promise((resolve) => setTimeout(resolve, 500));
        session.dispose();
        const kept = storage.readSession(await storage.loadSession(name));
        return {
          losses,
          parameters: [...parameters],
          encoded: encoder !== undefined,
          steps: provenance.steps,
          kept: { experiment: kept.job.experiment, ended: kept.ended, losses: [...kept.losses] },
        };
      },
      [experiment, config, { grid: disc.grid, data: [...disc.data] }] as const,
    );
    const trainer = await create(engine);
    const losses: number[] = [];
    for await (const { loss } of trainer) losses.push(loss);
    expect(losses).toHaveLength(3);
    expect(trained.kept).toEqual({ experiment, ended: true, losses: trained.losses });
    expect(trained.steps).toBe(3);
    expect(trained.encoded).toBe(experiment === "digits");
    // Networks of an array library are as exact as it is: its sums may differ in their last bits between hosts.
    const digitsOf = exact.has(experiment) ? 12 : 5;
    expect(trained.losses.map((loss) => loss.toPrecision(digitsOf))).toEqual(
      losses.map((loss) => loss.toPrecision(digitsOf)),
    );
    if (exact.has(experiment)) expect(trained.parameters).toEqual([...trainer.model]);
    expect(complaints).toEqual([]);
    await leavePage(page, BLANK);
  });
});

describe("the page offers ways of training", () => {
  let site: PlaygroundSite;
  let browser: Browser;
  beforeAll(async () => {
    [site, browser] = await Promise.all([PlaygroundSite.buildPlayground(), sharedChromium()]);
    for (const [name, content] of galleryFiles({ Waves: firstModel() })) site.files.set(name, content);
  });
  afterAll(() => site.leave());

  it("of which each has its own settings, and learns", async () => {
    const ui = await PlaygroundUi.open(browser, await site.serve(true));
    const way = ui.page.getByLabel("Way of training");
    expect(await way.inputValue()).toBe("grow");
    expect(await way.locator("option").allInnerTexts()).toEqual([
      "Grow",
      "Evolve",
      "Reinforce",
      "Digits",
      "Classify",
      "Denoise",
      "Complete",
      "Texture",
    ]);
    await expect.poll(() => ui.text("train-panel")).toContain("Recipe");

    await way.selectOption("evolve");
    await expect.poll(() => ui.text("train-panel")).toContain("8,000 generations");
    expect(await ui.text("train-panel")).not.toContain("Recipe");
    await ui.page.locator("settings-drawer summary").click();
    await ui.page.getByLabel("Population").fill("8");
    await ui.page.getByLabel("Population").press("Enter");
    await ui.button("Start training").click();
    await expect.poll(() => ui.losses.then(({ length }) => length), { timeout: 60_000 }).toBeGreaterThan(2);
    expect(await ui.text("watch-panel")).toMatch(/best/i);
    await ui.button("Stop").click();

    await way.selectOption("digits");
    expect(await ui.text("train-panel")).toContain("28 × 28 cells");
    expect(await ui.faults()).toEqual([]);
    await way.selectOption("grow");
    await expect.poll(() => ui.text("train-panel")).toContain("Recipe");
    await ui.close();
  });
});
