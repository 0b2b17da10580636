/** The page of `export --to webgl` and the module of `--to three`, as people use them, in Chromium's software WebGL. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { fillStroke } from "../../src/edit/stroke.ts";
import { shaderAutomaton } from "../../src/exporters/shader/automaton.ts";
import { exportThree } from "../../src/exporters/shader/three.ts";
import { exportWebgl } from "../../src/exporters/shader/webgl.ts";
import { stepPasses } from "../../src/exporters/shader/webglPasses.ts";
import { decodeModel, modelPlane, withPicture } from "../../src/model/model.ts";
import { startState } from "../../src/model/start.ts";
import { createEngine } from "../../src/node/engine.ts";
import { stateRaster } from "../../src/render/rgba.ts";
import { expectApproved } from "../approved.ts";
import { sharedChromium, SOFTWARE_WEBGL } from "./chromium.ts";

declare global {
  interface Window {
    /** Of the page. */
    automaton: { running: boolean; step(steps: number): void; restart(): void; show(): void };
    /** Of the page with three. */
    pixels: number[];
  }
}

const file = new URL("../../playground/public/gallery/lizard.safetensors", import.meta.url);
const published = withPicture(decodeModel(readFileSync(file)));
/** On a grid that it just fits: software takes its time over every pixel. */
const lizard = { ...published, provenance: { ...published.provenance, grid: [48, 48] as const } };
const grid = modelPlane(lizard);
const title = "lizard <x>";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await sharedChromium(SOFTWARE_WEBGL);
});
afterEach(() => page.close());

const WINDOW = { width: 300, height: 288 };
/** Pixels of a cell: what fits between margins of 24 pixels above and below. */
const SCALE = 5;

async function advance(state: Float32Array, firstStep: number, steps: number): Promise<Float32Array> {
  const engine = await createEngine({ threads: 0 });
  const { rule, parameters } = lizard;
  const request = { rule, grid, parameters, states: [state], steps, firstStep, seed: 5 };
  const { final } = await engine.rollout(request);
  return final[0].read();
}

/** The colours and alphas of all cells, as the canvas shows them: not premultiplied. */
async function shown(): Promise<number[]> {
  const text = await page.evaluate(() => {
    const canvas = document.querySelector("canvas")!;
    window.automaton.show();
    const gl = canvas.getContext("webgl2")!;
    const data = new Uint8Array(canvas.width * canvas.height * 4);
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    // As text, which takes less time than a list.
    return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  });
  const pixels = Buffer.from(text, "latin1");
  const cells: number[] = [];
  for (let n = 0; n < grid[0] * grid[1]; n++) {
    const [row, column] = [Math.floor(n / grid[1]), n % grid[1]];
    const x = Math.floor(WINDOW.width / 2 + (column + 0.5 - grid[1] / 2) * SCALE);
    const y = Math.floor(WINDOW.height / 2 - (row + 0.5 - grid[0] / 2) * SCALE);
    cells.push(...pixels.slice((y * WINDOW.width + x) * 4, (y * WINDOW.width + x) * 4 + 4));
  }
  return cells;
}

/** Premultiplied, from 0 to 255: the alpha of a state, and its colours as its picture has them. */
function pictureOf(state: Float32Array): number[] {
  const { data } = stateRaster(state, lizard, grid);
  return Array.from(data, (value, i) => (i % 4 === 3 ? value : (value * data[i - (i % 4) + 3]) / 255));
}

function expectSamePicture(actual: readonly number[], state: Float32Array): void {
  const expected = pictureOf(state);
  expect(Math.max(...expected)).toBe(255);
  // Each of the two pictures was rounded to whole numbers, the one before and the other after multiplication by alpha.
  const largest = Math.max(...expected.map((value, i) => Math.abs(value - actual[i])));
  expect(largest).toBeLessThanOrEqual(1.5);
}

const stepPage = (steps: number) => page.evaluate((count) => window.automaton.step(count), steps);

describe("export --to webgl", () => {
  it("grows the lizard, heals what the pointer erases, and starts anew", async () => {
    page = await browser.newPage({ viewport: WINDOW });
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    await page.setContent(exportWebgl(lizard, { title, weights: "f32", seed: 5 }));
    await page.evaluate(() => {
      window.automaton.running = false;
      window.automaton.restart();
    });
    expect(await page.title()).toBe(title);
    expect(await page.locator("b").innerText()).toBe(title);

    await stepPage(16);
    const young = await advance(startState(lizard, grid), 0, 16);
    expectSamePicture(await shown(), young);

    // Through the middle, before step 17.
    const cell = ([x, y]: readonly [number, number]) =>
      [WINDOW.width / 2 + (x - 24) * SCALE, WINDOW.height / 2 + (y - 24) * SCALE] as const;
    await page.mouse.move(...cell([18, 26]));
    await page.mouse.down();
    await page.mouse.move(...cell([28, 26]));
    await page.mouse.up();
    const [from, to] = [
      { x: 18, y: 26 },
      { x: 28, y: 26 },
    ];
    fillStroke(young, grid, lizard.rule.channels, from, from, grid[0] / 16, 0);
    const once = await advance(young, 16, 1);
    fillStroke(once, grid, lizard.rule.channels, from, to, grid[0] / 16, 0);
    const healed = await advance(once, 17, 4);
    await stepPage(5);
    expectSamePicture(await shown(), healed);

    await stepPage(27);
    await shown();
    await page.evaluate(() => document.querySelector("p")!.remove());
    await expectApproved(await page.screenshot(), "shader-lizard", { level: 16, share: 0.01 });

    await page.keyboard.press("r");
    expectSamePicture(await shown(), startState(lizard, grid));
    expect(faults).toEqual([]);
  }, 300_000);
});

describe("export --to three", () => {
  it("runs the shaders of the page, which are proven", () => {
    const text = exportThree(lizard, { title: "a `lizard` ${x}\\" });
    const automaton = shaderAutomaton(lizard, { title: "a lizard {x}" }, { target: "three" });
    for (const pass of stepPasses(automaton)) {
      const [, ...lines] = pass.text.split("\n");
      expect(text).toContain(lines.join("\n"));
    }
  });

  // three is the user's own: the environment may name the folder of the package.
  const three =
    process.env.NEOBLAST_THREE ?? fileURLToPath(new URL("../../node_modules/three", import.meta.url));
  it.skipIf(!existsSync(three))("draws the lizard on a mesh, where three is there", async () => {
    page = await browser.newPage({ viewport: WINDOW });
    const served: Record<string, readonly [type: string, text: () => string]> = {
      "/": ["text/html", () => THREE_PAGE],
      "/automaton.js": ["text/javascript", () => exportThree(lizard, { title, weights: "f32", seed: 5 })],
    };
    await page.route("http://page/**", (route) => {
      const { pathname } = new URL(route.request().url());
      const known = served[pathname];
      if (known) return route.fulfill({ contentType: known[0], body: known[1]() });
      const body = readFileSync(join(three, "build", pathname), "utf8");
      return route.fulfill({ contentType: "text/javascript", body });
    });
    await page.goto("http://page/");
    await page.waitForFunction(() => "pixels" in window);
    const pixels = await page.evaluate(() => window.pixels);
    const expected = pictureOf(await advance(startState(lizard, grid), 0, 30));
    const actual = expected.map((_, i) => {
      const [n, c] = [i >> 2, i & 3];
      const [row, column] = [Math.floor(n / grid[1]), n % grid[1]];
      return pixels[((grid[0] - 1 - row) * grid[1] + column) * 4 + c];
    });
    // On white, through linear half floats.
    const onWhite = expected.map((value, i) => (i % 4 === 3 ? 255 : value + 255 - expected[i - (i % 4) + 3]));
    const opaque = onWhite.filter((_, i) => [0, 255].includes(expected[i - (i % 4) + 3]));
    const drawn = actual.filter((_, i) => [0, 255].includes(expected[i - (i % 4) + 3]));
    expect(Math.max(...opaque.map((value, i) => Math.abs(value - drawn[i])))).toBeLessThanOrEqual(3);
  });
});

/** A square that fills the canvas, a pixel a cell. */
const THREE_PAGE = `<!doctype html><script type="importmap">{ "imports": { "three": "/three.module.js" } }</script>
<script type="module">
  import * as THREE from "three";
  import { Automaton } from "/automaton.js";
  const renderer = new THREE.WebGLRenderer();
  renderer.setSize(${grid[1]}, ${grid[0]});
  const scene = new THREE.Scene();
  scene.background = new THREE.Color("white");
  const automaton = new Automaton(renderer);
  const material = new THREE.MeshBasicMaterial({ map: automaton.texture, transparent: true });
  scene.add(new THREE.Mesh(new THREE.PlaneGeometry(2, 2), material));
  automaton.step(30);
  renderer.render(scene, new THREE.OrthographicCamera(-1, 1, 1, -1, -1, 1));
  const gl = renderer.getContext();
  const pixels = new Uint8Array(${grid[1] * grid[0] * 4});
  gl.readPixels(0, 0, ${grid[1]}, ${grid[0]}, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  window.pixels = [...pixels];
</script>`;
