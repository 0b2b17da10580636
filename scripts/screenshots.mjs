// Pictures of the playground for docs/playground: node scripts/screenshots.mjs [SCENE ...]. Needs a build and a Chromium.
// Each scene is drawn four times: on a wide screen and on a phone, light and dark.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { build } from "vite";
import { launchChromium, serve } from "./browser.mjs";

const PLAYGROUND = fileURLToPath(new URL("../playground", import.meta.url));
const OUT = fileURLToPath(new URL("../docs/playground", import.meta.url));
const WIDE = { viewport: { width: 1240, height: 980 } };
const PHONE = { viewport: { width: 390, height: 980 }, hasTouch: true, isMobile: true };
const GAP = 24;
/** Colours of a picture. */
const COLOURS = 128;

const canvasOf = (page) => page.locator("nca-canvas");
const choose = (page, name) => page.getByRole("radio", { name }).first().check();
const model = (page, title) =>
  page.locator("gallery-panel").getByRole("button", { name: title, exact: false }).first();

/** Waits until so many steps are made, and stops there, more or less. */
async function until(page, steps) {
  // It is not played out of sight.
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate((count) => {
    const canvas = document.querySelector("nca-canvas");
    canvas.speed = 240;
    canvas.play();
    return new Promise((resolve) => {
      const check = () => (canvas.simulation.steps < count ? requestAnimationFrame(check) : resolve());
      check();
    });
  }, steps);
  await page.evaluate(() => {
    const canvas = document.querySelector("nca-canvas");
    canvas.speed = 60;
    canvas.pause();
  });
}

/** Presses the pointer along a line, in parts of the canvas. */
async function drag(page, locator, points) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  const [first, ...rest] = points.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}

/** What is done before a picture is taken, and what a phone then has at the top of its screen. */
const SCENES = {
  play: {
    top: "header",
    async prepare(page) {
      await until(page, 240);
      await drag(page, canvasOf(page), [
        [0.3, 0.62],
        [0.62, 0.42],
      ]);
      await until(page, 262);
    },
  },
  train: {
    top: ".panel.watch",
    async prepare(page) {
      await page.locator("train-panel input[type=range]").fill("24");
      await page.getByRole("button", { name: "Start training" }).click();
      await page.waitForFunction(
        () => document.querySelector("watch-panel progress")?.value >= 400,
        undefined,
        {
          timeout: 300_000,
        },
      );
      await page.getByRole("button", { name: "Pause training" }).click();
      await until(page, 90);
    },
  },
  inside: {
    top: ".stage",
    async prepare(page) {
      await until(page, 220);
      await page.locator("view-panel select").first().selectOption("hidden");
    },
  },
  cells: {
    top: "play-panel .sliders",
    async prepare(page) {
      await choose(page, "Look");
      await page.evaluate(() => scrollTo(0, 0));
      for (const [x, y] of [
        [0.5, 0.5],
        [0.42, 0.38],
      ]) {
        const box = await canvasOf(page).boundingBox();
        await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
      }
      await page.evaluate(() => document.querySelector("nca-canvas").reset());
      await until(page, 180);
      await page.evaluate(() => document.querySelector("nca-canvas").damage("half-left"));
      await until(page, 320);
    },
  },
  graft: {
    top: ".stage",
    async prepare(page) {
      await until(page, 160);
      await choose(page, "Graft");
      await model(page, "Butterfly").click();
      await page.locator(".model-brushes").waitFor();
      await page.locator(".model-brushes input").nth(1).check();
      await page.evaluate(() => (document.querySelector("nca-canvas").brush = 14));
      await drag(page, canvasOf(page), [
        [0.55, 0.35],
        [0.7, 0.5],
        [0.6, 0.7],
      ]);
      await until(page, 300);
    },
  },
  nine: {
    top: ".stage",
    async prepare(page) {
      await page.getByText("Grid and seeds").click();
      await choose(page, /^3×/);
      await choose(page, "9");
      await until(page, 200);
    },
  },
  digits: {
    top: ".stage",
    async prepare(page) {
      await model(page, "Digits").click();
      const sheet = page.locator("input-panel .pad canvas");
      await sheet.waitFor();
      await drag(page, sheet, [
        [0.3, 0.25],
        [0.7, 0.25],
        [0.55, 0.5],
        [0.42, 0.82],
      ]);
      await page.evaluate(() => document.querySelector("nca-canvas").reset());
      await until(page, 100);
    },
  },
  classify: {
    top: ".stage",
    async prepare(page) {
      await model(page, "Classify").click();
      await page.getByText("Grid and seeds").click();
      await choose(page, /^2×/);
      const canvas = canvasOf(page);
      await drag(page, canvas, [
        [0.66, 0.14],
        [0.84, 0.14],
        [0.74, 0.38],
      ]);
      await drag(page, canvas, [
        [0.17, 0.6],
        [0.22, 0.57],
        [0.3, 0.6],
        [0.3, 0.67],
        [0.22, 0.71],
        [0.31, 0.76],
        [0.32, 0.85],
        [0.25, 0.89],
        [0.16, 0.86],
      ]);
      await until(page, 240);
    },
  },
  draw: {
    top: "target-panel",
    async prepare(page) {
      await page.locator("target-panel").getByText("Draw", { exact: true }).click();
      const sheet = page.locator("drawing-pad canvas");
      await sheet.waitFor();
      await drag(page, sheet, [
        [0.5, 0.85],
        [0.5, 0.45],
      ]);
      for (const colour of ["red", "orange"]) {
        await page
          .locator(`drawing-pad [aria-label="${colour}" i], drawing-pad [title="${colour}" i]`)
          .first()
          .click();
        const side = colour === "red" ? -1 : 1;
        await drag(page, sheet, [
          [0.5, 0.45],
          [0.5 + side * 0.25, 0.35],
          [0.5 + side * 0.2, 0.15],
          [0.5, 0.3],
        ]);
      }
    },
  },
};

async function shoot(browser, url, { top, prepare }, options) {
  const context = await browser.newContext({ ...options, deviceScaleFactor: 1 });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector("nca-canvas")?.simulation?.steps > 0);
  await page.waitForTimeout(1500);
  await prepare(page);
  await page.evaluate(
    (selector) =>
      scrollTo(0, selector ? document.querySelector(selector).getBoundingClientRect().top + scrollY - 12 : 0),
    options.isMobile ? top : "",
  );
  await page.waitForTimeout(500);
  const picture = await page.screenshot();
  await context.close();
  return picture;
}

/** A wide screen and a phone side by side. */
async function pair(wide, phone) {
  const height = WIDE.viewport.height;
  return sharp({
    create: {
      width: WIDE.viewport.width + GAP + PHONE.viewport.width,
      height,
      channels: 4,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    },
  })
    .composite([
      { input: wide, left: 0, top: 0 },
      { input: phone, left: WIDE.viewport.width + GAP, top: 0 },
    ])
    .png({ palette: true, colours: COLOURS, effort: 10 })
    .toBuffer();
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SCENES);
const unknown = names.find((name) => !(name in SCENES));
const browser = await launchChromium();
if (unknown !== undefined || !browser) {
  console.error(unknown ? `no scene ${unknown}; there are ${Object.keys(SCENES).join(", ")}` : "no Chromium");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "neoblast-pictures-"));
try {
  await build({
    configFile: join(PLAYGROUND, "vite.config.ts"),
    root: PLAYGROUND,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  const site = await serve(folder, {}, { isolated: true });
  mkdirSync(OUT, { recursive: true });
  for (const name of names) {
    const take = (screen, colorScheme) => shoot(browser, site.url, SCENES[name], { ...screen, colorScheme });
    const day = await pair(await take(WIDE, "light"), await take(PHONE, "dark"));
    const night = await pair(await take(WIDE, "dark"), await take(PHONE, "light"));
    writeFileSync(join(OUT, `${name}.png`), day);
    writeFileSync(join(OUT, `${name}-dark.png`), night);
    console.log(`${name}.png ${day.length}, ${name}-dark.png ${night.length} bytes`);
  }
  site.close();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
