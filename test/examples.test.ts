/** Every example runs as its README says, and says what it should. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { resolveTextureConfig } from "../src/experiments/texture/config.ts";
import { encodeModel } from "../src/model/model.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { parameterCount } from "../src/rule/parameters.ts";
import { sharedChromium } from "./browser/chromium.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const examples = join(root, "examples");

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-examples-"));
});
afterAll(() => rmSync(place, { recursive: true }));

async function outputOf(name: string, ...args: string[]): Promise<string> {
  const words = [join(examples, name), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, timeout: 100_000 });
  return stdout;
}

/** The losses that an example prints. */
const lossesIn = (text: string) => [...text.matchAll(/loss (\d\S+)/g)].map(([, loss]) => Number(loss));

/** Opens an example's page as http://example.test/, with its script bundled, and files beside it. */
async function inBrowser(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  use: (tab: Page) => Promise<void>,
): Promise<void> {
  const folder = join(examples, name);
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const { outputFiles } = await build({
    entryPoints: [join(folder, "main.js")],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const script = `<script type="module">${outputFiles[0].text.replaceAll("</script", "<\\/script")}</script>`;
  const body = page.replace('<script type="module" src="main.js"></script>', () => script);
  const browser = await sharedChromium();
  const tab = await browser.newPage();
  try {
    await tab.route("http://example.test/**", (route) => {
      const file = files[new URL(route.request().url()).pathname];
      return route.fulfill(
        file ? { body: Buffer.from(file) } : { contentType: "text/html; charset=utf-8", body },
      );
    });
    await use(tab);
  } finally {
    await tab.close();
  }
}

const tests: Readonly<Record<string, () => Promise<void>>> = {
  "ownLoss.mjs": async () => {
    const losses = lossesIn(await outputOf("ownLoss.mjs"));
    expect(losses).toHaveLength(4);
    expect(losses[3]).toBeLessThan(0.7 * losses[0]);
  },
  "ownOptimizer.mjs": async () => {
    const losses = lossesIn(await outputOf("ownOptimizer.mjs"));
    expect(losses).toHaveLength(6);
    expect(losses[5]).toBeLessThan(0.9 * losses[0]);
  },
  "drawState.mjs": async () => {
    const out = join(place, "state.png");
    const lizard = "playground/public/gallery/lizard.safetensors";
    expect(await outputOf("drawState.mjs", lizard, out)).toContain("576 x 576 pixels");
    expect(statSync(out).size).toBeGreaterThan(5000);
  },
  "recordActivations.mjs": async () => {
    const text = await outputOf("recordActivations.mjs");
    expect(text).toContain("perceptions: 5184 cells x 48 numbers");
    expect(text).toContain("hidden: 5184 cells x 128 numbers");
    expect(text).toMatch(/of 128 hidden units are silent/);
  },
  "keepAndResume.mjs": async () => {
    const text = await outputOf("keepAndResume.mjs", join(place, "run"));
    expect(text).toContain("goes on after step 10");
    expect(text).toContain("the same model, bit for bit");
  },
  "rowOfCells.mjs": async () => {
    const out = join(place, "row.png");
    const text = await outputOf("rowOfCells.mjs", out, "150");
    const [first, last] = lossesIn(text);
    expect(last).toBeLessThan(0.9 * first);
    expect(text).toContain("192 x 644 pixels");
  },
  "ballInSpace.mjs": async () => {
    const text = await outputOf("ballInSpace.mjs", join(place, "ball.png"), "20");
    expect(text).toContain("the wasm engine runs grids of one and two axes, not of three");
    const [first, last] = lossesIn(text);
    expect(last).toBeLessThan(first);
    expect(text).toContain("56 x 392 pixels");
  },
  // The suite itself is a test of this repository: examples/ownEngine/engine.test.mjs.
  ownEngine: async () => {
    const names = readdirSync(join(examples, "ownEngine"));
    expect(names.toSorted()).toEqual(["engine.mjs", "engine.test.mjs"]);
  },
  targetInBrowser: () =>
    inBrowser("targetInBrowser", {}, async (tab) => {
      await tab.goto(`http://example.test/?steps=3`);
      await tab.waitForSelector('body[data-done="3"]', { timeout: 60_000 });
      expect(await tab.textContent("#status")).toMatch(/^step 3 of 3: loss 0\.\d+$/);
      for (const id of ["picture", "automaton"]) {
        const painted = await tab.evaluate((name) => {
          const canvas = document.querySelector<HTMLCanvasElement>(`#${name}`)!;
          const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
          return [canvas.width, canvas.height, data.some((value) => value > 0)];
        }, id);
        expect(painted).toEqual([28, 28, true]);
      }
    }),
  background: () => {
    const { rule, readout, start } = splitRule(resolveTextureConfig({ model: "small" }).rule, []);
    const parameters = new Float32Array(parameterCount(rule));
    const model = encodeModel({ rule, readout, start, parameters, provenance: { grid: [16, 24] } });
    return inBrowser("background", { "/model.safetensors": model }, async (tab) => {
      await tab.goto("http://example.test/");
      const image = () => tab.evaluate(() => document.documentElement.style.backgroundImage);
      await expect.poll(image, { timeout: 20_000 }).toMatch(/^url\("blob:/);
      expect(await tab.textContent("#status")).toBe("24 x 16 cells, repeated");
      const before = await image();
      // Without parameters it stands still: what changes is what the click erases.
      await tab.mouse.click(5, 5);
      await expect.poll(image, { timeout: 20_000 }).not.toBe(before);
      await tab.click("#stop");
      expect(await image()).toBe("");
    });
  },
};

describe("examples", () => {
  it("all have a test, and a line in their README", () => {
    // Those of `web` have a test of their own: test/browser/webRecipes.test.ts.
    const names = readdirSync(examples).filter((name) => name !== "README.md" && name !== "web");
    expect(names.toSorted()).toEqual(Object.keys(tests).toSorted());
    const readme = readFileSync(join(examples, "README.md"), "utf8");
    for (const name of names) expect(readme).toContain(`\`${name}`);
  });

  it.each(Object.keys(tests))("%s", (name) => tests[name]());
});
