// Finds a Chromium for the browser tests, or installs one, and says so: `node scripts/chromium.mjs`.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { hasDebian, install } from "./debian.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = ["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"];

/** Path of a Chromium: CHROMIUM_PATH, one that is installed, or Playwright's own; undefined where there is none. */
export function findChromium() {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  if (CHROMIUM_PATH) return existsSync(CHROMIUM_PATH) ? CHROMIUM_PATH : undefined;
  const folders = ["/usr/bin", ...PATH.split(delimiter)];
  const installed = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const onMac = MAC.map((name) => join("/Applications", name));
  return [...installed, ...onMac, chromium.executablePath()].find((path) => existsSync(path));
}

/** Installs a Chromium: Debian's where that is possible, else Playwright's. */
function installChromium() {
  if (hasDebian) {
    try {
      install("chromium");
      if (findChromium()) return;
    } catch {
      console.log("Chromium: apt-get could not install it; trying Playwright's.");
    }
  }
  const playwright = createRequire(import.meta.url).resolve("playwright-core/package.json");
  const words = [join(playwright, "../cli.js"), "install", "chromium"];
  execFileSync(process.execPath, words, { stdio: "inherit" });
}

function main() {
  const found = findChromium();
  if (found) {
    console.log(`Chromium for the browser tests: found ${found}.`);
    return;
  }
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) throw new Error(`CHROMIUM_PATH names ${CHROMIUM_PATH}, which does not exist`);
  console.log("Chromium for the browser tests: none found, so one is being installed.");
  installChromium();
  const installed = findChromium();
  if (!installed) throw new Error("it is still not there after the installation");
  console.log(`Chromium for the browser tests: installed ${installed}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(
      `The browser tests have no Chromium: ${error.message}. Install one, and name it by CHROMIUM_PATH.`,
    );
    process.exitCode = 1;
  }
}
