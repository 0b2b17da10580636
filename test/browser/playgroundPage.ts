/** The page that playground tests run in: built once, served with or without the headers of isolation. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** `playground.html`, bundled by the playground's own settings. */
export class PlaygroundSite {
  readonly #folder: string;
  readonly #servers: Server[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<PlaygroundSite> {
    const folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
    const root = fileURLToPath(new URL(".", import.meta.url));
    await build({
      configFile: fileURLToPath(new URL("../../playground/vite.config.ts", import.meta.url)),
      root,
      logLevel: "warn",
      build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: join(root, "playground.html") } },
    });
    return new PlaygroundSite(folder);
  }

  /** @returns the address of the page, under a path, as many hosts have it. */
  async serve(isolated: boolean): Promise<string> {
    const server = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? "/", "http://host").pathname).replace(
        /^\/some\/path\//,
        "",
      );
      readFile(join(this.#folder, path)).then(
        (bytes) => {
          const type = TYPES[extname(path)] ?? "application/octet-stream";
          response.writeHead(200, { "Content-Type": type, ...(isolated && ISOLATION) }).end(bytes);
        },
        () => response.writeHead(path === "/favicon.ico" ? 204 : 404).end(),
      );
    });
    this.#servers.push(server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return `http://127.0.0.1:${address.port}/some/path/playground.html`;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** Opens a page, and collects what it complains of and what it asks of other places. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const from = request.url();
    if (!from.startsWith(new URL(url).origin) && !/^(?:blob|data):/.test(from)) complaints.push(from);
  });
  await page.goto(url);
  await page.waitForFunction("globalThis.modules !== undefined");
  return { page, complaints };
}
