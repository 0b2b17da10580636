import { type Browser, chromium, firefox, webkit } from "playwright-core";
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

/** WebGPU without a graphics card, its canvases among it, which the page's compositor can take only where that draws by Vulkan, too. */
export const SOFTWARE_WEBGPU = [
  ...SOFTWARE_WEBGL,
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--ignore-gpu-blocklist",
  "--enable-gpu",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];

declare global {
  /** By their flags: the files of a process share them, for the first page of a browser takes seconds. They end with the process. */
  var sharedBrowsers: Map<string, Promise<Browser>> | undefined;
}

/**
 * A browser that is shared, and not to be closed; its pages are.
 *
 * @param more flags beside the usual ones. @throws what {@link launchChromium} throws.
 */
export function sharedChromium(more: readonly string[] = []): Promise<Browser> {
  const known = (globalThis.sharedBrowsers ??= new Map());
  const key = more.join(" ");
  const browser = known.get(key) ?? launchChromium(more);
  known.set(key, browser);
  return browser;
}

/**
 * A browser of one's own.
 *
 * @param more flags beside the usual ones.
 * @throws Error saying what to do where there is no Chromium: these tests are never skipped.
 */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error("the browser tests need a Chromium; `node scripts/chromium.mjs` finds or installs one");
  }
  const usual = FLAGS.filter((flag) => flag !== "--disable-gpu" || !more.includes("--enable-gpu"));
  // Tests of signals send some in this process, which must not end it. A browser ends with the process that has it.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return chromium.launch({ executablePath, args: [...usual, ...more], ...signals });
}

/** The browser that TEST_BROWSER names, Chromium by default: for tests that need what all browsers have, and no more. */
export async function launchBrowser(): Promise<Browser> {
  const { TEST_BROWSER: name = "chromium" } = process.env;
  if (name === "chromium") return launchChromium();
  if (name === "firefox") return firefox.launch();
  if (name === "webkit") return webkit.launch();
  throw new Error(`TEST_BROWSER is ${name}; it must be chromium, firefox or webkit`);
}
