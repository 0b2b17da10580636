/** The playground's page, built as it is published, in Chromium. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { firstModel } from "../../playground/src/firstModel.ts";
import { encodeModel } from "../../src/io/model.ts";
import { launchChromium } from "./chromium.ts";

const ROOT = fileURLToPath(new URL("../../playground/", import.meta.url));
const PATH = "/some/path/";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** In place of the real gallery, so that the page shows what the test knows. */
const GALLERY: Readonly<Record<string, string | Buffer>> = {
  "gallery/gallery.json": JSON.stringify({
    models: ["Waves", "Other waves"].map((title) => ({
      title,
      file: "waves.safetensors",
      picture: "waves.svg",
    })),
  }),
  "gallery/waves.safetensors": Buffer.from(encodeModel(firstModel())),
  "gallery/waves.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
};

let folder: string;
let server: Server;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
  await build({
    configFile: join(ROOT, "vite.config.ts"),
    root: ROOT,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://host");
    const name = normalize(pathname).replace(PATH, "") || "index.html";
    const known = GALLERY[name];
    const bytes = known === undefined ? readFile(join(folder, name)) : Promise.resolve(known);
    bytes.then(
      (found) => {
        const type = name.endsWith(".svg") ? "image/svg+xml" : TYPES[extname(name)];
        response
          .writeHead(200, { "Content-Type": type ?? "application/octet-stream", ...ISOLATION })
          .end(found);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true });
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<void> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const origin = `http://127.0.0.1:${address.port}`;
  page = await (await browser.newContext(options)).newPage();
  complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(?:blob|data):/.test(url)) complaints.push(url);
  });
  await page.goto(origin + PATH);
  await expect.poll(() => text(".steps b"), { timeout: 10_000 }).not.toBe("0");
}

const text = (selector: string) => page.locator(selector).first().innerText();
const button = (name: string) => page.getByRole("button", { name, exact: true });

/** Loss so far: all of it. */
const losses = () =>
  page.evaluate(() => [...(document.querySelector("watch-panel") as unknown as { losses: number[] }).losses]);

function drop(name: string, content: string): Promise<void> {
  return page.evaluate(
    ([name, content]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, content] as const,
  );
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

describe("the playground's page in Chromium", () => {
  it("learns a lizard, waits, and goes on after a reload", async () => {
    await open();
    expect(await text("figcaption strong")).toBe("Waves");
    await page.getByRole("radio", { name: "lizard" }).check();
    await page.getByRole("slider", { name: "Size" }).fill("10");
    await button("Start training").click();
    await button("Pause training").waitFor();
    await expect
      .poll(
        async () => {
          const all = await losses();
          return all.length > 40 ? mean(all.slice(0, 5)) / mean(all.slice(-5)) : 0;
        },
        { timeout: 40_000, interval: 200 },
      )
      .toBeGreaterThan(10);
    await button("Pause training").click();
    await button("Continue training").waitFor();
    expect(await text("figcaption strong")).toBe("lizard");
    expect(await page.locator("watch-panel .batch raster-canvas canvas").count()).toBeGreaterThanOrEqual(4);
    const { length } = await losses();

    await page.reload();
    await page.getByText(/was left at step \d+ of 2,000/).waitFor();
    await button("Go on").click();
    await button("Pause training").waitFor();
    await expect.poll(async () => (await losses()).length, { timeout: 20_000 }).toBeGreaterThan(length);
    await button("Stop").click();
    await button("Start training").waitFor();
  });

  it("says in a sentence what it cannot read, and takes back a link", async () => {
    await open();
    await drop("notes.txt", "Remember the milk.");
    const notice = page.getByRole("alert").filter({ hasText: "notes.txt" });
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(/^Notes\.txt: neither a picture/i);
    await button("Close").click();
    await button("Link").click();
    const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
    expect(link).toMatch(/\/some\/path\/#n1=/);
    await button("Other waves").click();
    await expect.poll(() => text("figcaption strong")).toBe("Other waves");
    await drop("link.txt", link);
    await expect.poll(() => text("figcaption strong")).toBe("Waves");
  });

  it("names a faulty setting where it is set, and does not start with it", async () => {
    await open();
    await page.getByText("Advanced").click();
    await page.getByRole("textbox", { name: /^Learning rate/ }).fill("-1");
    await page.keyboard.press("Tab");
    await page.getByRole("alert").filter({ hasText: "training.learningRate" }).waitFor();
    await button("Back to the defaults").click();
    await expect.poll(() => page.getByRole("alert").filter({ hasText: "learningRate" }).count()).toBe(0);
  });

  it.each(["light", "dark"] as const)("has no serious fault of accessibility in %s", async (colorScheme) => {
    await open({ colorScheme, viewport: { width: 360, height: 780 } });
    await page.getByText("Advanced").click();
    await button("Draw").click();
    await page.evaluate(
      await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
    );
    const faults = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run();
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
    expect(faults).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
