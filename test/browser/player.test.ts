/** player.html as a person has it: opened from disk, played, erased, planted and reset. */
import type { Browser } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createGrowing } from "../../src/experiments/growing/growing.ts";
import { classificationDefaults } from "../../src/experiments/classification/config.ts";
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { type Model, withPicture } from "../../src/model/model.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { playerHtml } from "../../src/player/player.ts";
import { createEngine } from "../../src/node/engine.ts";
import { classColour } from "../../src/render/classColours.ts";
import { stateRaster } from "../../src/render/rgba.ts";
import { initialParameters, parameterViews } from "../../src/rule/parameters.ts";
import { turnedRule } from "../../src/rule/kernels.ts";
import { stateSize } from "../../src/rule/grid.ts";
import { plantSeed, seedState } from "../../src/model/seed.ts";
import { readDistillModel } from "../distill.ts";
import { sharedChromium } from "./chromium.ts";
import { discTarget } from "../drawnPictures.ts";
import { meanSquare, opacity, PlayerPage } from "./playerPage.ts";

let browser: Browser;
let player: PlayerPage;

beforeAll(async () => {
  browser = await sharedChromium();
});

/** Nothing but the page itself and the worker out of it. */
function expectQuiet(): void {
  expect(player.complaints).toEqual([]);
  expect(player.requests.filter((url) => !url.startsWith("blob:"))).toEqual([player.page.url()]);
}

/** Erases with the pointer, line by line. */
async function eraseColumns(from: number, to: number, height: number): Promise<void> {
  const { mouse } = player.page;
  for (let x = from; x <= to; x += 2) {
    await mouse.move(...(await player.at(x, 0)));
    await mouse.down();
    await mouse.move(...(await player.at(x, height)), { steps: 2 });
    await mouse.up();
  }
  await player.settle();
}

describe("player of a small model trained here", () => {
  const TITLE = `<b>"Disc"</b> & </script>{{model}}`;
  const config = resolveGrowingConfig({
    recipe: "regenerating",
    overrides: {
      seed: 1,
      target: { size: 12, padding: 4 },
      training: { steps: 300, rollout: [24, 36], pool: { size: 24 } },
    },
  });
  const target = discTarget(config);
  let html: string;
  let model: Model;

  beforeAll(async () => {
    const engine = await createEngine({ kernels: "strict" });
    const trainer = createGrowing({ engine, config, target });
    for await (const _ of trainer);
    await engine.dispose();
    model = {
      ...splitRule(config.rule),
      parameters: trainer.model,
      provenance: { grid: target.grid },
    };
    html = playerHtml(model, { title: TITLE });
  });

  afterEach(() => player.close());

  it("grows what the model was trained to grow", async () => {
    player = await PlayerPage.open(browser, html);
    await player.playTo(100);
    // Some 0.02 is what this short training reaches; nothing at all has 0.14.
    expect(meanSquare(await player.picture(), target.data)).toBeLessThan(0.05);
    expect(meanSquare(new Float32Array(target.data.length), target.data)).toBeGreaterThan(0.12);
    expect(await player.page.title()).toBe(TITLE);
    expect(await player.page.locator("h1").innerText()).toBe(TITLE);
    expectQuiet();
  });

  it("erases under the pointer and plants with a double click", async () => {
    player = await PlayerPage.open(browser, html);
    await player.playTo(60);
    const before = await player.picture();
    expect(opacity(before, 10, 20)).toBeGreaterThan(30);
    await player.slide("Brush radius", 3);
    await eraseColumns(13, 19, 20);
    const after = await player.picture();
    expect(opacity(after, 10, 20)).toBe(0);
    expect(opacity(after, 0, 10)).toBe(opacity(before, 0, 10));

    await player.page.mouse.dblclick(...(await player.at(16.5, 7.5)));
    await player.settle();
    const planted = await player.picture();
    expect(opacity(planted, 10, 20)).toBe(1);
    expect(planted[(7 * 20 + 16) * 4 + 3]).toBe(1);
    expectQuiet();
  });

  it("erases under a finger and plants with a double tap", async () => {
    player = await PlayerPage.open(browser, html, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await player.playTo(60);
    await player.slide("Brush radius", 5);
    const session = await player.page.context().newCDPSession(player.page);
    const touch = async (type: "touchStart" | "touchMove", x: number, y: number) => {
      const [pageX, pageY] = await player.at(x, y);
      await session.send("Input.dispatchTouchEvent", { type, touchPoints: [{ x: pageX, y: pageY }] });
    };
    await touch("touchStart", 15, 1);
    await touch("touchMove", 15, 10);
    await touch("touchMove", 15, 19);
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await player.settle();
    expect(opacity(await player.picture(), 11, 19)).toBe(0);
    expect(await player.page.evaluate(() => scrollY)).toBe(0);

    const [x, y] = await player.at(15.5, 10.5);
    await player.page.touchscreen.tap(x, y);
    await player.page.touchscreen.tap(x, y);
    await player.settle();
    expect((await player.picture())[(10 * 20 + 15) * 4 + 3]).toBe(1);
    expectQuiet();
  });

  it("steps, resets, plays and pauses, with buttons and keys", async () => {
    player = await PlayerPage.open(browser, html, { reducedMotion: "reduce" });
    const { keyboard } = player.page;
    await player.button("Play").waitFor();
    await player.settle();
    expect(await player.steps()).toBe(0);
    await player.step(2);
    expect(await player.steps()).toBe(2);
    await keyboard.press(".");
    await player.settle();
    expect(await player.steps()).toBe(3);

    await player.page.locator("body").click({ position: { x: 5, y: 5 } });
    await keyboard.press("Space");
    await player.playUntil(20);
    expect(opacity(await player.picture(), 0, 20)).toBeGreaterThan(9);
    await keyboard.press("Space");
    await player.button("Play").waitFor();
    await player.settle();

    await keyboard.press("r");
    await player.settle();
    expect(await player.steps()).toBe(0);
    const seed = await player.picture();
    expect(opacity(seed, 0, 20)).toBe(1);
    expect(seed[(10 * 20 + 10) * 4 + 3]).toBe(1);
    expectQuiet();
  });

  it("erases and plants by keys on the focused picture", async () => {
    player = await PlayerPage.open(browser, html, { reducedMotion: "reduce" });
    const { keyboard } = player.page;
    await player.page.locator("canvas").focus();
    await keyboard.press("Delete");
    await player.settle();
    expect(opacity(await player.picture(), 0, 20)).toBe(0);
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "Enter"]) await keyboard.press(key);
    await player.settle();
    const planted = await player.picture();
    expect(opacity(planted, 0, 20)).toBe(1);
    expect(planted[(9 * 20 + 8) * 4 + 3]).toBe(1);
    expectQuiet();
  });

  it("runs as fast as possible, at another angle and fire rate", async () => {
    player = await PlayerPage.open(browser, html);
    await player.slide("Fire rate", 100);
    await player.slide("Angle", 180);
    await player.pause();
    await player.button("Reset").click();
    await player.settle();
    // Exactly so many: with all cells at once, which it was not trained for, it does not stand for long.
    await player.step(24);
    const picture = await player.picture();
    const [left, right] = [0, 10].map((from) => {
      let [red, blue] = [0, 0];
      for (let i = 0; i < picture.length; i += 4) {
        const x = (i / 4) % 20;
        if (x < from || x >= from + 10) continue;
        red += picture[i];
        blue += picture[i + 2];
      }
      return red - blue;
    });
    // Upright, the left half is orange and the right one blue; upside down it is the other way round.
    expect(left).toBeLessThan(0);
    expect(right).toBeGreaterThan(0);

    await player.slide("Speed", 11);
    expect(await player.page.locator("#speedValue").innerText()).toBe("fastest");
    await player.button("Play").click();
    // Of 60 a second, 30 seconds would see fewer.
    await player.playUntil(2000);
    expectQuiet();
  });

  it.each([360, 1200])("keeps its layout, %i pixels wide", async (width) => {
    player = await PlayerPage.open(browser, html, { viewport: { width, height: 740 } });
    const boxes = () =>
      player.page.evaluate(() =>
        [...document.querySelectorAll("nca-canvas, canvas, button, input, h1, label, .hint")].map(
          (element) => {
            const { x, y, width: w, height: h } = element.getBoundingClientRect();
            return [x, y, w, h];
          },
        ),
      );
    await player.playUntil(1);
    const first = await boxes();
    await player.slide("Speed", 11);
    await player.playUntil(1000);
    await player.pause();
    expect(await boxes()).toEqual(first);
    const overflow = await player.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  it("gives every control a name", async () => {
    player = await PlayerPage.open(browser, html);
    for (const name of ["Pause", "Step", "Reset"]) {
      await player.button(name).first().waitFor();
      expect(await player.button(name).count()).toBe(1);
    }
    for (const name of ["Speed", "Brush radius", "Angle", "Fire rate", "Step size"]) {
      await player.page.getByRole("slider", { name, exact: true }).first().waitFor();
      expect(await player.page.getByRole("slider", { name, exact: true }).count()).toBe(1);
    }
    expect(await player.page.getByRole("application", { name: /growing picture/ }).count()).toBe(1);
    expect(await player.page.getByRole("radio").count()).toBe(0);
  });

  it("moves by the step size", async () => {
    player = await PlayerPage.open(browser, html, { reducedMotion: "reduce" });
    const growth = async (percent: number) => {
      await player.button("Reset").click();
      await player.settle();
      await player.slide("Step size", percent);
      await player.step(20);
      return opacity(await player.picture(), 0, 20);
    };
    expect(await player.page.locator("#stepSizeValue").innerText()).toBe("1.00");
    const [slow, whole] = [await growth(5), await growth(100)];
    expect(await player.page.locator("#stepSizeValue").innerText()).toBe("1.00");
    expect(slow).toBeLessThan(0.5 * whole);
    expectQuiet();
  });

  it("begins as it was made to", async () => {
    const seeds = [
      [3, 4],
      [10, 15],
    ] as const;
    const slow = { ...model, rule: { ...model.rule, fireRate: 0.25, stepSize: 0.5 } };
    const page = playerHtml(slow, { title: "Two", angle: -30, seeds });
    player = await PlayerPage.open(browser, page, { reducedMotion: "reduce" });
    await player.settle();
    const picture = await player.picture();
    expect(opacity(picture, 0, 20)).toBe(2);
    for (const [y, x] of seeds) expect(picture[(y * 20 + x) * 4 + 3]).toBe(1);
    const said = await player.page.locator(".sliders output").allInnerTexts();
    expect(said.slice(2)).toEqual(["330°", "25 %", "0.50"]);
    const turned = turnedRule(slow.rule, -30);
    await player.step(30);
    // A canvas keeps bytes premultiplied: each is off by up to half a step of 1/255, 1e-5 in its square.
    const [shown, expected] = [await player.picture(), await drawn({ ...slow, rule: turned }, seeds, 30)];
    expect(meanSquare(shown, expected)).toBeLessThan(1e-5);
    const straight = await drawn(slow, seeds, 30);
    // Ten times that: what turning makes of it is another picture.
    expect(meanSquare(shown, straight)).toBeGreaterThan(1e-4);
    expectQuiet();
  });

  it.each<[string, (html: string) => string, string | undefined, string]>([
    [
      "a page cut short",
      (text) => text.slice(0, text.indexOf('id="model"') + 10_000),
      undefined,
      "The model in this page cannot be read: truncated safetensors file",
    ],
    [
      "a page whose model is no base64",
      (text) => text.replace(/(octet-stream">\s*)..../, "$1<!>!"),
      undefined,
      "The model in this page cannot be read: its text is damaged.",
    ],
    [
      "a browser without WebAssembly",
      (text) => text,
      "delete globalThis.WebAssembly",
      "This browser lacks WebAssembly SIMD; a current Chrome, Edge, Firefox or Safari has it.",
    ],
    [
      "a browser whose WebAssembly has no SIMD",
      (text) => text,
      "WebAssembly.compile = async () => { throw new WebAssembly.CompileError('unknown opcode'); }",
      "This browser lacks WebAssembly SIMD; a current Chrome, Edge, Firefox or Safari has it.",
    ],
    [
      "a browser that forbids workers",
      (text) => text,
      "globalThis.Worker = class { constructor() { throw new Error('No workers here.'); } }",
      "No workers here.",
    ],
  ])("says what is wrong with %s", async (_, damage, prepare, sentence) => {
    player = await PlayerPage.open(browser, damage(html), prepare === undefined ? {} : { prepare });
    const message = player.page.getByRole("alert");
    await message.waitFor();
    expect(await message.innerText()).toContain(sentence);
    expect(await player.button("Play").isDisabled()).toBe(true);
    expect(player.complaints).toEqual([]);
  });
});

/** What the page should show after some steps from seeds: the picture as bytes make it. */
async function drawn(
  model: Model,
  seeds: readonly (readonly [number, number])[],
  steps: number,
): Promise<Float32Array> {
  const { rule, parameters, provenance } = model;
  const { grid } = provenance;
  const engine = await createEngine();
  const state = new Float32Array(stateSize(rule, grid));
  for (const at of seeds) plantSeed(state, model, grid, at);
  const { final } = await engine.rollout({ rule, grid, parameters, states: [state], steps, seed: 0 });
  const { data } = stateRaster(await final[0].read(), withPicture(model), grid);
  await engine.dispose();
  return Float32Array.from(data, (byte, i) => (byte / 255) * (i % 4 === 3 ? 1 : data[i | 3] / 255));
}

describe("player of the published lizard", () => {
  const model = readDistillModel("ex3_1f98e");
  if (!model) {
    it.skip("../shared/fixtures/distill is missing: no lizard to play", () => {});
    return;
  }
  const { rule, parameters, provenance } = model;
  const { grid } = provenance;
  /** The lizard as it grows in Node, from another seed: shape (72, 72, 4). */
  let target: Float32Array;

  beforeAll(async () => {
    const engine = await createEngine();
    const states = [seedState(model, grid)];
    const { final } = await engine.rollout({ rule, grid, parameters, states, steps: 200, seed: 99 });
    const state = await final[0].read();
    target = Float32Array.from({ length: 72 * 72 * 4 }, (_, i) => state[(i >> 2) * rule.channels + (i & 3)]);
    await engine.dispose();
  });

  afterEach(() => player.close());

  it("shows a lizard, which loses a half and heals", async () => {
    const distance = async () => meanSquare(await player.picture(), target);
    // Paused from the start and stepped by hand, so that it is always the same lizard, wounded at the same step.
    player = await PlayerPage.open(browser, playerHtml(model, { title: "Lizard" }), {
      reducedMotion: "reduce",
    });
    await player.step(210);
    // Two grown lizards are some 1e-4 apart; nothing at all is 0.042 away, a half of the lizard 0.014.
    expect(await distance()).toBeLessThan(0.002);
    expect(meanSquare(new Float32Array(target.length), target)).toBeGreaterThan(0.03);

    await player.slide("Brush radius", 10);
    await eraseColumns(46, 62, 72);
    expect(opacity(await player.picture(), 36, 72)).toBe(0);
    expect(await distance()).toBeGreaterThan(0.01);

    await player.step(400);
    expect(await distance()).toBeLessThan(0.002);
    expectQuiet();
  });
});

describe("player of a model whose cells name classes", () => {
  const { rule: conventions } = classificationDefaults();
  const { rule, readout, start } = splitRule({ ...conventions, hidden: [4], noise: 0 });
  const parameters = initialParameters(rule, 1);
  // Every cell comes to name class 3.
  parameterViews(rule, parameters)["update.1.bias"][10 + 3] = 0.2;
  const html = playerHtml(
    { rule, readout, start, parameters, provenance: { grid: [28, 28] } },
    { title: "Digits" },
  );

  afterEach(() => player.close());

  it("is drawn for: what the pointer inks comes to have the colour of its class, and stays what it is", async () => {
    player = await PlayerPage.open(browser, html, { reducedMotion: "reduce" });
    await player.button("Play").waitFor();
    const choice = player.page.getByRole("radio");
    expect(
      await choice.evaluateAll(
        (all: HTMLInputElement[]) => all.filter((one) => one.checkVisibility()).length,
      ),
    ).toBe(2);
    expect(await player.page.getByLabel("Draw", { exact: true }).isChecked()).toBe(true);
    await player.slide("Brush radius", 1);
    const line = async () => {
      await player.page.mouse.move(...(await player.at(4.5, 6.5)));
      await player.page.mouse.down();
      await player.page.mouse.move(...(await player.at(20.5, 6.5)), { steps: 4 });
      await player.page.mouse.up();
      await player.settle();
    };
    const at = async (x: number) =>
      Array.from((await player.picture()).slice((6 * 28 + x) * 4, (6 * 28 + x) * 4 + 3));
    await line();
    // Nothing named yet: white ink.
    expect(await at(10)).toEqual([1, 1, 1]);
    await player.step(20);
    const colour = classColour(3).map((part) => Math.fround(part / 255));
    expect(await at(10)).toEqual(colour);
    expect(await at(24)).toEqual([0, 0, 0]);
    await player.page.getByLabel("Erase", { exact: true }).check({ force: true });
    await line();
    await player.step(5);
    expect(await at(10)).toEqual([0, 0, 0]);
    expectQuiet();
  });
});
