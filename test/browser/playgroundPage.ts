/** Pages that playground tests run in: built once, served with or without the headers of isolation. */
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const PLAYGROUND = fileURLToPath(new URL("../../playground/", import.meta.url));
const TESTS = fileURLToPath(new URL(".", import.meta.url));

/** A page as it is published. */
export class PlaygroundSite {
  /** Served in place of what was built, by name. */
  readonly files = new Map<string, string | Uint8Array>();
  readonly #folder: string;
  readonly #start: string;
  readonly #servers: Server[] = [];

  private constructor(folder: string, start: string) {
    this.#folder = folder;
    this.#start = start;
  }

  /** `playground.html`: the playground's modules, bundled by its own settings. */
  static async build(): Promise<PlaygroundSite> {
    const start = "playground.html";
    return new PlaygroundSite(await bundle(TESTS, { rolldownOptions: { input: join(TESTS, start) } }), start);
  }

  /** The playground itself. */
  static async buildPlayground(): Promise<PlaygroundSite> {
    return new PlaygroundSite(await bundle(PLAYGROUND), "");
  }

  /** @returns the address of the page, under a path, as many hosts have it. */
  async serve(isolated: boolean): Promise<string> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://host");
      const name = normalize(pathname).replace(/^\/some\/path\//, "") || "index.html";
      const known = this.files.get(name);
      const found = known === undefined ? readFile(join(this.#folder, name)) : Promise.resolve(known);
      found.then(
        (bytes) => {
          const type = TYPES[extname(name)] ?? "application/octet-stream";
          response.writeHead(200, { "Content-Type": type, ...(isolated && ISOLATION) }).end(bytes);
        },
        () => response.writeHead(name.endsWith("favicon.ico") ? 204 : 404).end(),
      );
    });
    this.#servers.push(server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return `http://127.0.0.1:${address.port}/some/path/${this.#start}`;
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }
}

declare global {
  /** Folders of what was bundled, by what: the files of a process share them, for a bundle takes seconds. */
  var playgroundBundles: Map<string, Promise<string>> | undefined;
}

function bundle(root: string, options: NonNullable<Parameters<typeof build>[0]>["build"] = {}) {
  const known = (globalThis.playgroundBundles ??= new Map());
  const made = known.get(root) ?? bundleAnew(root, options);
  known.set(root, made);
  return made;
}

async function bundleAnew(root: string, options: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await build({
    configFile: join(PLAYGROUND, "vite.config.ts"),
    root,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true, ...options },
  });
  return folder;
}

/** Visits an address. @returns what the page complains of and what it asks of other places, from now on. */
export async function visit(page: Page, url: string): Promise<string[]> {
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const from = request.url();
    if (!from.startsWith(new URL(url).origin) && !/^(?:blob|data):/.test(from)) complaints.push(from);
  });
  await page.goto(url);
  return complaints;
}

/** The page of the modules, as soon as they are there. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const complaints = await visit(page, url);
  await page.waitForFunction("globalThis.modules !== undefined");
  return { page, complaints };
}
