/** The wasm engine in a browser gives the bits that it gives in Node, with and without workers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WasmEngineOptions } from "../../src/engine/wasm/engine.ts";
import { createEngine } from "../../src/node/engine.ts";
import { allBits, type Bits } from "../bits.ts";
import { sharedChromium } from "./chromium.ts";

async function bitsInNode(kernels: "strict" | "relaxed"): Promise<Bits> {
  const engine = await createEngine({ threads: 1, kernels });
  const bits = await allBits(engine);
  await engine.dispose();
  return bits;
}

/** A page that may share memory with its workers. */
async function isolatedPage(browser: Browser, body: string): Promise<Page> {
  const page = await browser.newPage();
  const headers = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  await page.route("**/*", (route) =>
    route.fulfill({ contentType: "text/html; charset=utf-8", headers, body }),
  );
  await page.goto("https://localhost/");
  return page;
}

describe("wasm engine in Chromium", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  let html: string;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("bits.page.ts", import.meta.url))],
      bundle: true,
      format: "iife",
      target: "es2022",
      write: false,
    });
    folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
    const file = join(folder, "bits.html");
    html = `<!doctype html><meta charset="utf-8"><script>${outputFiles[0].text}</script>`;
    await writeFile(file, html);
    browser = await sharedChromium();
    page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
  });

  afterAll(async () => {
    await page.close();
    await rm(folder, { recursive: true });
  });

  describe.each(["strict", "relaxed"] as const)("%s kernels", (kernels) => {
    let expected: Bits;
    beforeAll(async () => {
      expected = await bitsInNode(kernels);
    });

    it("compute something in Node", () => {
      for (const rule of ["masked", "torus", "attention"]) {
        const living = expected[`${rule}: living cells`].split(",").map(Number);
        expect(Math.min(...living)).toBeGreaterThan(5);
      }
      const losses = expected.losses.split(",").map(Number);
      expect(losses).toHaveLength(6);
      expect(losses[5]).toBeLessThan(losses[0]);
      for (const sees of ["pixels", "latent"]) {
        const objectives = expected[`${sees}: objectives`].split(",").map(Number);
        expect(objectives).toHaveLength(4);
        expect(objectives[3]).toBeLessThan(0);
        expect(expected[`${sees}: task.critic.slow`]).toMatch(/^[0-9a-f]{8}$/);
      }
      expect(expected["latent: task.autoencoder.parameters"]).toMatch(/^[0-9a-f]{8}$/);
    });

    it.each([2, 4])(
      "same bits with %i threads that share memory, in a page that is isolated",
      async (threads) => {
        const options: WasmEngineOptions = { threads, kernels, processors: threads };
        const isolated = await isolatedPage(browser, html);
        expect(await isolated.evaluate("crossOriginIsolated")).toBe(true);
        expect(await isolated.evaluate<Bits>(`computeBits(${JSON.stringify(options)})`)).toEqual(expected);
        await isolated.close();
      },
    );

    it.each([0, 1, 2])("same bits with %i threads", async (threads) => {
      const options: WasmEngineOptions = { threads, kernels };
      const bits = await page.evaluate<Bits>(`computeBits(${JSON.stringify(options)})`);
      expect(bits).toEqual(expected);
    });
  });
});
