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
import type { NcaCanvas } from "../../src/element/ncaCanvas.ts";
import { encodeModel } from "../../src/io/model.ts";
import { launchChromium } from "./chromium.ts";

const ROOT = fileURLToPath(new URL("../../playground/", import.meta.url));
const PATH = "/some/path/";
/** Served without what makes a page isolated. */
const PLAIN_PATH = "/plain/path/";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
declare const axe: typeof import("axe-core");

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
    const name = normalize(pathname).replace(/^\/\w+\/path\//, "") || "index.html";
    const headers = pathname.startsWith(PATH) ? ISOLATION : {};
    const known = GALLERY[name];
    const bytes = known === undefined ? readFile(join(folder, name)) : Promise.resolve(known);
    bytes.then(
      (found) => {
        const type = name.endsWith(".svg") ? "image/svg+xml" : TYPES[extname(name)];
        response
          .writeHead(200, { "Content-Type": type ?? "application/octet-stream", ...headers })
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

async function open(options: Parameters<Browser["newContext"]>[0] = {}, path = PATH): Promise<void> {
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
  await page.goto(origin + path);
  await expect.poll(() => text(".steps b"), { timeout: 10_000 }).not.toBe("0");
}

const text = (selector: string) => page.locator(selector).first().innerText();
const button = (name: string) => page.getByRole("button", { name, exact: true });

/** Loss so far: all of it. */
const losses = () => page.evaluate<number[]>(`[...document.querySelector("watch-panel").losses]`);

function drop(name: string, content: string): Promise<void> {
  return page.evaluate(
    ([called, inside]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([inside], called));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, content] as const,
  );
}

/** Pixels of a canvas, colours multiplied by alpha, 0 to 255. */
async function pixels(selector: string): Promise<number[]> {
  return page.evaluate((canvases) => {
    const found = document.querySelector<HTMLElement & { canvas?: HTMLCanvasElement }>(canvases)!;
    const canvas = found instanceof HTMLCanvasElement ? found : found.canvas!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data, (byte, i) => (i % 4 === 3 ? byte : (byte * data[i | 3]) / 255));
  }, selector);
}

/** Sums over the target that is shown, and how many of its cells are not empty. */
async function coloursOfTarget(): Promise<{ red: number; green: number; cells: number }> {
  const data = await pixels(".preview canvas");
  const sum = (channel: number) =>
    data.reduce((total, value, i) => total + (i % 4 === channel ? value : 0), 0);
  return { red: sum(0), green: sum(1), cells: data.filter((value, i) => i % 4 === 3 && value > 0).length };
}

/** How far from the target the colony is after so many steps, as part of how far nothing is: mean squared errors. */
async function errorAfter(steps: number): Promise<number> {
  // Nothing is played out of sight.
  await page.locator("nca-canvas").scrollIntoViewIfNeeded();
  await page.evaluate((count) => {
    const automaton = document.querySelector<NcaCanvas>("nca-canvas")!;
    automaton.pause();
    automaton.reset();
    for (let i = 0; i < count; i++) automaton.step();
  }, steps);
  await expect.poll(() => text(".steps b")).toBe(String(steps));
  const [grown, target] = [await pixels("nca-canvas"), await pixels(".preview canvas")];
  return squares(target.map((value, i) => value - grown[i])) / squares(target);
}

/** What axe-core finds that keeps people out. */
async function faults(): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

const squares = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value * value, 0);
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
    expect(await page.locator("watch-panel .batch canvas").count()).toBeGreaterThanOrEqual(4);
    expect(await faults()).toEqual([]);
    // Rollouts have 32 to 40 steps at first. A loss that fell tenfold leaves a tenth of the error, chance of firing aside.
    expect(await errorAfter(36)).toBeLessThan(0.3);
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
    expect(await notice.innerText()).toMatch(/^notes\.txt: neither a picture/);
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

  it("makes a target of a drawing", async () => {
    await open();
    await button("Draw").click();
    await page.getByRole("radio", { name: "red", exact: true }).check();
    const sheet = page.getByRole("application", { name: /^Sheet/ });
    const { x, y } = (await sheet.boundingBox())!;
    await page.mouse.move(x + 40, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + 90, y + 40, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => text(".chosen")).toBe("drawing");
    const before = await coloursOfTarget();
    expect(before.red).toBeGreaterThan(2 * before.green);
    await sheet.focus();
    for (let i = 0; i < 8; i++) await page.keyboard.press("Shift+ArrowDown");
    // The line from the middle down makes the picture taller, and so more of its square is red.
    await expect.poll(async () => (await coloursOfTarget()).cells).not.toBe(before.cells);
  });

  it("says that there is one thread where the page is not isolated", async () => {
    await open({}, PLAIN_PATH);
    expect(await text("footer")).toContain("Training uses one thread here, because");
    await page.getByRole("slider", { name: "Size" }).fill("8");
    await button("Start training").click();
    await expect.poll(async () => (await losses()).length, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(await text(".figures div:last-child dd")).toBe("1");
  });

  it.each(["light", "dark"] as const)("has no serious fault of accessibility in %s", async (colorScheme) => {
    await open({ colorScheme, viewport: { width: 360, height: 780 } });
    await page.getByText("Advanced").click();
    await button("Draw").click();
    expect(await faults()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
