/** Path of a Chromium: CHROMIUM_PATH, one that is installed, or Playwright's own; undefined where there is none. */
export function findChromium(): string | undefined;
