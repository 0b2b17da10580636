/** player.html with two models: cells are made to run the guest or the host while it plays. */
import type { Browser } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../../src/model/model.ts";
import { playerHtml } from "../../src/player/player.ts";
import { parameterCount } from "../../src/rule/parameters.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { sharedChromium } from "./chromium.ts";
import { opacity, PlayerPage } from "./playerPage.ts";

const SIDE = 20;
const conventions = splitRule({ ...picturePresets.distill, hidden: [], fireRate: 1 });
const { rule } = conventions;

/** The alpha of living cells becomes 1, and life spreads by a cell a step; or it becomes 0. */
function model(alpha: number): Model {
  const parameters = new Float32Array(parameterCount(rule));
  const own = 3 * rule.kernels.length;
  parameters[own * rule.channels + 3] = -1;
  parameters[parameters.length - rule.channels + 3] = alpha;
  return { ...conventions, parameters, provenance: { grid: [SIDE, SIDE] } };
}

const ROOT = { title: "Root", graft: { model: model(0), title: "Rot" } };
const html = playerHtml(model(1), ROOT);

let browser: Browser;
let player: PlayerPage;
beforeAll(async () => {
  browser = await sharedChromium();
});
afterEach(() => player.close());

const open = (text = html, width = 1200) =>
  PlayerPage.open(browser, text, { viewport: { width, height: 900 }, reducedMotion: "reduce" });

const tool = (name: string) => player.page.getByRole("radio", { name, exact: true });

async function drag(from: [number, number], to: [number, number]): Promise<void> {
  const { mouse } = player.page;
  await mouse.move(...(await player.at(...from)));
  await mouse.down();
  await mouse.move(...(await player.at(...to)), { steps: 4 });
  await mouse.up();
  await player.settle();
}

/** Alpha of a row's cells. */
async function row(y: number): Promise<number[]> {
  const picture = await player.picture();
  return Array.from({ length: SIDE }, (_, x) => picture[(y * SIDE + x) * 4 + 3]);
}

const grafted = () => player.page.locator(".overlay .area").getAttribute("d");

describe("a player of two models", () => {
  it("paints the guest while it runs, shows where it is, and paints the host back", async () => {
    player = await open();
    expect(await player.page.locator("h1").innerText()).toBe("Root + Rot");
    await player.step(20);
    expect(opacity(await player.picture(), 0, SIDE)).toBe(SIDE * SIDE);
    await player.slide("Brush radius", 1);

    await tool("Rot").check();
    await drag([4.5, 10.5], [15.5, 10.5]);
    expect(opacity(await player.picture(), 0, SIDE)).toBe(SIDE * SIDE);
    expect(await grafted()).toBe("M4 9H16V10H4ZM3 10H17V11H3ZM4 11H16V12H4Z");
    expect(await player.page.locator(".overlay .area").isVisible()).toBe(true);

    await player.step(2);
    const dead = Array.from({ length: SIDE }, (_, x) => (x >= 3 && x < 17 ? 0 : 1));
    expect(await row(10)).toEqual(dead);
    expect(await row(8)).toEqual(dead.map(() => 1));

    await tool("Root").check();
    await drag([10.5, 8.5], [10.5, 12.5]);
    expect(await grafted()).toBe(
      "M4 9H9V10H4ZM12 9H16V10H12ZM3 10H9V11H3ZM12 10H17V11H12ZM4 11H9V12H4ZM12 11H16V12H12Z",
    );
    await player.step(2);
    expect(await row(10)).toEqual(dead.map((alpha, x) => (x >= 9 && x < 12 ? 1 : alpha)));

    await tool("Erase").check();
    await player.settle();
    expect(await player.page.locator(".overlay .area").count()).toBe(0);
    expect(player.complaints).toEqual([]);
  });

  it("plants with one click where that is chosen, and erases otherwise", async () => {
    player = await open();
    await drag([10.5, 10.5], [10.5, 10.5]);
    expect(opacity(await player.picture(), 0, SIDE)).toBe(0);
    await tool("Plant").check();
    await drag([3.5, 4.5], [9.5, 4.5]);
    const picture = await player.picture();
    expect(opacity(picture, 0, SIDE)).toBe(1);
    expect(picture[(4 * SIDE + 3) * 4 + 3]).toBe(1);
    await tool("Rot").check();
    await player.page.mouse.dblclick(...(await player.at(15.5, 15.5)));
    await player.settle();
    expect(opacity(await player.picture(), 0, SIDE)).toBe(1);
    expect(await grafted()).not.toBe("");
  });

  it("is used by keys alone", async () => {
    player = await open();
    const { keyboard } = player.page;
    await player.slide("Brush radius", 1);
    await tool("Erase").focus();
    for (const name of ["Plant", "Root", "Rot"]) {
      await keyboard.press("ArrowRight");
      expect(await tool(name).isChecked()).toBe(true);
    }
    const picture = player.page.getByRole("application", { name: /makes cells run the chosen model/ });
    await picture.focus();
    for (const key of ["ArrowLeft", "ArrowLeft", "Enter", "Delete"]) await keyboard.press(key);
    await player.settle();
    expect(await grafted()).toBe("M8 9H9V10H8ZM7 10H10V11H7ZM8 11H9V12H8Z");
    await player.step(1);
    // The seed in the middle gives life to its eight neighbours; the one that runs the guest does not take it.
    expect((await row(10)).slice(8, 13)).toEqual([0, 0, 1, 1, 0]);
  });

  it("begins with the cells it was made with, and keeps what is painted on a reset", async () => {
    const cells = Uint8Array.from({ length: SIDE * SIDE }, (_, n) => (n % SIDE < 10 ? 0 : 1));
    player = await open(playerHtml(model(1), { ...ROOT, graft: { ...ROOT.graft, cells }, seeds: [[10, 3]] }));
    await player.step(20);
    expect(opacity(await player.picture(), 0, 10)).toBe(10 * SIDE);
    expect(opacity(await player.picture(), 10, SIDE)).toBe(0);
    await tool("Root").check();
    await drag([9.5, 3.5], [19.5, 3.5]);
    await player.button("Reset").click();
    await player.settle();
    await player.step(25);
    expect((await row(3)).every((alpha) => alpha === 1)).toBe(true);
    expect(opacity(await player.picture(), 19, SIDE)).toBeGreaterThan(0);
    expect((await row(18)).slice(12).every((alpha) => alpha === 0)).toBe(true);
  });

  it.each([360, 1200])("keeps its layout whatever is chosen, %i pixels wide", async (width) => {
    const long = {
      ...ROOT,
      title: "Smiling face with sunglasses",
      graft: { ...ROOT.graft, title: "x".repeat(40) },
    };
    player = await open(playerHtml(model(1), long), width);
    const boxes = () =>
      player.page.evaluate(() =>
        [...document.querySelectorAll("nca-canvas, canvas, button, input, h1, label, legend, .keys")].map(
          (element) => {
            const { x, y, width: w, height: h } = element.getBoundingClientRect();
            return [x, y, w, h];
          },
        ),
      );
    await player.settle();
    const first = await boxes();
    for (const name of ["Plant", long.title, long.graft.title]) {
      await tool(name).check();
      expect(await boxes()).toEqual(first);
    }
    const overflow = await player.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  it("says what is wrong with a guest model that is damaged", async () => {
    player = await open(html.replace(/("graft":\{"model":")..../, "$1AAAA"));
    const message = player.page.getByRole("alert");
    await message.waitFor();
    expect(await message.innerText()).toContain("The model in this page cannot be read: ");
    expect(player.complaints).toEqual([]);
  });
});
