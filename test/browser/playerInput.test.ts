/** player.html of models with an input: a goal, a picture or numbers, changed while they run. */
import type { Browser } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { centreStrokes, drawStrokes } from "../../src/player/page/drawing.ts";
import { decodeModel, encodeModel, type Model } from "../../src/model/model.ts";
import { type PlayerOptions, playerHtml } from "../../src/player/player.ts";
import { type Encoder, encode, initialEncoder } from "../../src/nets/encoder.ts";
import { STREAM, uniform } from "../../src/random.ts";
import { sharedChromium } from "./chromium.ts";
import { mirror } from "./mirror.ts";
import { PlayerPage } from "./playerPage.ts";

const SIDE = 12;

const settings = { grid: [8, 8], channels: 1, features: [4], latent: 4 } as const;
const encoder: Encoder = { settings, parameters: initialEncoder(settings, 5) };
const withEncoder: Model = { ...mirror(4), provenance: { grid: [SIDE, SIDE] }, encoder };
/** The encoder as the page has it. */
const carried = decodeModel(encodeModel(withEncoder, { halfEncoder: true })).encoder!;
const examples = [1, 2, 3].map((n) =>
  Float32Array.from({ length: 64 }, (_, i) => Math.round(255 * uniform(n, STREAM.data, 0, i)) / 255),
);
const goals = ["🦎 lizard (Noto Emoji)", "🦋 butterfly (Noto Emoji)", "cat.png"].map((target) => ({
  target,
}));
const conditional: Model = { ...mirror(3), provenance: { grid: [SIDE, SIDE], goals } };

let browser: Browser;
let player: PlayerPage;
beforeAll(async () => {
  browser = await sharedChromium();
});
afterEach(() => player.close());

async function open(
  model: Model,
  options: Partial<PlayerOptions> = {},
  viewport = { width: 1300, height: 800 },
) {
  const html = playerHtml(model, { title: "Told", ...options });
  player = await PlayerPage.open(browser, html, { viewport, reducedMotion: "reduce" });
  await player.settle();
}

/** Red, green and blue after a step; bytes are 1/255 apart. */
async function colour(): Promise<number[]> {
  await player.step(1);
  const picture = await player.picture();
  expect(picture.slice(0, 4)).toEqual(picture.slice(-4));
  return Array.from(picture.subarray(0, 3));
}

function expectColour(seen: readonly number[], expected: ArrayLike<number>): void {
  for (const [i, value] of seen.entries()) {
    expect(Math.abs(value - Math.min(1, Math.max(0, expected[i])))).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
  }
}

const goal = (name: string) => player.page.getByRole("radio", { name, exact: true });
const slider = (name: string) => player.page.getByRole("slider", { name, exact: true });

/** The numbers that the page says. */
async function numbers(): Promise<number[]> {
  const texts = await player.page.locator("#numbers b").allInnerTexts();
  return texts.map((text) => Number(text.replace("−", "-")));
}

async function expectNumbers(code: Float32Array): Promise<void> {
  await player.settle();
  const said = await numbers();
  expect(said).toHaveLength(code.length);
  // They are said to two places.
  for (const [i, value] of code.entries()) expect(Math.abs(said[i] - value)).toBeLessThanOrEqual(0.005001);
}

function expectQuiet(): void {
  expect(player.complaints).toEqual([]);
  expect(player.requests.filter((url) => !url.startsWith("blob:"))).toEqual([player.page.url()]);
}

describe("goals", () => {
  it("are chosen by buttons and by keys, while the automaton goes on", async () => {
    await open(conditional);
    const group = player.page.getByRole("radiogroup", { name: "Goal" });
    expect(await group.locator("label").allInnerTexts()).toEqual(["🦎", "🦋", "cat"]);
    expect(await goal(goals[0].target).isChecked()).toBe(true);
    expect(await colour()).toEqual([1, 0, 0]);
    await goal(goals[1].target).check();
    expect(await colour()).toEqual([0, 1, 0]);
    await player.page.keyboard.press("3");
    expect(await goal("cat.png").isChecked()).toBe(true);
    expect(await colour()).toEqual([0, 0, 1]);
    await player.page.keyboard.press("4");
    expect(await colour()).toEqual([0, 0, 1]);
    await goal("cat.png").press("ArrowLeft");
    expect(await colour()).toEqual([0, 1, 0]);
    expect(await player.steps()).toBe(5);
    expect(await player.page.locator("#numbers, #pictures").count()).toBe(0);
    expectQuiet();
  });

  it("begin with what the page was made with", async () => {
    await open(conditional, { input: Float32Array.of(0, 0, 1) });
    expect(await goal("cat.png").isChecked()).toBe(true);
    expect(await colour()).toEqual([0, 0, 1]);
    await player.close();
    await open(conditional, { input: Float32Array.of(0.5, 0.5, 0) });
    expect(await player.page.getByRole("radio", { checked: true }).count()).toBe(0);
    expectColour(await colour(), [0.5, 0.5, 0]);
  });

  it.each([
    [64, 360],
    [64, 1200],
    [2, 1200],
  ])("%i of them fit a page %i pixels wide", async (count, width) => {
    const many = Array.from({ length: count }, (_, i) => ({
      target: i % 2 ? "🦋" : "a picture of quite some size.png",
    }));
    const model = { ...mirror(count), provenance: { ...conditional.provenance, goals: many } };
    await open(model, {}, { width, height: 740 });
    const outside = await player.page.evaluate(() => {
      const { right } = document.getElementById("goals")!.getBoundingClientRect();
      const labels = [...document.querySelectorAll("#goals label")];
      return {
        labels: labels.filter((label) => label.getBoundingClientRect().right > right + 0.5).length,
        page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      };
    });
    expect(outside).toEqual({ labels: 0, page: 0 });
  });
});

describe("pictures and numbers", () => {
  it("begin with the first example, and every slider moves its number alone", async () => {
    await open(withEncoder, { examples });
    const code = encode(carried, examples[0]).mean;
    await expectNumbers(code);
    expectColour(await colour(), code);
    await slider("Number 2").fill("0.6");
    const moved = code.with(1, 0.6);
    await expectNumbers(moved);
    expectColour(await colour(), moved);
    expect(await player.page.locator("#mixValue").innerText()).toBe("set by hand");
    expectQuiet();
  });

  it("lie on the line from A to B", async () => {
    await open(withEncoder, { examples });
    const [a, b, c] = examples.map((picture) => encode(carried, picture).mean);
    const mix = player.page.getByRole("slider", { name: "From A to B" });
    await mix.fill("100");
    await expectNumbers(b);
    expectColour(await colour(), b);
    await mix.fill("25");
    await expectNumbers(a.map((value, i) => 0.75 * value + 0.25 * b[i]));
    expect(await mix.getAttribute("aria-valuetext")).toBe("25 % B");
    await mix.fill("0");
    await expectNumbers(a);

    await player.page.getByRole("radio", { name: "B" }).check();
    await expectNumbers(b);
    await player.button("Example 3").click();
    await expectNumbers(c);
    expect(await player.page.getByRole("img", { name: "Picture B: example 3" }).count()).toBe(1);
    await mix.fill("50");
    const half = a.map((value, i) => (value + c[i]) / 2);
    await expectNumbers(half);
    expectColour(await colour(), half);
    expectQuiet();
  });

  it("are what the encoder makes of a drawing, sized and centred", async () => {
    await open(withEncoder, { examples });
    const pad = player.page.locator("#padB canvas");
    const box = (await pad.boundingBox())!;
    const at = (x: number, y: number): [number, number] => [
      Math.round(box.x + (x / 8) * box.width),
      Math.round(box.y + (y / 8) * box.height),
    ];
    const points = [at(1, 1), at(4, 1.5), at(2, 6)];
    const { mouse } = player.page;
    await mouse.move(...points[0]);
    await mouse.down();
    for (const point of points.slice(1)) await mouse.move(...point);
    await mouse.up();
    const stroke = {
      points: points.map(([x, y]) => ({
        x: ((x - box.x) / box.width) * 8,
        y: ((y - box.y) / box.height) * 8,
      })),
      colour: [1],
    };
    const drawn = encode(carried, drawStrokes(centreStrokes([stroke], [8, 8]), [8, 8], 1)).mean;
    await expectNumbers(drawn);
    expectColour(await colour(), drawn);
    expect(await player.page.getByRole("img", { name: "Picture B: drawn by hand" }).count()).toBe(1);
    expect(await player.page.getByRole("radio", { name: "B" }).isChecked()).toBe(true);
    const raw = encode(carried, drawStrokes([stroke], [8, 8], 1)).mean;
    expect(raw.some((value, i) => Math.abs(value - drawn[i]) > 0.02)).toBe(true);

    await player.button("Clear B").click();
    await expectNumbers(encode(carried, new Float32Array(64)).mean);
    await player.page.getByRole("radio", { name: "A" }).check();
    await expectNumbers(encode(carried, examples[0]).mean);
    expectQuiet();
  });

  it("are drawn in colour where pictures have one, and encoded as they are", async () => {
    const coloured = { ...settings, channels: 4 } as const;
    const model: Model = {
      ...withEncoder,
      encoder: { settings: coloured, parameters: initialEncoder(coloured, 3) },
    };
    await open(model);
    await player.page.getByLabel("Pen").fill("#ff8000");
    const pad = player.page.locator("#padA canvas");
    const box = (await pad.boundingBox())!;
    const place = [Math.round(box.x + box.width / 4), Math.round(box.y + box.height / 4)] as const;
    await player.page.mouse.click(...place);
    const points = [{ x: ((place[0] - box.x) / box.width) * 8, y: ((place[1] - box.y) / box.height) * 8 }];
    const dot = drawStrokes([{ points, colour: [1, 128 / 255, 0, 1] }], [8, 8], 4);
    // Not premultiplied: a cell that is covered in part has the full colour.
    for (let i = 0; i < dot.length; i += 4) if (dot[i + 3] > 0) dot.set([1, 128 / 255, 0], i);
    const { encoder: own } = decodeModel(encodeModel(model, { halfEncoder: true }));
    await expectNumbers(encode(own!, dot).mean);
    expectQuiet();
  });

  it("begin with what the page was made with, or with the mean", async () => {
    const input = Float32Array.of(0.2, 0.4, 0.6, -5);
    await open(withEncoder, { examples, input });
    await expectNumbers(input);
    expectColour(await colour(), input);
    await player.close();
    const latent = { mean: [0.5, 0.25, 0.75, 1], deviation: [1, 2, 0.5, 1] };
    await open({ ...withEncoder, provenance: { ...withEncoder.provenance, latent } });
    await expectNumbers(Float32Array.from(latent.mean));
    expect(await slider("Number 2").getAttribute("min")).toBe("-5.75");
    expect(await slider("Number 3").getAttribute("max")).toBe("2.25");
  });

  it("are sliders alone where there is no encoder, and none where they are too many", async () => {
    const { encoder: _, ...plain } = withEncoder;
    await open(plain);
    expect(await numbers()).toEqual([0, 0, 0, 0]);
    await slider("Number 1").fill("1");
    expect(await colour()).toEqual([1, 0, 0]);
    expect(await player.page.locator("#pictures, #goals").count()).toBe(0);
    await player.close();
    await open({ ...mirror(33), provenance: plain.provenance }, { input: new Float32Array(33).fill(0.4) });
    expect(await player.page.locator("#input").isVisible()).toBe(false);
    expectColour(await colour(), [0.4, 0.4, 0.4]);
  });

  it.each([360, 1000, 1300])("keep their layout, %i pixels wide", async (width) => {
    await open(withEncoder, { examples }, { width, height: 740 });
    const boxes = () =>
      player.page.evaluate(() =>
        [...document.querySelectorAll("nca-canvas, canvas, button, input, h1, label, summary")].map(
          (element) => {
            const { x, y, width: w, height: h } = element.getBoundingClientRect();
            return [x, y, w, h];
          },
        ),
      );
    const first = await boxes();
    await slider("Number 2").fill("-2.5");
    await player.page.getByRole("radio", { name: "B" }).check();
    await player.button("Clear B").click();
    await player.settle();
    expect(await boxes()).toEqual(first);
    const overflow = await player.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
});
