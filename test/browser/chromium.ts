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

/** @throws Error saying what to do where there is no Chromium: these tests are never skipped. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error("the browser tests need a Chromium; `node scripts/chromium.mjs` finds or installs one");
  }
  return chromium.launch({ executablePath, args: FLAGS });
}
