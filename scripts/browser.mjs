// Chromium for benchmarks and pictures of pages, and a server for what it shows.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "./chromium.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
};
/** What makes a page cross-origin isolated, so that it may use threads. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
];

/** Chromium, without a graphics card; undefined where there is none. */
export function launchChromium() {
  const executablePath = findChromium();
  return executablePath && chromium.launch({ executablePath, args: FLAGS });
}

/**
 * Serves a folder, and others under names of their own; of a folder itself, its `index.html`.
 *
 * @param site the folder. @param others by the first part of the path.
 * @param options.isolated whether pages may use threads.
 * @returns `url`, ending in a slash, and `close()`.
 */
export async function serve(site, others, { isolated = false } = {}) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname)
      .slice(1)
      .replace(/(^|\/)$/, "$1index.html");
    const [first, ...rest] = path.split("/");
    const file = Object.hasOwn(others, first) ? join(others[first], ...rest) : join(site, path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, ...(isolated && ISOLATION) });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
