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
import { automatonBits, type Bits, networkBits } from "../bits.ts";
import type { Parts } from "./bits.page.ts";
import { sharedChromium } from "./chromium.ts";

async function bitsInNode(kernels: "strict" | "relaxed"): Promise<Record<Parts[number], Bits>> {
  const engine = await createEngine({ threads: 1, kernels });
  const bits = { automaton: await automatonBits(engine), networks: await networkBits(engine) };
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
  let isolated: Page;

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
    const html = `<!doctype html><meta charset="utf-8"><script>${outputFiles[0].text}</script>`;
    await writeFile(file, html);
    browser = await sharedChromium();
    page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    isolated = await isolatedPage(browser, html);
  });

  afterAll(async () => {
    await page.close();
    await isolated.close();
    await rm(folder, { recursive: true });
  });

  describe.each(["strict", "relaxed"] as const)("%s kernels", (kernels) => {
    let expected: Record<Parts[number], Bits>;
    beforeAll(async () => {
      expected = await bitsInNode(kernels);
    });

    async function expectSame(on: Page, options: WasmEngineOptions, parts: Parts): Promise<void> {
      const call = [{ ...options, kernels }, parts].map((each) => JSON.stringify(each)).join();
      const wanted = Object.assign({}, ...parts.map((part) => expected[part]));
      expect(await on.evaluate<Bits>(`computeBits(${call})`)).toEqual(wanted);
    }

    it("compute something in Node", () => {
      const { automaton, networks } = expected;
      for (const rule of ["masked", "torus", "attention"]) {
        const living = automaton[`${rule}: living cells`].split(",").map(Number);
        expect(Math.min(...living)).toBeGreaterThan(5);
      }
      const losses = automaton.losses.split(",").map(Number);
      expect(losses).toHaveLength(6);
      expect(losses[5]).toBeLessThan(losses[0]);
      for (const sees of ["pixels", "latent"]) {
        const objectives = networks[`${sees}: objectives`].split(",").map(Number);
        expect(objectives).toHaveLength(4);
        expect(objectives[3]).toBeLessThan(0);
        expect(networks[`${sees}: task.critic.slow`]).toMatch(/^[0-9a-f]{8}$/);
      }
      expect(networks["latent: task.autoencoder.parameters"]).toMatch(/^[0-9a-f]{8}$/);
    });

    // Networks beside the automaton take a second, and know nothing of threads: one number of them does.
    it.each<[threads: number, parts: Parts]>([
      [2, ["automaton", "networks"]],
      [4, ["automaton"]],
    ])(
      "same bits with %i threads that share memory, in a page that is isolated: %s",
      async (threads, parts) => {
        expect(await isolated.evaluate("crossOriginIsolated")).toBe(true);
        await expectSame(isolated, { threads, processors: threads }, parts);
      },
    );

    it.each<[threads: number, parts: Parts]>([
      [0, ["automaton", "networks"]],
      [1, ["automaton"]],
      [2, ["automaton"]],
    ])("same bits with %i threads: %s", (threads, parts) => expectSame(page, { threads }, parts));
  });
});
