/** Pages that playground tests run in: built once, served with or without the headers of isolation. */
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { emptyPage } from "./pages.ts";
import { build, type BuildOptions } from "vite";

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
/** An empty page of a site: a page that is left for it keeps its process, and one that is left for about:blank does not. */
export const BLANK = "blank.html";
const PLAYGROUND = fileURLToPath(new URL("../../playground/", import.meta.url));
const TESTS = fileURLToPath(new URL(".", import.meta.url));

declare global {
  /** By the folder of what was bundled: the files of a process share them, for a bundle takes seconds, and so does a page that a browser meets anew. */
  var playgroundSites: Map<string, Promise<PlaygroundSite>> | undefined;
}

/** A page as it is published. It is shared, and is used by one test file at a time, which leaves it by {@link leave}. */
export class PlaygroundSite {
  /** Served in place of what was built, by name. */
  readonly files = new Map<string, string | Uint8Array>();
  readonly #folder: string;
  readonly #start: string;
  readonly #addresses = new Map<boolean, Promise<string>>();

  private constructor(folder: string, start: string) {
    this.#folder = folder;
    this.#start = start;
  }

  /** `playground.html`: the playground's modules, bundled by its own settings. */
  static build(): Promise<PlaygroundSite> {
    const start = "playground.html";
    return PlaygroundSite.#shared(TESTS, start, { rolldownOptions: { input: join(TESTS, start) } });
  }

  /** The playground itself. */
  static buildPlayground(): Promise<PlaygroundSite> {
    return PlaygroundSite.#shared(PLAYGROUND, "");
  }

  static #shared(root: string, start: string, options: BuildOptions = {}): Promise<PlaygroundSite> {
    const known = (globalThis.playgroundSites ??= new Map());
    const site = known.get(root) ?? bundle(root, options).then((folder) => new PlaygroundSite(folder, start));
    known.set(root, site);
    return site;
  }

  /** @returns the address of the page, under a path, as many hosts have it. */
  serve(isolated: boolean): Promise<string> {
    const address = this.#addresses.get(isolated) ?? this.#listen(isolated);
    this.#addresses.set(isolated, address);
    return address;
  }

  async #listen(isolated: boolean): Promise<string> {
    const headers = isolated ? ISOLATION : {};
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://host");
      const name = normalize(pathname).replace(/^\/some\/path\//, "") || "index.html";
      const known = name === BLANK ? "" : this.files.get(name);
      const found = known === undefined ? readFile(join(this.#folder, name)) : Promise.resolve(known);
      found.then(
        (bytes) => {
          const type = TYPES[extname(name)] ?? "application/octet-stream";
          response.writeHead(200, { "Content-Type": type, ...headers }).end(bytes);
        },
        () => response.writeHead(name.endsWith("favicon.ico") ? 204 : 404).end(),
      );
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    server.unref();
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return `http://127.0.0.1:${address.port}/some/path/${this.#start}`;
  }

  leave(): void {
    this.files.clear();
  }
}

async function bundle(root: string, options: BuildOptions): Promise<string> {
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

/** The page of the modules, as soon as they are there; it is left by `leavePage`. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await emptyPage(browser, {});
  const complaints = await visit(page, url);
  await page.waitForFunction("globalThis.modules !== undefined");
  return { page, complaints };
}
