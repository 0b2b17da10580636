/** Files and links that the playground made are dropped on it again; for others, it says in a sentence why it cannot open them. */
import { deflateSync } from "node:zlib";
import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstModel } from "../../playground/src/firstModel.ts";
import { encodeModel } from "../../src/model/model.ts";
import { sharedChromium } from "./chromium.ts";
import { PlaygroundSite } from "./playgroundPage.ts";
import { galleryFiles, PlaygroundUi } from "./playgroundUi.ts";

let site: PlaygroundSite;
let browser: Browser;
let ui: PlaygroundUi;

beforeAll(async () => {
  [site, browser] = await Promise.all([PlaygroundSite.buildPlayground(), sharedChromium()]);
  for (const [name, file] of galleryFiles({ Lizard: "lizard.safetensors", Waves: firstModel() }))
    site.files.set(name, file);
  ui = await PlaygroundUi.open(browser, await site.serve(true));
});

afterAll(async () => {
  await ui.close();
  site.leave();
});

const parameters = () => ui.ask<number[]>("[...e.simulation.parameters]");

/** Takes a file of what is played. */
async function take(name: string): Promise<[name: string, bytes: Buffer]> {
  const coming = ui.page.waitForEvent("download");
  await ui.button(name).click();
  const download = await coming;
  return [download.suggestedFilename(), await readFile(await download.path())];
}

/** Shows something else, then drops it, and waits for its name. */
async function bringModel(name: string, content: string | Uint8Array): Promise<string> {
  await ui.button("Waves").click();
  await expect.poll(() => ui.played).toBe("Waves");
  await ui.drop(name, content);
  await expect.poll(() => ui.played).not.toBe("Waves");
  return ui.played;
}

/** Drops a picture. @returns sums of red, green, blue and alpha over the target that it makes, each from 0 to 1. */
async function bringPicture(name: string, content: Uint8Array): Promise<number[]> {
  await ui.drop(name, content);
  await expect.poll(() => ui.text(".chosen")).toBe(name);
  await ui.frames();
  return colours(".preview canvas");
}

async function colours(canvas: string): Promise<number[]> {
  const data = await ui.pixels(canvas);
  return [0, 1, 2, 3].map((c) => data.reduce((sum, value, i) => sum + (i % 4 === c ? value / 255 : 0), 0));
}

describe("what was taken along", () => {
  it("opens the model again, exactly or with its weights in eight bits", async () => {
    await ui.step(150);
    const lizard = await parameters();
    const files = [await take("model.safetensors"), await take("player.html")];
    await ui.button("Link").click();
    const link = await ui.page.getByRole("textbox", { name: "Link" }).inputValue();
    expect(link).toMatch(/\/some\/path\/#n1=/);
    expect(files.map(([name]) => name)).toEqual(["Lizard.safetensors", "Lizard.html"]);
    expect(await bringModel(...files[0])).toBe("🦎 lizard");
    expect(await parameters()).toEqual(lizard);
    expect(await bringModel(...files[1])).toBe("Lizard");
    expect(await parameters()).toEqual(lizard);
    expect(await bringModel("link.txt", link)).toBe("Lizard");
    const coarse = await parameters();
    expect(coarse).not.toEqual(lizard);
    const largest = Math.max(...lizard.map(Math.abs));
    // Half of a 127th of what is largest in a column, which none exceeds.
    for (const [i, value] of lizard.entries())
      expect(Math.abs(coarse[i] - value)).toBeLessThanOrEqual(largest / 254 + 1e-6);
    await ui.button("Lizard").first().click();
  });

  it("opens pictures as what is to be learned, and of a film what has grown", async () => {
    await ui.button("Waves").click();
    await ui.page.locator("gallery-panel li button").filter({ hasText: "Lizard" }).last().click();
    await expect.poll(() => ui.played).toBe("Lizard");
    await ui.step(150);
    const grown = await colours("nca-canvas");
    const png = await bringPicture(...(await take("PNG")));
    const film = await bringPicture(...(await take("WebP film")));
    const sheet = await bringPicture(...(await take("PNG sheet")));
    // All of the grid's 72 cells become 32; what is hardly there is lost, and each film has its own chance of firing.
    const scale = (32 / 72) ** 2;
    for (const found of [png, film]) {
      for (const [c, sum] of found.entries())
        expect(Math.abs(sum / (grown[c] * scale) - 1)).toBeLessThan(0.15);
    }
    // A video has no alpha: its ground adds as much to red as to green.
    const [red, green, , alpha] = await bringPicture(...(await take("WebM film")));
    expect(alpha).toBeGreaterThan(300);
    expect(Math.abs((green - red) / ((grown[1] - grown[0]) * scale) - 1)).toBeLessThan(0.25);
    // Panels in two rows on a light ground: opaque, and as wide as a target is.
    expect(sheet[3]).toBeGreaterThan(300);
  });
});

/** A chunk of a PNG, of which nobody checks the sum. */
function chunk(name: string, content: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length);
  bytes.write(name, 4, "latin1");
  content.copy(bytes, 8);
  return bytes;
}

/** A picture of zeros, of which a header says how large it is. */
function emptyPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const chunks = [chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

describe("what cannot be taken", () => {
  it.each<[name: string, content: () => string | Uint8Array, message: RegExp]>([
    ["notes.txt", () => "Remember the milk.", /^notes\.txt: neither a picture, .+\.$/],
    [
      "huge.png",
      () => emptyPng(10_000, 5_000),
      /^huge\.png: the picture has 10000 x 5000 pixels, and at most 40 million are read; make it smaller first\.$/,
    ],
    ["cut.safetensors", () => encodeModel(firstModel()).subarray(0, 900), /^cut\.safetensors: .+\.$/],
    [
      "spoilt.safetensors",
      () => encodeModel(firstModel()).fill(0xff, -4),
      /^spoilt\.safetensors: tensor update\.0\.weight holds NaN at position 511\.$/,
    ],
    ["spoilt.html", () => "<!doctype html><p>Hello", /^spoilt\.html: this page is not a player\.html/],
  ])("says what is wrong with %s, and keeps playing", async (name, content, message) => {
    const before = await ui.played;
    await ui.drop(name, content());
    const notice = ui.page.getByRole("alert").filter({ hasText: name });
    await notice.waitFor();
    expect(await notice.locator("p").innerText()).toMatch(message);
    expect(await ui.played).toBe(before);
    await ui.button("Close").click();
  });
});
