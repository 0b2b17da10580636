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
import { launchChromium } from "./chromium.ts";

async function bitsInNode(kernels: "strict" | "relaxed"): Promise<Bits> {
  const engine = await createEngine({ threads: 1, kernels });
  const bits = await allBits(engine);
  await engine.dispose();
  return bits;
}

describe("wasm engine in Chromium", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;

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
    await writeFile(file, `<!doctype html><meta charset="utf-8"><script>${outputFiles[0].text}</script>`);
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  describe.each(["strict", "relaxed"] as const)("%s kernels", (kernels) => {
    let expected: Bits;
    beforeAll(async () => {
      expected = await bitsInNode(kernels);
    });

    it("compute something in Node", () => {
      for (const rule of ["masked", "torus"]) {
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

    it.each([0, 1, 2])("same bits with %i threads", async (threads) => {
      const options: WasmEngineOptions = { threads, kernels };
      const bits = await page.evaluate<Bits>(`computeBits(${JSON.stringify(options)})`);
      expect(bits).toEqual(expected);
    });
  });
});
