// How soon a page of the built site has a picture that moves, and how much it loads: the home page and the lessons.
// node bench/site.mjs, after npm run build:site
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { launchChromium, serve } from "../scripts/browser.mjs";

const PAGES = [
  "index.html",
  ...["state", "perception", "network", "stochastic-update", "living-cells", "training"].map(
    (name) => `lessons/${name}.html`,
  ),
];
/** Milliseconds after which a page without a picture in view counts as one. */
const PATIENCE = 5000;

/**
 * Opens a page as a new visitor would.
 *
 * @returns `milliseconds` from the beginning of navigation until an automaton in view has made a step, null where none
 * does; and `bytes` of all that was fetched until the network was quiet, gzipped.
 */
export async function measurePage(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const sizes = [];
  page.on("response", (response) => {
    if (!response.url().startsWith("blob:"))
      sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto(url);
  const milliseconds = await page
    .waitForFunction(
      () => {
        const steps = [...document.querySelectorAll("nca-canvas")].map(
          ({ simulation }) => simulation?.steps ?? 0,
        );
        return steps.some((count) => count > 0) && performance.now();
      },
      null,
      { polling: 10, timeout: PATIENCE },
    )
    .then(
      (handle) => handle.jsonValue(),
      () => null,
    );
  await page.waitForLoadState("networkidle");
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  await context.close();
  return { milliseconds, bytes };
}

async function main() {
  const built = fileURLToPath(new URL("../site/dist", import.meta.url));
  if (!existsSync(join(built, "index.html"))) {
    console.error("bench/site.mjs: there is no site in site/dist; npm run build:site makes it");
    process.exitCode = 1;
    return;
  }
  const browser = await launchChromium();
  if (browser === undefined) {
    console.error("bench/site.mjs: there is no Chromium; node scripts/chromium.mjs finds or installs one");
    process.exitCode = 1;
    return;
  }
  const server = await serve(built, {});
  for (const path of PAGES) {
    const { milliseconds, bytes } = await measurePage(browser, server.url + path);
    const moves =
      milliseconds === null ? "nothing moves at first" : `moves after ${milliseconds.toFixed(0)} ms`;
    console.log(`${path.padEnd(32)} ${moves.padEnd(24)} ${(bytes / 1000).toFixed(0)} kB`);
  }
  await browser.close();
  server.close();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
