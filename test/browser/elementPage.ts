import { createServer, type Server } from "node:http";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { emptyPage, leavePage } from "./pages.ts";
import { settle } from "./settle.ts";
import { bundleElement } from "../../scripts/element.mjs";

/** Serves files by their names, `nca-canvas.js` among them; what is not there is answered 404. */
export class ElementSite {
  readonly files: Map<string, string | Uint8Array>;
  readonly #server: Server;

  private constructor(server: Server, files: Map<string, string | Uint8Array>) {
    this.#server = server;
    this.files = files;
  }

  static async start(models: Readonly<Record<string, string | Uint8Array>>): Promise<ElementSite> {
    const files = new Map(Object.entries({ ...models, ...(await bundleElement()) }));
    const server = createServer((request, response) => {
      const name = request.url!.slice(1);
      const file = files.get(name);
      const type = name.endsWith(".js") ? "text/javascript" : name === "" ? "text/html" : "text/plain";
      response.writeHead(file === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
      response.end(file ?? "");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new ElementSite(server, files);
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    await new Promise((done) => {
      this.#server.close(done);
      this.#server.closeAllConnections();
    });
  }
}

export const SCRIPT = `<script type="module" src="nca-canvas.js"></script>`;

/** What the browser itself says where a page asks for a graphics device and there is none. */
const NO_ADAPTER = "No available adapters.";

/** Notes in `events` what elements report, and in `workers` how many are at work. */
const WATCH = `
  globalThis.events = [];
  for (const name of ["load", "error", "step", "edit", "look", "zoom", "play", "pause"])
    addEventListener("nca-" + name, ({ type, detail }) => events.push([type, detail?.message ?? detail?.kind ?? detail?.steps ?? detail?.cell ?? detail?.zoom]));
  globalThis.workers = 0;
  globalThis.Worker = class extends Worker {
    constructor(url) { super(url); workers++; }
    terminate() { super.terminate(); workers--; }
  };`;

/** A page with elements, its requests, and what its console reported. */
export class ElementPage {
  readonly page: Page;
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("console", (message) => {
      if (message.text() !== NO_ADAPTER) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async open(
    browser: Browser,
    site: ElementSite,
    { head = "", body }: Readonly<{ head?: string; body: string }>,
    options: BrowserContextOptions = {},
  ): Promise<ElementPage> {
    site.files.set(
      "",
      `<!doctype html><html lang="en"><head><title>x</title><link rel="icon" href="data:,">${head}</head><body>${body}`,
    );
    const window = { viewport: { width: 600, height: 500 }, ...options };
    const opened = new ElementPage(await emptyPage(browser, window, WATCH));
    await opened.page.goto(`${site.origin}/`);
    return opened;
  }

  async close(): Promise<void> {
    await leavePage(this.page);
  }

  /** Values of an expression in which `e` is the first element. */
  async ask<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(
      `(async () => { const e = document.querySelector("nca-canvas"); return (${expression}); })()`,
    );
  }

  async until(expression: string, value: unknown = true): Promise<void> {
    await expect.poll(() => this.ask(expression), { timeout: 20_000, interval: 20 }).toEqual(value);
  }

  /** Until all that was asked for is done and drawn, where nothing plays. */
  async settle(): Promise<void> {
    await settle(this.page);
  }

  /** Waits for some frames, in which what plays goes on. */
  async frames(count = 12): Promise<void> {
    await this.page.evaluate(async (frames) => {
      for (let i = 0; i < frames; i++) await new Promise((next) => requestAnimationFrame(next));
    }, count);
  }

  /** Details of the events of one name so far. */
  async events<T>(name: string): Promise<T[]> {
    return this.ask(
      `events.filter(([type]) => type === ${JSON.stringify(name)}).map(([, detail]) => detail)`,
    );
  }

  /** Makes single steps. */
  async step(count: number): Promise<void> {
    await this.ask(`Array.from({ length: ${count} }, () => e.step())`);
    await this.settle();
  }

  /** Red, green, blue and alpha of each drawn pixel, 0 to 255, by rows. */
  async pixels(index = 0): Promise<number[]> {
    // As text, which takes less time than a list.
    const bytes = await this.ask<string>(`(() => {
      const { canvas } = document.querySelectorAll("nca-canvas")[${index}];
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
    })()`);
    return [...Buffer.from(bytes, "latin1")];
  }

  async pixel(x: number, y: number): Promise<number[]> {
    const from = 4 * (y * (await this.ask<number>("e.canvas.width")) + x);
    return (await this.pixels()).slice(from, from + 4);
  }

  /** Alpha of each drawn pixel, 0 to 255, by rows. */
  async alpha(index = 0): Promise<number[]> {
    return (await this.pixels(index)).filter((_, i) => i % 4 === 3);
  }

  async living(index = 0): Promise<number> {
    return (await this.alpha(index)).filter((alpha) => alpha > 0).length;
  }

  /** Where a cell's centre lies on the page. */
  async at(x: number, y: number, [height, width]: readonly [number, number]): Promise<[number, number]> {
    const box = (await this.page.locator("nca-canvas canvas").first().boundingBox())!;
    return [box.x + ((x + 0.5) / width) * box.width, box.y + ((y + 0.5) / height) * box.height];
  }
}
