/** `<nca-canvas>` as people put it on their pages: the bundle from a server, attributes, properties, methods, events. */
import { readFileSync } from "node:fs";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { encodeModel, type Model } from "../../src/model/model.ts";
import { parameterCount, parameterTable } from "../../src/rule/parameters.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { sharedChromium } from "./chromium.ts";
import { ElementPage, ElementSite, SCRIPT } from "./elementPage.ts";

const GRID = [20, 30] as const;
const conventions = splitRule({ ...picturePresets.distill, hidden: [], fireRate: 1 });
const { rule } = conventions;

/** The alpha of living cells becomes `alpha`: above 0.1 life spreads by a cell a step, else it ends. */
function spreading(alpha: number, grid: readonly [number, number] = GRID): Model {
  const parameters = new Float32Array(parameterCount(rule));
  parameters[3 * rule.kernels.length * rule.channels + 3] = -1;
  parameters[parameters.length - rule.channels + 3] = alpha;
  return { ...conventions, parameters, provenance: { grid: [...grid], target: "a growing square" } };
}

/** Every cell takes the colour of its goal in a step. */
function colours(): Model {
  const conditional = {
    ...rule,
    kernels: ["identity" as const],
    inputSize: 3,
    alive: { ...rule.alive, mask: "none" as const },
  };
  const readout = { offset: 0, channels: 3, premultiplied: false } as const;
  const [weight] = parameterTable(conditional);
  const parameters = new Float32Array(parameterCount(conditional));
  for (let c = 0; c < 3; c++) {
    parameters[weight.offset + c * conditional.channels + c] = -1;
    parameters[weight.offset + (conditional.channels + c) * conditional.channels + c] = 1;
  }
  const goals = ["red", "green", "blue"].map((target) => ({ target }));
  return { ...conventions, rule: conditional, readout, parameters, provenance: { grid: [8, 8], goals } };
}

/** The cells of `spreading`, which stay as they are, with an input of two numbers. */
function withInput(): Model {
  const own = { ...rule, inputSize: 2 };
  const parameters = new Float32Array(parameterCount(own));
  return { ...conventions, rule: own, parameters, provenance: { grid: [...GRID] } };
}

/** As `colours`, but the input is a latent vector. */
function mixed(): Model {
  const { goals: _, ...provenance } = colours().provenance;
  const latent = { mean: [0.25, 0.5, 0.75], deviation: [1, 1, 1] };
  return { ...colours(), provenance: { ...provenance, latent } };
}

/** On a torus where every cell is red a step later, whatever it was. */
function reddening(): Model {
  const torus = {
    ...rule,
    boundary: "wrap" as const,
    kernels: ["identity" as const],
    alive: { ...rule.alive, mask: "none" as const },
  };
  const parameters = new Float32Array(parameterCount(torus));
  parameters[0] = -1;
  parameters[parameters.length - torus.channels] = 1;
  const readout = { offset: 0, channels: 3, premultiplied: true } as const;
  return { ...conventions, rule: torus, readout, parameters, provenance: { grid: [20, 30] } };
}

const square = encodeModel(spreading(1));
/** Claims a grid of 2^24 x 2^24 cells, as a hostile file may. */
const huge = encodeModel(spreading(1, [2 ** 24, 2 ** 24]));

let browser: Browser;
let site: ElementSite;
let at: ElementPage;
beforeAll(async () => {
  browser = await sharedChromium();
  site = await ElementSite.start({
    "square.safetensors": square,
    "lizard.safetensors": square,
    "small.safetensors": encodeModel(spreading(1, [8, 8])),
    "ending.safetensors": encodeModel(spreading(0)),
    "colours.safetensors": encodeModel(colours()),
    "mixed.safetensors": encodeModel(mixed()),
    "withInput.safetensors": encodeModel(withInput()),
    "note.safetensors": "Dear reader, this is a letter and no model.",
    "short.safetensors": square.slice(0, 2000),
    "huge.safetensors": huge,
    "red.safetensors": encodeModel(reddening()),
  });
});
afterAll(() => site.stop());
afterEach(() => at.close());

async function open(body: string, options: BrowserContextOptions = {}, head = ""): Promise<void> {
  at = await ElementPage.open(browser, site, { head, body }, options);
}

/** Paused from the start, so that steps can be counted. */
async function still(attributes = `src="square.safetensors"`, rest = ""): Promise<void> {
  await open(`${SCRIPT}<nca-canvas size="300" paused ${attributes}></nca-canvas>${rest}`);
  await at.until("!!e.simulation");
  await at.settle();
}

function expectQuiet(): void {
  expect(at.complaints).toEqual([]);
  for (const url of at.requests) expect(url).toMatch(new RegExp(`^(blob:)?${site.origin}/`));
}

/** The pixel of the page in the middle of a cell, as it is shown. */
async function shown(x: number, y: number): Promise<number[]> {
  const [left, top] = await at.at(x, y, GRID);
  const clip = { x: Math.round(left) - 1, y: Math.round(top) - 1, width: 3, height: 3 };
  const png = await at.page.screenshot({ clip });
  return at.ask<number[]>(`(async () => {
    const bytes = await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob();
    const canvas = new OffscreenCanvas(3, 3).getContext("2d");
    canvas.drawImage(await createImageBitmap(bytes), 0, 0);
    return [...canvas.getImageData(1, 1, 1, 1).data];
  })()`);
}

/** Width of a cell on the page, in CSS pixels. */
const cellSize = async () => (await at.page.locator("nca-canvas canvas").boundingBox())!.width / GRID[1];

/** The value of an expression in the page. */
const askPage = <T>(expression: string) => at.page.evaluate<T>(expression);

const paint = (name: string, options = "{ scale: 4 }") =>
  askPage<string | undefined>(`(async () => {
    const { NcaCanvas } = await import("./nca-canvas.js");
    try { globalThis.background = await NcaCanvas.paintBackground(box, "${name}.safetensors", ${options}); }
    catch ({ message }) { return message; }
  })()`);
const until = (expression: string) => expect.poll(() => askPage(expression), { timeout: 20_000 }).toBe(true);
/** Waits until cells of the box have these colours. */
const shows = (cells: readonly (readonly [number, number])[], wanted: readonly number[][]) =>
  expect.poll(() => coloursAt(cells), { timeout: 20_000 }).toEqual(wanted);

/** An element whose background is painted, on a long page. */
const box = `<div id="box" style="width:250px;height:100px;background-size:7px"></div><div style="height:3000px"></div>`;

/** Colours of the page in the middle of cells of the box, [x, y] each. */
async function coloursAt(cells: readonly (readonly [number, number])[]): Promise<number[][]> {
  const png = await at.page.locator("#box").screenshot();
  return askPage(`(async () => {
    const bytes = await (await fetch("data:image/png;base64,${png.toString("base64")}")).blob();
    const canvas = new OffscreenCanvas(250, 100).getContext("2d", { willReadFrequently: true });
    canvas.drawImage(await createImageBitmap(bytes), 0, 0);
    return ${JSON.stringify(cells)}.map(([x, y]) => [...canvas.getImageData(4 * x + 2, 4 * y + 2, 1, 1).data].slice(0, 3));
  })()`);
}

describe("<nca-canvas>", () => {
  it("plays a file with one script tag and one line", async () => {
    await open(`${SCRIPT}<nca-canvas src="square.safetensors" brush="8"></nca-canvas>`);
    await at.until("e.simulation?.steps > 30");
    expect(await at.living()).toBe(20 * 30);
    const steps = await at.events<number>("nca-step");
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(new Set(steps).size).toBe(steps.length);
    expect(await at.events("nca-load")).toHaveLength(1);
    expect(
      await at.page.getByRole("application", { name: /^a growing square: a growing picture\./ }).count(),
    ).toBe(1);
    expectQuiet();
  });

  it.each([
    ["missing", "missing.safetensors could not be loaded: the server answered 404."],
    ["note", "note.safetensors cannot be read: not a safetensors file: its header would be"],
    ["short", "short.safetensors cannot be read: truncated safetensors file"],
    ["huge", "A grid of 16777216 x 16777216 cells is too large to be played in a page."],
  ])("says in one sentence what is wrong with %s", async (name, sentence) => {
    await open(`${SCRIPT}<nca-canvas src="${name}.safetensors"></nca-canvas>`);
    const message = at.page.getByRole("alert");
    await message.waitFor();
    expect(await message.innerText()).toContain(sentence);
    expect(await at.events("nca-error")).toEqual([await message.innerText()]);
    expect(await at.ask("e.model === undefined && e.simulation === undefined")).toBe(true);
    // A browser notes a 404 itself.
    if (name !== "missing") expect(at.complaints).toEqual([]);

    await at.ask("void (e.src = 'square.safetensors')");
    await at.until("e.simulation?.steps > 0");
    expect(await message.isVisible()).toBe(false);
  });

  it("says so where no answer comes, and shows the last of several sources", async () => {
    await open(SCRIPT);
    await at.page.route("**/unheard.safetensors", (route) => route.abort());
    let answer: () => void;
    const slow = new Promise<void>((resolve) => (answer = resolve));
    await at.page.route("**/ending.safetensors", async (route) => {
      await slow;
      await route.continue().catch(() => undefined);
    });
    await at.ask(
      `document.body.append(Object.assign(document.createElement("nca-canvas"), { src: "unheard.safetensors" }))`,
    );
    await at.until("events.length", 1);
    expect(await at.events("nca-error")).toEqual(["unheard.safetensors could not be loaded."]);
    await at.ask("void (e.src = 'ending.safetensors')");
    await at.ask("void (e.src = 'small.safetensors')");
    await at.until("e.model?.provenance.grid", [8, 8]);
    answer!();
    await at.frames(30);
    expect(await at.ask("e.model.provenance.grid")).toEqual([8, 8]);
    expect(await at.events("nca-load")).toHaveLength(1);
    await at.ask("void (e.src = '')");
    expect(await at.ask("e.model === undefined")).toBe(true);
  });

  it("reflects properties as attributes, and keeps to their ranges", async () => {
    await still();
    const written = await at.ask(`(() => {
      Object.assign(e, { speed: Infinity, brush: 3, tool: "plant", angle: 90, fireRate: 0.25, stepSize: 2,
        background: "red", size: 200, seed: 7, view: "alive", label: "It" });
      return e.getAttributeNames().filter((name) => name !== "src").sort().map((name) => name + "=" + e.getAttribute(name));
    })()`);
    expect(written).toEqual(
      "angle=90 background=red brush=3 fire-rate=0.25 label=It paused= seed=7 size=200 speed=fastest step-size=2 tool=plant view=alive".split(
        " ",
      ),
    );
    expect(
      await at.ask(
        "[e.speed, e.simulation.rate, e.simulation.rule.fireRate, e.simulation.rule.stepSize, e.simulation.seed]",
      ),
    ).toEqual([Infinity, Infinity, 0.25, 2, 7]);
    expect(await at.ask("e.speed === Infinity && e.simulation.rule.kernels[1].taps.length > 0")).toBe(true);
    await at.ask(
      "['speed', 'brush', 'tool', 'fire-rate', 'step-size', 'size', 'seed', 'angle'].forEach((name) => e.setAttribute(name, 'often'))",
    );
    expect(
      await at.ask("[e.speed, e.brush, e.tool, e.fireRate, e.stepSize, e.size ?? 'none', e.seed, e.angle]"),
    ).toEqual([60, 6, "erase", 1, 1, "none", 0, 0]);
    await at.ask("Object.assign(e, { fireRate: 3, speed: -1, brush: 0 })");
    expect(await at.ask("[e.fireRate, e.speed, e.brush]")).toEqual([1, 0, 0.5]);
    await at.ask("Object.assign(e, { fireRate: undefined, stepSize: undefined })");
    expect(await at.ask("[e.hasAttribute('fire-rate'), e.fireRate, e.simulation.rule.stepSize]")).toEqual([
      false,
      1,
      1,
    ]);
    expectQuiet();
  });

  it("takes properties that were set before it was defined", async () => {
    await open(`<nca-canvas></nca-canvas>`);
    await at.ask(`Object.assign(e, { src: "square.safetensors", paused: true, brush: 2, goal: 2 })`);
    await at.page.addScriptTag({ type: "module", url: `${site.origin}/nca-canvas.js` });
    await at.until("!!e.simulation");
    expect(await at.ask("[e.paused, e.getAttribute('brush'), e.goal, Object.keys(e)]")).toEqual([
      true,
      "2",
      2,
      [],
    ]);
    expectQuiet();
  });

  it("is edited by pointer: erases, plants, or nothing", async () => {
    await still();
    await at.step(40);
    expect(await at.living()).toBe(600);
    const { mouse } = at.page;
    await at.ask("void (e.brush = 2)");
    await mouse.move(...(await at.at(5, 10, GRID)));
    await mouse.down();
    await mouse.move(...(await at.at(20, 10, GRID)), { steps: 3 });
    await mouse.up();
    await at.settle();
    // 16 cells long and 5 wide, and two caps of a disc of radius 2: 13 cells less the 5 on its middle line, in halves.
    expect(await at.living()).toBe(600 - (16 * 5 + 2 * 4));
    await mouse.dblclick(...(await at.at(12, 10, GRID)));
    await at.settle();
    const alpha = await at.alpha();
    expect(alpha[10 * 30 + 12]).toBe(255);
    expect(alpha[10 * 30 + 13]).toBe(0);
    expect(new Set(await at.events("nca-edit"))).toEqual(new Set(["erase", "plant"]));

    const before = await at.living();
    await at.ask("void (e.tool = 'none')");
    await mouse.dblclick(...(await at.at(28, 18, GRID)));
    await at.settle();
    expect(await at.living()).toBe(before);
    await at.ask("void (e.tool = 'plant')");
    await mouse.click(...(await at.at(12, 11, GRID)));
    await at.settle();
    expect(await at.living()).toBe(before + 1);
    expectQuiet();
  });

  it("is edited by methods", async () => {
    await still();
    await at.step(40);
    await at.ask("e.damage('half-left')");
    await at.settle();
    expect(await at.living()).toBe(300);
    await at.ask("e.erase({ x: 29.5, y: 0.5 }, undefined, 0.5)");
    await at.ask("e.plant({ x: 0, y: 0 })");
    await at.settle();
    const alpha = await at.alpha();
    expect([alpha[0], alpha[29], alpha.filter((value) => value > 0).length]).toEqual([255, 0, 300]);
    // By its old name.
    await expect(at.ask("e.cut('quarter')")).rejects.toThrow(
      'damage is one of circle, half, band, half-left, half-right, half-top, half-bottom, hole, core, not "quarter"',
    );
    await at.ask("e.reset()");
    await at.settle();
    expect(await at.living()).toBe(1);
    expect(await at.events("nca-edit")).toEqual(["cut", "erase", "plant"]);
    expect((await at.events("nca-step")).at(-1)).toBe(0);
  });

  it("is played by keys while it has the focus, and only then", async () => {
    await still(undefined, "<p tabindex=0>elsewhere</p>");
    const { keyboard } = at.page;
    const ask: (e: string) => Promise<unknown> = (expression) => at.ask(expression);
    for (const key of [".", "r", " ", "Delete"]) await keyboard.press(key);
    await at.settle();
    expect([await ask("e.simulation.steps"), await ask("e.paused"), await at.living()]).toEqual([0, true, 1]);

    await at.ask("e.focus()");
    for (const key of [".", ".", "."]) await keyboard.press(key);
    await at.settle();
    expect([await ask("e.simulation.steps"), await at.living()]).toEqual([3, 49]);
    await keyboard.press("R");
    for (const key of ["Delete", "ArrowLeft", "ArrowLeft", "ArrowUp", "Enter"]) await keyboard.press(key);
    await at.settle();
    const alpha = await at.alpha();
    expect(alpha.filter((value) => value > 0)).toHaveLength(1);
    expect(alpha[9 * 30 + 13]).toBe(255);
    await keyboard.press(" ");
    await at.until("e.simulation.steps > 2");
    await keyboard.press(" ");
    expect(await ask("e.paused")).toBe(true);
    expect(await at.ask("events.map(([type]) => type).filter((type) => /play|pause/.test(type))")).toEqual([
      "nca-play",
      "nca-pause",
    ]);
    await at.ask("document.querySelector('p').focus()");
    await keyboard.press("r");
    expect(await ask("e.simulation.steps")).toBeGreaterThan(2);
    expectQuiet();
  });

  it("rests while it is out of sight, without forgetting that it plays", async () => {
    await open(
      `${SCRIPT}<nca-canvas size="300" src="square.safetensors"></nca-canvas><div style="height: 3000px"></div>`,
    );
    await at.until("e.simulation?.steps > 15");
    await at.page.evaluate(() => scrollTo(0, 2000));
    await at.frames();
    const steps = await at.ask<number>("e.simulation.steps");
    await at.frames(40);
    expect(await at.ask("[e.simulation.steps, e.paused]")).toEqual([steps, false]);
    await at.page.evaluate(() => scrollTo(0, 0));
    await at.until(`e.simulation.steps > ${steps + 5}`);
    expect(await at.events("nca-pause")).toEqual([]);
    expectQuiet();
  });

  it("plays by Wasm where WebGPU is wanted and is not there, and says why", async () => {
    await open(
      `<script>addEventListener("nca-engine", ({ detail }) => (globalThis.engine = detail))</script>` +
        `${SCRIPT}<nca-canvas size="300" src="square.safetensors" engine="auto"></nca-canvas>`,
    );
    await at.until("globalThis.engine?.message !== undefined && e.simulation.steps > 5");
    expect(await at.ask("e.engineAtPlay")).toEqual({
      name: "wasm",
      build: expect.stringMatching(/relaxed|strict/),
      message: expect.stringMatching(/WebGPU/),
    });
    expectQuiet();
  });

  it("loads when it comes into sight, if it is lazy", async () => {
    const far = `<div style="height: 3000px"></div><nca-canvas size="100" src="small.safetensors" loading="lazy"></nca-canvas>`;
    await open(SCRIPT + far);
    await at.page.waitForFunction(() => customElements.get("nca-canvas"));
    await at.frames(30);
    expect(at.requests.filter((url) => url.endsWith("small.safetensors"))).toEqual([]);
    await at.page.evaluate(() => scrollTo(0, 3000));
    await at.until("e.simulation?.steps > 3");
    expectQuiet();
  });

  it("begins at rest where less motion is asked for, unless it is not to be paused", async () => {
    const tag = `<nca-canvas size="100" src="small.safetensors"></nca-canvas>`;
    await open(SCRIPT + tag + tag.replace(">", ' paused="false">'), { reducedMotion: "reduce" });
    const steps = "[...document.querySelectorAll('nca-canvas')].map(({ simulation }) => simulation?.steps)";
    await at.until(`${steps}[1] > 5`);
    expect(await at.ask(`[${steps}[0], e.paused]`)).toEqual([0, true]);
    expect(await at.living(0)).toBe(1);
    await at.ask("e.play()");
    expect(await at.ask("e.getAttribute('paused')")).toBe("false");
    await at.until(`${steps}[0] > 5`);
    await at.ask("e.pause()");
    await at.page.emulateMedia({ reducedMotion: "no-preference" });
    expect(await at.ask("[e.paused, e.getAttribute('paused')]")).toEqual([true, ""]);
    await at.ask("e.removeAttribute('paused')");
    expect(await at.ask("e.paused")).toBe(false);
    await at.page.emulateMedia({ reducedMotion: "reduce" });
    await at.until("e.paused");
    expectQuiet();
  });

  it("shares one worker with the others of a page, which ends with the last of them", async () => {
    await open(SCRIPT + '<nca-canvas size="100" src="square.safetensors"></nca-canvas>'.repeat(2));
    const both = "[...document.querySelectorAll('nca-canvas')]";
    await at.until(`${both}.every(({ simulation }) => simulation?.steps > 5)`);
    expect(await at.ask("workers")).toBe(1);
    await at.ask(`void (globalThis.first = e, document.body.append(e))`);
    await at.frames();
    expect(await at.ask("workers")).toBe(1);
    await at.ask(`void (${both}[0].remove(), ${both}[0].pause())`);
    await at.frames();
    expect(await at.ask("workers")).toBe(1);
    await at.ask(`void (globalThis.last = e, e.remove())`);
    await at.until("workers", 0);
    const steps = await at.ask<number>("last.simulation.steps");
    await at.ask("void document.body.append(last)");
    await at.until("workers", 1);
    expect(await at.ask("[e.simulation.steps, e.paused]")).toEqual([steps, true]);
    await at.frames();
    expect(await at.living()).toBe(Math.min(20, 2 * steps + 1) * Math.min(30, 2 * steps + 1));
    await at.step(1);
    expect(await at.ask("e.simulation.steps")).toBe(steps + 1);
    expect(await at.events("nca-load")).toHaveLength(2);
    expectQuiet();
  });

  it("exchanges parameters while it plays", async () => {
    await still();
    await at.step(40);
    await at.ask(`(async () => {
      const { decodeModel } = await import("./nca-canvas.js");
      const bytes = await (await fetch("ending.safetensors")).arrayBuffer();
      globalThis.ending = decodeModel(new Uint8Array(bytes));
      e.setParameters(ending.parameters);
    })()`);
    await at.settle();
    expect([await at.living(), await at.ask("e.simulation.steps")]).toEqual([600, 40]);
    expect(await at.ask("e.model.parameters === ending.parameters")).toBe(true);
    await at.step(1);
    expect([await at.living(), await at.ask("e.simulation.steps")]).toEqual([0, 41]);
    await expect(at.ask("e.setParameters(new Float32Array(3))")).rejects.toThrow(
      "3 parameters do not fit the rule, which has 784",
    );
    await at.ask("void (e.model = ending)");
    await at.settle();
    expect([await at.living(), await at.ask("e.simulation.steps")]).toEqual([1, 0]);
    expectQuiet();
  });

  it("draws channels, kinds of cells, or what a page makes of a state", async () => {
    await still();
    const pixel = (x: number, y: number) => at.pixel(x, y);
    const show = async (view: string) => {
      await at.ask(`void (e.view = ${view})`);
      await at.settle();
    };
    await show(`"alive"`);
    expect([await pixel(15, 10), await pixel(14, 9), await pixel(13, 9)]).toEqual([
      [12, 92, 83, 255],
      [236, 146, 106, 255],
      [245, 244, 240, 255],
    ]);
    await show(`"channel:3"`);
    expect([await pixel(15, 10), await pixel(14, 9)]).toEqual([
      [112, 10, 30, 255],
      [245, 244, 240, 255],
    ]);
    await show(`"channel:0"`);
    expect(await pixel(15, 10)).toEqual([245, 244, 240, 255]);
    await show(
      `(state, { channels }, [height, width]) => ({ width: 2, height: 1, data: Uint8ClampedArray.of(state.length / (height * width), channels, 3, 255, 0, 0, 0, 0) })`,
    );
    expect(await pixel(0, 0)).toEqual([16, 16, 3, 255]);
    expect(await at.ask("[e.canvas.width, e.hasAttribute('view'), typeof e.view]")).toEqual([
      2,
      false,
      "function",
    ]);
    await show(`"picture"`);
    expect(await at.living()).toBe(1);
    await show(`"grey:7"`);
    expect(await at.living()).toBe(1);
    await at.ask(`(async () => {
      const { NcaCanvas } = await import("./nca-canvas.js");
      NcaCanvas.addViews({ grey: (level) => () => ({ width: 3, height: 2, data: new Uint8ClampedArray(24).fill(level) }) });
      e.model = e.model;
    })()`);
    await at.settle();
    expect((await at.pixels()).length).toBe(24);
    expectQuiet();
  });

  it("zooms by keys, and by Ctrl and the wheel at the pointer; the wheel alone scrolls", async () => {
    await still(`src="square.safetensors" background="#fff"`, '<div style="height: 2000px"></div>');
    await at.step(40);
    expect([await cellSize(), await at.ask("[e.zoom, ...e.centre]")]).toEqual([10, [1, 10, 15]]);
    await at.ask("e.focus()");
    for (const key of ["+", "+", "-"]) await at.page.keyboard.press(key);
    expect([await cellSize(), await at.ask("e.zoom")]).toEqual([15, 1.5]);
    await at.page.keyboard.press("0");
    expect([await cellSize(), await at.ask("e.getAttribute('zoom')")]).toEqual([10, "1"]);

    const { mouse, keyboard } = at.page;
    const pointed = await at.at(22, 6, GRID);
    await mouse.move(...pointed);
    await keyboard.down("Control");
    for (let i = 0; i < 6; i++) await mouse.wheel(0, -100);
    await keyboard.up("Control");
    await at.until("e.zoom > 4");
    expect(await at.ask("[scrollY, devicePixelRatio]")).toEqual([0, 1]);
    // Cells of whole pixels: 10 times exp(1.5), down to the next.
    expect(await cellSize()).toBe(44);
    const under = await at.at(22, 6, GRID);
    expect(Math.hypot(under[0] - pointed[0], under[1] - pointed[1])).toBeLessThan(1);

    await at.ask("void (e.brush = 0.5)");
    await mouse.click(...pointed);
    await at.settle();
    const alpha = await at.alpha();
    expect([alpha[6 * 30 + 22], alpha.filter((value) => value > 0).length]).toEqual([0, 599]);
    expect([await shown(22, 6), await shown(21, 6)]).toEqual([
      [255, 255, 255, 255],
      [0, 0, 0, 255],
    ]);
    const zooms = await at.events<number>("nca-zoom");
    expect(zooms.slice(0, 4)).toEqual([1.5, 2.25, 1.5, 1]);
    expect(zooms.at(-1)).toBe(await at.ask("e.zoom"));
    await mouse.wheel(0, 200);
    await at.until("scrollY > 0");
    expect(await at.ask("e.zoom")).toBe(zooms.at(-1));
    expectQuiet();
  });

  it("is moved by the middle button, the tool for it and arrow keys, and shows no emptiness", async () => {
    await still(`src="square.safetensors" zoom="3" tool="move"`);
    const { mouse, keyboard } = at.page;
    const drag = async (by: readonly [number, number], button: "left" | "middle") => {
      await mouse.move(...(await at.at(15, 10, GRID)));
      await mouse.down({ button });
      const [x, y] = await at.at(15, 10, GRID);
      await mouse.move(x + by[0], y + by[1], { steps: 4 });
      await mouse.up({ button });
    };
    await drag([60, -30], "left");
    expect(await at.ask("e.centre")).toEqual([11, 13]);
    await at.ask("void (e.tool = 'erase')");
    await drag([-60, 30], "middle");
    expect(await at.ask("e.centre")).toEqual([10, 15]);
    await at.ask("void (e.tool = 'move')");
    await at.ask("e.focus()");
    for (let i = 0; i < 50; i++) await keyboard.press("Shift+ArrowLeft");
    // Five of thirty cells to each side.
    expect(await at.ask("e.centre")).toEqual([10, 5]);
    await at.ask("void (e.centre = [100, -3])");
    expect(await at.ask("e.centre")).toEqual([20 - 10 / 3, 5]);
    expect(await at.events("nca-edit")).toEqual([]);
    await at.ask("void (e.zoom = 99)");
    expect(await at.ask("e.zoom")).toBe(32);
    // The keyboard's brush comes into sight.
    await at.ask("void (e.tool = 'erase')");
    await keyboard.press("ArrowUp");
    const [row, column] = await at.ask<[number, number]>("e.centre");
    expect(Math.hypot(row - 9.5, column - 15.5)).toBeLessThan(1);
    expectQuiet();
  });

  it("is pinched and moved by two fingers, which do not draw", async () => {
    await open(`${SCRIPT}<nca-canvas size="300" paused src="square.safetensors"></nca-canvas>`, {
      hasTouch: true,
    });
    await at.until("!!e.simulation");
    await at.step(40);
    const client = await at.page.context().newCDPSession(at.page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: (readonly [number, number])[]) =>
      client.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      });
    const [x, y] = await at.at(15, 10, GRID);
    await touch("touchStart", [x - 20, y]);
    await touch("touchStart", [x - 20, y], [x + 20, y]);
    for (const reach of [30, 40]) await touch("touchMove", [x - reach, y], [x + reach, y]);
    await touch("touchMove", [x - 10, y], [x + 70, y]);
    await touch("touchEnd", [x + 70, y]);
    await touch("touchEnd");
    await at.settle();
    expect(await at.ask("e.zoom")).toBeCloseTo(2, 10);
    // Column 15.5, between the fingers 5 pixels from the middle, went 30 to the right, and cells are of 20 now.
    expect((await at.ask<number[]>("e.centre"))[1]).toBeCloseTo(15.5 - 35 / 20, 10);
    expect([await at.living(), await at.events("nca-edit")]).toEqual([600, []]);
    await at.page.touchscreen.tap(x, y);
    await at.settle();
    expect(await at.events("nca-edit")).toEqual(["erase"]);
    expectQuiet();
  });

  it("reports the cell that is looked at, and outlines those that are marked", async () => {
    await still(`src="square.safetensors" tool="look" zoom="2" background="#fff"`);
    await at.page.mouse.click(...(await at.at(12, 7, GRID)));
    await at.page.mouse.click(...(await at.at(17, 13, GRID)));
    await at.ask("e.focus()");
    for (const key of ["ArrowRight", "ArrowDown", "Enter", "Delete"]) await at.page.keyboard.press(key);
    expect(await at.events("nca-look")).toEqual([
      [7, 12],
      [13, 17],
      [11, 16],
    ]);
    expect(await at.events("nca-edit")).toEqual([]);
    await at.ask("void (e.marked = [{ cell: [7, 12], colour: 'rgb(255, 0, 0)' }])");
    await at.settle();
    const mark = await at.page.locator("nca-canvas .mark").last().boundingBox();
    const [x, y] = await at.at(12, 7, GRID);
    // A cell, in whose middle (x, y) is, and half a line around it.
    expect([mark!.x + mark!.width / 2, mark!.y + mark!.height / 2]).toEqual([x, y]);
    expect(await at.ask("e.marked[0].cell")).toEqual([7, 12]);
    expectQuiet();
  });

  it("draws what is inside as tiles, each of which is edited like the picture", async () => {
    await still();
    await at.step(40);
    await at.ask("void (e.view = 'channels')");
    await at.until("e.canvas.width", 120);
    expect(await cellSize()).toBe(10);
    // Alpha is the last of the first four tiles; the next is zero everywhere.
    expect([await at.pixel(3 * 30 + 9, 5), await at.pixel(9, 25)]).toEqual([
      [112, 10, 30, 255],
      [245, 244, 240, 255],
    ]);
    // What is outlined looks the same in every tile: here in the first two, of nothing but zeros, 75 pixels wide each.
    await at.ask("void (e.marked = [{ cell: [7, 12], colour: 'rgb(255, 0, 0)' }])");
    const corner = (await at.page.locator("nca-canvas canvas").boundingBox())!;
    const inside = (tile: number) =>
      at.page.screenshot({ clip: { x: corner.x + 75 * tile + 10, y: corner.y + 10, width: 50, height: 30 } });
    expect((await inside(1)).equals(await inside(0))).toBe(true);

    await at.ask("void (e.brush = 0.5)");
    // Cell (9, 5) in the second row's third tile.
    await at.page.mouse.click(...(await at.at((2 * 30 + 9.5) / 4 - 0.5, (20 + 5.5) / 4 - 0.5, GRID)));
    await at.settle();
    expect([await at.pixel(3 * 30 + 9, 5), await at.pixel(3 * 30 + 10, 5)]).toEqual([
      [245, 244, 240, 255],
      [112, 10, 30, 255],
    ]);
    expect(await at.ask("e.simulation.read().then((state) => state[(5 * 30 + 9) * 16 + 3])")).toBe(0);
    await at.ask("void (e.view = 'update:3')");
    await at.until("e.canvas.width", 30);
    const pixels = async () => [await at.pixel(9, 5), await at.pixel(20, 5)];
    // What is there already stays as it is; the cell that was erased becomes 1.
    await expect.poll(pixels).toEqual([
      [112, 10, 30, 255],
      [245, 244, 240, 255],
    ]);
    await at.ask("void (e.view = 'perception:0:3')");
    await expect.poll(pixels).toEqual([
      [245, 244, 240, 255],
      [112, 10, 30, 255],
    ]);
    expectQuiet();
  });

  it("draws whole what is exchanged while it reads the cells, and says nothing of a model that has gone", async () => {
    await still();
    await at.step(3);
    await at.ask(`(async () => {
      const { decodeModel } = await import("./nca-canvas.js");
      const bytes = await (await fetch("withInput.safetensors")).arrayBuffer();
      globalThis.withInput = decodeModel(new Uint8Array(bytes));
      const { simulation } = e;
      const read = simulation.read.bind(simulation);
      globalThis.wait = new Promise((resolve, reject) => Object.assign(globalThis, { resolve, reject }));
      globalThis.waiting = 0;
      simulation.read = async () => {
        const state = await read();
        waiting++;
        await wait;
        return state;
      };
      e.view = "perception:0";
    })()`);
    await at.until("waiting > 0");
    await at.ask("(e.exchange(withInput), resolve())");
    await at.until("e.canvas.width", 4 * 30);
    // Alpha, the last of the first four tiles.
    expect(await at.pixel(3 * 30 + 15, 10)).toEqual([112, 10, 30, 255]);

    await at.ask(`(() => {
      globalThis.wait = new Promise((_, reject) => (globalThis.reject = reject));
      globalThis.waiting = 0;
      e.view = "picture";
    })()`);
    await at.until("waiting > 0");
    await at.ask("(e.model = withInput, reject(new Error('gone')))");
    await at.until("e.canvas.width", 30);
    expect(await at.events("nca-error")).toEqual([]);
    expectQuiet();
  });

  it("gives cells their goal, by number or by input", async () => {
    await still(`src="colours.safetensors" goal="2"`);
    const colour = async () => {
      await at.step(1);
      return at.pixel(0, 0);
    };
    expect(await colour()).toEqual([0, 255, 0, 255]);
    await at.ask("e.setAttribute('goal', '3')");
    expect(await colour()).toEqual([0, 0, 255, 255]);
    await at.ask("void (e.input = [1, 0.2, 0])");
    expect(await colour()).toEqual([255, 51, 0, 255]);
    expect(await at.ask("[e.goal === undefined, e.input.length]")).toEqual([true, 3]);
    await expect(at.ask("void (e.input = [1])")).rejects.toThrow(
      "the input has 1 numbers, but the model's rule takes 3",
    );
    await at.ask("e.removeAttribute('src')");
    await at.ask("void (e.src = 'colours.safetensors')");
    await at.until("!!e.simulation");
    await at.settle();
    expect(await colour()).toEqual([255, 51, 0, 255]);

    const next = async (name: "mixed" | "colours") => {
      const before = (await at.events("nca-load")).length;
      await at.ask(`void (e.src = '${name}.safetensors')`);
      await at.until(`events.filter(([type]) => type === "nca-load").length`, before + 1);
      return at.ask("[...e.input]");
    };
    // What was meant for a model of another kind is no input of this one.
    expect(await next("mixed")).toEqual([0.25, 0.5, 0.75]);
    await at.ask("void (e.input = [1, 1, 1])");
    expect(await next("mixed")).toEqual([1, 1, 1]);
    expect(await next("colours")).toEqual([1, 0, 0]);
    await at.ask("void (e.goal = 2)");
    expect(await next("mixed")).toEqual([0.25, 0.5, 0.75]);
    expect(await next("colours")).toEqual([0, 1, 0]);
    expectQuiet();
  });

  it("is as wide as its container, or as its size says, without a jump", async () => {
    await open(
      `${SCRIPT}<div style="width: 250px"><nca-canvas></nca-canvas></div><nca-canvas size="120"></nca-canvas><p>below</p>`,
    );
    await at.page.waitForFunction(() => customElements.get("nca-canvas"));
    const boxes = (selector: string) =>
      at.ask<number[][]>(
        `[...document.querySelectorAll("${selector}")].map((box) => { const { width, height, top } = box.getBoundingClientRect(); return [width, height, top]; })`,
      );
    const empty = await boxes("nca-canvas, p");
    expect(empty.map(([width, height]) => [width, height]).slice(0, 2)).toEqual([
      [250, 250],
      [120, 120],
    ]);
    await at.ask(
      "document.querySelectorAll('nca-canvas').forEach((each) => (each.src = 'small.safetensors'))",
    );
    await at.until(
      "[...document.querySelectorAll('nca-canvas')].every(({ simulation }) => simulation?.steps > 3)",
    );
    expect(await boxes("nca-canvas, p")).toEqual(empty);
    // The most whole pixels that each of 8 cells can have.
    expect(await at.page.locator("nca-canvas canvas").first().boundingBox()).toMatchObject({
      width: 248,
      height: 248,
    });
    await at.ask(
      "document.querySelectorAll('nca-canvas').forEach((each) => (each.src = 'square.safetensors'))",
    );
    await at.until(
      "[...document.querySelectorAll('nca-canvas')].every(({ model }) => model?.provenance.grid[1] === 30)",
    );
    expect((await boxes("nca-canvas")).map(([width, height]) => [width, Math.round(height)])).toEqual([
      [250, 167],
      [120, 80],
    ]);
    expectQuiet();
  });

  it("shows what is inside it until there is a picture", async () => {
    await open(`${SCRIPT}<nca-canvas paused background="rgb(1, 2, 3)"><b>growing soon</b></nca-canvas>`);
    await at.page.waitForFunction(() => customElements.get("nca-canvas"));
    expect(await at.page.locator("b").isVisible()).toBe(true);
    await at.ask("void (e.src = 'square.safetensors')");
    await at.until("!!e.simulation");
    expect(await at.page.locator("b").isVisible()).toBe(false);
    expect(
      await at.page.locator("nca-canvas .stage").evaluate((stage) => getComputedStyle(stage).backgroundColor),
    ).toBe("rgb(1, 2, 3)");
  });

  it("needs no more of a strict policy than Wasm and a worker out of a blob", async () => {
    const policy =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src blob:; img-src data:";
    const element = `<nca-canvas src="square.safetensors" background="#fff" size="200"></nca-canvas>`;
    await open(SCRIPT + element, {}, `<meta http-equiv="content-security-policy" content="${policy}">`);
    await at.page.getByRole("application").waitFor();
    await at.until("e.simulation?.steps > 3");
    expectQuiet();
  });

  describe("as the background of an element", () => {
    it("tiles it, moves, takes edits, rests out of sight, and gives back what was there", async () => {
      await open(`${box}${SCRIPT}`);
      expect(await paint("red")).toBeUndefined();
      await until(`box.style.backgroundImage.startsWith('url("blob:')`);
      expect(await askPage("[box.style.backgroundSize, box.style.backgroundRepeat]")).toEqual([
        "120px 80px",
        "repeat",
      ]);
      await until("background.simulation.steps > 5");
      await askPage(`(() => {
        background.playing = false;
        background.simulation.erase({ x: 5, y: 5 }, { x: 5, y: 5 }, 3);
      })()`);
      const [black, red] = [
        [0, 0, 0],
        [255, 0, 0],
      ];
      // A cell that was erased, in two tiles, and two beside.
      await shows(
        [
          [5, 5],
          [35, 5],
          [15, 5],
          [5, 15],
        ],
        [black, black, red, red],
      );
      await askPage("void (background.playing = true)");
      await shows([[5, 5]], [red]);
      await askPage("scrollTo(0, 2000)");
      await at.frames();
      const steps = await askPage<number>("background.simulation.steps");
      await at.frames();
      expect(await askPage("background.simulation.steps")).toBe(steps);
      await askPage("scrollTo(0, 0)");
      await until(`background.simulation.steps > ${steps}`);
      await askPage("background.stop()");
      expect(await askPage("[box.style.backgroundImage, box.style.backgroundSize]")).toEqual([
        "",
        "7px auto",
      ]);
      await until("workers === 0");
      expectQuiet();
    });

    it("stands still once it has formed, for those who ask for less motion", async () => {
      await open(`${box}${SCRIPT}`, { reducedMotion: "reduce" });
      await paint("red", "{ speed: Infinity }");
      await until("background.simulation.steps >= 200");
      await at.frames();
      const steps = await askPage("background.simulation.steps");
      await at.frames();
      expect(await askPage("background.simulation.steps")).toBe(steps);
    });

    it("says in one sentence what cannot be one", async () => {
      await open(`${box}${SCRIPT}`);
      expect(await paint("square")).toBe("the model's grid has an edge, so that its picture does not tile");
      expect(await paint("red", "{ scale: 0 }")).toBe(
        "scale and pictures must be above 0 and speed not below",
      );
      expect(await paint("missing")).toBe(
        "missing.safetensors could not be loaded: the server answered 404.",
      );
      expect(await askPage("box.style.backgroundImage")).toBe("");
    });
  });

  const examples = [...readFileSync("docs/element.md", "utf8").matchAll(/```html\n(.*?)```/gs)].map(
    ([, html], i) => [i + 1, html] as const,
  );
  it.each(examples)("works as example %i of docs/element.md says", async (_, html) => {
    await open(html);
    await at.until("e.simulation?.steps > 15");
    expect(await at.living()).toBeGreaterThan(20);
    for (const button of await at.page.locator("button").all()) await button.click();
    await at.until("e.simulation.steps > 20");
    expectQuiet();
  });
});
