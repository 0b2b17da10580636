import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../../scripts/chromium.mjs";

/** No window, no graphics card, and no talk of the browser's own with the outside. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WebGL 2 without a graphics card. */
export const SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/**
 * @param more flags beside the usual ones.
 * @throws Error saying what to do where there is no Chromium: these tests are never skipped.
 */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error("the browser tests need a Chromium; `node scripts/chromium.mjs` finds or installs one");
  }
  return chromium.launch({ executablePath, args: [...FLAGS, ...more] });
}
