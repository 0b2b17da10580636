/** The site as it is published, under a path of a host, in Chromium. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measurePage } from "../../bench/site.mjs";
import { serve } from "../../scripts/browser.mjs";
import { seriousFaults } from "./axe.ts";
import { sharedChromium } from "./chromium.ts";
import { describeLessons } from "./lessons.case.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "site/dist");

let browser: Browser;
let server: Awaited<ReturnType<typeof serve>>;
let address: string;

beforeAll(async () => {
  execFileSync(process.execPath, ["scripts/site.mjs", "build"], { cwd: root, stdio: "pipe" });
  [server, browser] = await Promise.all([serve(root, { some: built }), sharedChromium()]);
  address = `${server.url}some/`;
});

afterAll(() => server?.close());

/** All pages but the playground, and whether each is looked at closely: those made by hand, and one of each generated kind. */
function pagesToVisit(): { path: string; closely: boolean }[] {
  const pages = readdirSync(built, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".html") && !path.startsWith("playground/") && path !== "404.html");
  const kinds = new Map(pages.map((path) => [path.replace(/[^/]+$/, ""), path]));
  return pages.map((path) => ({
    path,
    closely: !path.startsWith("reference/") || [...kinds.values()].includes(path),
  }));
}

/** A page, and what is wrong on it: errors, requests to other hosts and requests that fail. */
async function open(
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<{ page: Page; wrong: string[] }> {
  const page = await browser.newPage({ reducedMotion: "reduce", ...options });
  const wrong: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", ({ message }) => wrong.push(`error: ${message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(?:blob|data):/.test(url) && !url.startsWith(address)) wrong.push(`foreign: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
  });
  return { page, wrong };
}

describe("the site in Chromium", () => {
  it("has pages without an error, a foreign request, a serious fault of accessibility or a need to scroll sideways", async () => {
    const { page, wrong } = await open({ viewport: { width: 320, height: 640 } });
    const found: Record<string, string[]> = {};
    for (const [index, { path, closely }] of pagesToVisit().entries()) {
      await page.emulateMedia({ colorScheme: index % 2 === 0 ? "light" : "dark" });
      await page.goto(address + path, { waitUntil: "networkidle" });
      const faults = closely ? await seriousFaults(page) : [];
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      const all = [...wrong.splice(0), ...faults, ...(width > 320 ? [`${width} pixels wide`] : [])];
      if (all.length > 0) found[path] = all;
    }
    await page.close();
    expect(found).toEqual({});
  });

  it.each([
    ["torus", "docs/textures"],
    ["overflow", "docs/textures"],
    ["persistent", "docs/recipes"],
    ["Shadertoy", "docs/shaders"],
    ["axes", "docs/model"],
    ["worker", "reference/commands/worker"],
    ["Sobel", "lessons/perception"],
    ["fire rate", "lessons/stochastic-update"],
    ["doctor", "reference/commands/doctor"],
    ["createWasmEngine", "reference/api/"],
  ])("finds %s", async (word, path) => {
    const { page } = await open();
    await page.goto(address);
    await page.getByRole("button", { name: "Search" }).first().click();
    await page.getByRole("searchbox").fill(word);
    await page.locator(`.VPLocalSearchBox a[href*="${path}"]`).first().waitFor();
    await page.close();
  });

  it("opens with a picture that grows, in at most 200 kB", async () => {
    const { milliseconds, bytes } = await measurePage(browser, `${address}index.html`);
    expect(milliseconds).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(200_000);
  });

  it("has other pictures to choose, and a button to pause them", async () => {
    const { page, wrong } = await open({ reducedMotion: "no-preference" });
    await page.goto(address);
    await page.waitForFunction(() => (document.querySelector("nca-canvas")?.simulation?.steps ?? 0) > 2);
    const butterfly = page.getByRole("button", { name: "butterfly" });
    await butterfly.focus();
    await page.keyboard.press("Enter");
    expect(await butterfly.getAttribute("aria-pressed")).toBe("true");
    await page.waitForFunction(() => document.querySelector("nca-canvas")?.src.includes("butterfly"));
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  it("leads from home through all lessons, by links", async () => {
    const { page, wrong } = await open({ reducedMotion: "no-preference" });
    await page.goto(address);
    await page.getByRole("link", { name: "See how it works" }).click();
    const dish = page.getByRole("figure", { name: "An empty grid to plant seeds in" });
    await dish.scrollIntoViewIfNeeded();
    await dish.getByRole("button", { name: "Plant a seed" }).click();
    const grows = () =>
      dish
        .locator("nca-canvas")
        .evaluate(({ simulation }: HTMLElementTagNameMap["nca-canvas"]) => Math.sign(simulation?.steps ?? 0));
    await expect.poll(grows).toBe(1);
    for (const title of ["sees", "decides", "clock", "Alive", "Learning"]) {
      await page.locator(".pager-link.next").click();
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
    }
    expect(wrong).toEqual([]);
    await page.close();
  });

  it("has the playground under its own path", async () => {
    const { page, wrong } = await open();
    await page.goto(address);
    await page.getByRole("link", { name: "Playground", exact: true }).first().click();
    await page.getByRole("button", { name: "Start training" }).waitFor();
    expect(page.url()).toMatch(/\/some\/playground\/(?:index\.html)?$/);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it("is dark for who wants it", async () => {
    const { page } = await open({ colorScheme: "dark" });
    await page.goto(address);
    const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await colour();
    await page.locator(".VPSwitchAppearance").first().click();
    expect(await colour()).not.toBe(dark);
    await page.close();
  });
});

describeLessons(() => ({ browser, address }));
