/** report.html as a person has it: opened from disk, played, hovered over, isolated, zoomed into. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ReportRun, reportHtml } from "../../src/report/document.ts";
import { encodePng, encodeWebpPicture } from "../../src/node/encode.ts";
import { stripOf } from "../../src/render/strip.ts";
import { sharedChromium } from "./chromium.ts";
import { emptyPage, leavePage } from "./pages.ts";

const STEPS = 40;
const WIDTH = 6;
const steps = Array.from({ length: STEPS + 1 }, (_, step) => step);
const CHANNELS = [
  { name: "red", colour: "#ff0000", dash: [] },
  { name: "green", colour: "#00ff00", dash: [] },
  { name: "alpha", colour: undefined, dash: [] },
  { name: "hidden 3", colour: "#ff00ff", dash: [6, 3] },
];
const run: ReportRun = {
  steps,
  grid: [4, WIDTH],
  cells: [
    [1, 2],
    [3, 5],
  ],
  channels: CHANNELS,
  // Channel c of cell i after step t: (c + 1) (i + 1) t.
  traces: Float32Array.from({ length: 41 * 8 }, (_, i) => ((i % 4) + 1) * ((i >> 2) % 2 ? 2 : 1) * (i >> 3)),
  counts: { mature: steps.map((step) => 3 * step), growing: steps.map(() => 7), norms: steps.map(Math.sqrt) },
  damage: [{ kind: "hole", step: 20 }],
};
const TITLE = `Inside <b>"Disc"</b> & </script>{{data}}`;

let browser: Browser;
let html: string;
let folder: string;
let page: Page;
let requests: string[];
let complaints: string[];

beforeAll(async () => {
  browser = await sharedChromium();
  folder = await mkdtemp(join(tmpdir(), "neoblast-report-"));
  // Every other step has a picture, whose red is the step.
  const frames = steps.filter((step) => step % 2 === 0);
  const pictures = frames.map((step) => ({
    width: WIDTH,
    height: 4,
    data: new Uint8ClampedArray(WIDTH * 4 * 4).map((_, i) => [step, 100, 200, 255][i % 4]),
  }));
  const webp = await encodeWebpPicture(stripOf(pictures, 5));
  const png = await encodePng({ width: 900, height: 30, data: new Uint8ClampedArray(108_000).fill(255) });
  html = reportHtml({
    title: TITLE,
    summary: "40 steps",
    run,
    film: { steps: frames, columns: 5, webp },
    pictures: [{ title: "A picture", text: "What it shows.", png }],
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
afterEach(() => leavePage(page));

async function open(text = html, options: BrowserContextOptions = {}): Promise<void> {
  const file = join(folder, "report.html");
  await writeFile(file, text);
  page = await emptyPage(browser, { viewport: { width: 1200, height: 900 }, ...options });
  [requests, complaints] = [[], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
}

async function openCharts(options: BrowserContextOptions = {}): Promise<void> {
  await open(html, options);
  await chart(2).locator(".u-legend").waitFor();
}

function expectQuiet(): void {
  expect(complaints).toEqual([]);
  expect(requests).toEqual([page.url().replace(/#.*/, "")]);
}

/** The chart of cell 1 or 2. */
const chart = (cell: number) => page.locator(`#cell-${cell}`);
const nameIn = (cell: number, name: string) => chart(cell).getByRole("button", { name, exact: true });
const stepShown = () => page.locator("#step").innerText();
const slider = () => page.getByLabel("Step", { exact: true });

/** The values in the legend of a chart, by name. */
async function legendOf(place: Locator): Promise<Record<string, string>> {
  const rows = await place.locator(".u-series").allInnerTexts();
  return Object.fromEntries(rows.filter(Boolean).map((row) => row.trim().split(/\s*\n\s*|\t/)));
}

/** How many pixels of a chart have each channel's own colour, near enough: nothing else in the page is as bright. */
function coloursIn(cell: number): Promise<Record<string, number>> {
  return chart(cell)
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const counts = { red: 0, green: 0, "hidden 3": 0 };
      for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue] = [data[i] > 200, data[i + 1] > 200, data[i + 2] > 200];
        if (data[i + 3] < 200) continue;
        if (red && !green && !blue) counts.red++;
        if (!red && green && !blue) counts.green++;
        if (red && !green && blue) counts["hidden 3"]++;
      }
      return counts;
    });
}

/** The red of the film's first pixel. */
const filmed = () =>
  page
    .locator("#screen canvas")
    .evaluate((canvas: HTMLCanvasElement) => canvas.getContext("2d")!.getImageData(0, 0, 1, 1).data[0]);

describe("the report page", () => {
  it("shows the last step, asks for nothing and complains of nothing", async () => {
    await openCharts();
    expect(await page.title()).toBe(TITLE);
    expect(await page.locator("h1").innerText()).toBe(TITLE);
    expect(await stepShown()).toBe("step 40");
    expect(await filmed()).toBe(40);
    expect(await legendOf(chart(2))).toEqual({ red: "80", green: "160", alpha: "240", "hidden 3": "320" });
    expect(await page.locator(".chart h3").allInnerTexts()).toEqual([
      "Living cells",
      "Norm of the state",
      "Cell 1: row 1, column 2",
      "Cell 2: row 3, column 5",
    ]);
    expectQuiet();
  });

  it("isolates a channel in all charts when its name is clicked, and shows all at the second click", async () => {
    await openCharts();
    for (const cell of [1, 2]) {
      const counts = await coloursIn(cell);
      for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100);
    }
    await nameIn(1, "green").click();
    for (const cell of [1, 2]) {
      await expect.poll(() => coloursIn(cell)).toMatchObject({ red: 0, "hidden 3": 0 });
      expect((await coloursIn(cell)).green).toBeGreaterThan(100);
      for (const { name } of CHANNELS) {
        expect(await nameIn(cell, name).getAttribute("aria-pressed")).toBe(String(name === "green"));
      }
    }
    expect(await page.locator("#counts .u-off th").count()).toBe(0);

    await nameIn(2, "green").click();
    await expect.poll(async () => (await coloursIn(1)).red).toBeGreaterThan(100);
    expect((await coloursIn(2))["hidden 3"]).toBeGreaterThan(100);
    expectQuiet();
  });

  it("isolates by keyboard, and hides with Ctrl", async () => {
    await openCharts();
    await nameIn(1, "red").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => coloursIn(2)).toMatchObject({ green: 0, "hidden 3": 0 });
    await page.keyboard.press(" ");
    await expect.poll(async () => (await coloursIn(2)).green).toBeGreaterThan(100);
    await page.keyboard.press("Control+Enter");
    await expect.poll(async () => (await coloursIn(2)).red).toBe(0);
    expect((await coloursIn(2)).green).toBeGreaterThan(100);
  });

  it("moves film and all charts by the slider", async () => {
    await openCharts();
    await slider().fill("5");
    expect(await stepShown()).toBe("step 10");
    expect(await filmed()).toBe(10);
    expect(await legendOf(chart(1))).toEqual({ red: "10", green: "20", alpha: "30", "hidden 3": "40" });
    expect(await legendOf(page.locator("#counts .chart").first())).toEqual({ mature: "30", growing: "7" });
    await slider().press("ArrowRight");
    expect(await stepShown()).toBe("step 12");
    expect(await slider().getAttribute("aria-valuetext")).toBe("step 12");
  });

  it("follows the pointer in a chart, and stays where it left", async () => {
    await openCharts();
    await chart(1).scrollIntoViewIfNeeded();
    const box = (await chart(1).locator(".u-over").boundingBox())!;
    // Step 15 has no picture of its own; that of step 14 is shown.
    await page.mouse.move(box.x + (box.width * 15) / 40, box.y + 30);
    await expect.poll(stepShown).toBe("step 15");
    expect(await filmed()).toBe(14);
    expect((await legendOf(chart(2))).red).toBe("30");
    await page.mouse.move(5, box.y + 30);
    await expect.poll(async () => (await legendOf(chart(1))).red).toBe("15");
    expect(await stepShown()).toBe("step 15");
  });

  it("zooms all charts by a drag, and back by a double click", async () => {
    await openCharts();
    await chart(1).scrollIntoViewIfNeeded();
    const pictures = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>(".chart canvas")].map((canvas) =>
          canvas.toDataURL(),
        ),
      );
    const before = await pictures();
    const box = (await chart(1).locator(".u-over").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(async () => (await pictures()).map((picture, i) => picture !== before[i]))
      .toEqual([true, true, true, true]);
    await page.mouse.dblclick(box.x + box.width * 0.5, box.y + 60);
    await expect.poll(pictures).toEqual(before);
  });

  it("plays to the end, and pauses", async () => {
    await openCharts();
    const button = page.locator("#play");
    // Both clicks in one go, so that a slow machine does not play to the end in between.
    const labels = await button.evaluate((element: HTMLElement) =>
      [0, 1].map(() => {
        element.click();
        return element.innerText;
      }),
    );
    expect(labels).toEqual(["Pause", "Play"]);
    expect(await stepShown()).not.toBe("step 40");
    await button.click();
    await expect.poll(stepShown, { timeout: 20_000 }).toBe("step 40");
    await expect.poll(() => button.innerText()).toBe("Play");
    expectQuiet();
  });

  it("leads from a cell in the film to its chart", async () => {
    await openCharts();
    const marker = page.getByRole("link", { name: "Cell 2: row 3, column 5" });
    const [screen, box] = await Promise.all([page.locator("#screen").boundingBox(), marker.boundingBox()]);
    expect(box!.x + box!.width / 2 - screen!.x).toBeCloseTo((screen!.width * 5.5) / 6, 0);
    expect(box!.y + box!.height / 2 - screen!.y).toBeCloseTo((screen!.height * 3.5) / 4, 0);
    await marker.click();
    expect(page.url()).toMatch(/#cell-2$/);
    const top = await chart(2).evaluate((element) => element.getBoundingClientRect().top);
    expect(top).toBeLessThan(900);
    expectQuiet();
  });

  it.each([
    [360, "light"],
    [360, "dark"],
    [1200, "dark"],
  ] as const)("fits a window %i pixels wide, %s", async (width, colorScheme) => {
    await openCharts({ viewport: { width, height: 800 }, colorScheme });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    const [text, paper] = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      return [color, backgroundColor].map((colour) => Number(/\d+/.exec(colour)));
    });
    expect(Math.abs(text - paper)).toBeGreaterThan(150);
    expect(text > paper).toBe(colorScheme === "dark");
    expectQuiet();
  });

  it("follows the width of its window", async () => {
    await openCharts();
    await page.setViewportSize({ width: 420, height: 800 });
    await expect
      .poll(() =>
        chart(1)
          .locator(".u-wrap")
          .evaluate((wrap) => wrap.getBoundingClientRect().width),
      )
      .toBeLessThanOrEqual(420);
  });

  it.each([
    ["numbers", (text: string) => text.replace('"steps":[', '"steps":[,'), "The numbers in this page"],
    ["traces", (text: string) => text.replace('"traces":"', '"traces":"!'), "The numbers in this page"],
    ["film", (text: string) => text.replace(/(image\/webp;base64,)/, "$1!"), "The pictures in this page"],
  ])("says that its %s cannot be read", async (_, damage, sentence) => {
    await open(damage(html));
    const message = page.getByRole("alert");
    await message.waitFor();
    expect(await message.innerText()).toBe(`${sentence} cannot be read: its text is damaged.`);
    expect(complaints.filter((complaint) => !complaint.includes("net::"))).toEqual([]);
  });
});
