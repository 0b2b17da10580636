/** Textures on the playground: opened by a link, erased, grafted, and learned from a picture that was dropped. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstModel } from "../../playground/src/firstModel.ts";
import { drawMaterial } from "../../src/data/materials.ts";
import { encodeModelLink } from "../../src/exporters/modelLink.ts";
import type { Model } from "../../src/model/model.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { encodePng } from "../../src/node/encode.ts";
import { resolveTextureConfig } from "../../src/experiments/texture/config.ts";
import { parameterCount, parameterTable } from "../../src/rule/parameters.ts";
import { sharedChromium } from "./chromium.ts";
import { PlaygroundSite } from "./playgroundPage.ts";
import { galleryFiles, PlaygroundUi } from "./playgroundUi.ts";

const { rule, ...conventions } = splitRule(resolveTextureConfig({ model: "small" }).rule, []);

/** Every cell that fires takes on this colour, and 0 elsewhere. */
function evenly(target: string, colour: readonly number[]): Model {
  const parameters = new Float32Array(parameterCount(rule));
  const [weight, bias] = parameterTable(rule);
  for (let c = 0; c < rule.channels; c++) {
    parameters[weight.offset + c * 4 * rule.channels + c] = -1;
    parameters[bias.offset + c] = colour[c] ?? 0;
  }
  return { rule, ...conventions, parameters, provenance: { grid: [16, 24], target, match: "texture" } };
}

let site: PlaygroundSite;
let browser: Browser;
let address: string;
beforeAll(async () => {
  [site, browser] = await Promise.all([PlaygroundSite.buildPlayground(), sharedChromium()]);
  const models = { Waves: firstModel(), Green: evenly("green", [0, 1, 0]) };
  for (const [name, file] of galleryFiles(models)) site.files.set(name, file);
  address = await site.serve(true);
});
afterAll(() => site.leave());

/** Red and green of the cell in row 8 and column x. */
const cell = (ui: PlaygroundUi, x: number) =>
  ui.ask<number[]>(
    `e.simulation.read().then((state) => [0, 1].map((c) => Math.round(1000 * state[(8 * 24 + ${x}) * 12 + c])))`,
  );

describe("a texture", () => {
  it("comes with a link, heals where it is erased, and shares its grid with another", async () => {
    const link = encodeModelLink(evenly("red", [1, 0, 0]), { page: address });
    const ui = await PlaygroundUi.open(browser, link.address);
    await expect.poll(() => ui.played).toBe("red");
    await ui.step(30);
    expect(await cell(ui, 4)).toEqual([1000, 0]);
    await ui.ask("e.erase({ x: 4.5, y: 8.5 }, { x: 4.5, y: 8.5 }, 2)");
    await expect.poll(() => cell(ui, 4)).toEqual([0, 0]);
    await ui.step(30);
    expect(await cell(ui, 4)).toEqual([1000, 0]);

    await ui.radio("Graft").check();
    await ui.page.locator("gallery-panel li button").filter({ hasText: "Green" }).click();
    await ui.radio("Green").waitFor();
    await ui.ask("e.simulation.paint({ x: 18, y: 8 }, { x: 18, y: 8 }, 4, 1)");
    await ui.step(30);
    expect([await cell(ui, 4), await cell(ui, 18)]).toEqual([
      [1000, 0],
      [0, 1000],
    ]);
    expect(await ui.faults()).toEqual([]);
    await ui.close();
  });

  it("is learned from a picture that is dropped", async () => {
    const ui = await PlaygroundUi.open(browser, address);
    await ui.page.getByLabel("Way of training").selectOption("texture");
    await ui.drop("stones.png", await encodePng(drawMaterial("pebbles", 32)));
    await ui.page.getByRole("slider", { name: "Size" }).fill("16");
    await ui.button("Start training").click();
    await expect.poll(() => ui.losses.then(({ length }) => length), { timeout: 60_000 }).toBeGreaterThan(1);
    await ui.until("[e.model.rule.boundary, e.model.start.seeds.length, ...e.simulation.grid]", [
      "wrap",
      0,
      16,
      16,
    ]);
    expect(await ui.faults()).toEqual([]);
    await ui.button("Stop").click();
    await ui.close();
  });
});
