import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { emptyPage, leavePage } from "./pages.ts";
import { settle } from "./settle.ts";

/** A player page opened from disk, its requests, and what its console reported. */
export class PlayerPage {
  readonly page: Page;
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly #folder: string;

  private constructor(page: Page, folder: string) {
    this.page = page;
    this.#folder = folder;
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("console", (message) => this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async open(
    browser: Browser,
    html: string,
    { prepare, ...options }: BrowserContextOptions & { prepare?: string } = {},
  ): Promise<PlayerPage> {
    const folder = await mkdtemp(join(tmpdir(), "neoblast-test-"));
    const file = join(folder, "player.html");
    await writeFile(file, html);
    const window = { viewport: { width: 1200, height: 800 }, ...options };
    const player = new PlayerPage(await emptyPage(browser, window, prepare), folder);
    await player.page.goto(pathToFileURL(file).href);
    return player;
  }

  async close(): Promise<void> {
    await leavePage(this.page);
    await rm(this.#folder, { recursive: true });
  }

  button(name: string) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Moves a slider as the keyboard would. */
  async slide(name: string, value: number): Promise<void> {
    await this.page.getByLabel(name, { exact: true }).fill(String(value));
  }

  async steps(): Promise<number> {
    return Number((await this.page.locator("#steps").innerText()).replaceAll(",", ""));
  }

  async playUntil(steps: number): Promise<void> {
    await expect.poll(() => this.steps(), { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(steps);
  }

  /** Plays up to a number of steps, give or take a few, and pauses: sooner than the test could ask for it. */
  async playTo(steps: number): Promise<void> {
    await this.page.evaluate(async (last) => {
      const counter = document.getElementById("steps")!;
      while (Number(counter.innerText.replaceAll(",", "")) < last) {
        await new Promise((next) => requestAnimationFrame(next));
      }
      document.getElementById("play")!.click();
    }, steps);
    await this.settle();
  }

  /** Makes so many single steps. */
  async step(count: number): Promise<void> {
    const goal = (await this.steps()) + count;
    await this.button("Step").evaluate((button: HTMLButtonElement, times) => {
      for (let i = 0; i < times; i++) button.click();
    }, count);
    await this.playUntil(goal);
    await this.settle();
  }

  /** Pauses, and waits for the work in flight. */
  async pause(): Promise<void> {
    await this.button("Pause").click();
    await this.settle();
  }

  /** Until all that was asked for is done and drawn, where nothing plays. */
  async settle(): Promise<void> {
    await settle(this.page);
  }

  /** The picture, premultiplied, shape (H, W, 4), 0 to 1. */
  async picture(): Promise<Float32Array> {
    const text = await this.page.evaluate(() => {
      const { canvas } = document.querySelector("nca-canvas")!;
      const { width, height } = canvas;
      const copy = new OffscreenCanvas(width, height).getContext("2d")!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      // As text, which takes less time than a list.
      return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
    });
    const bytes = Buffer.from(text, "latin1");
    return Float32Array.from(bytes, (byte, i) => (byte / 255) * (i % 4 === 3 ? 1 : bytes[i | 3] / 255));
  }

  /** Where a cell of a square picture lies on the page; fractions lie between cells. */
  async at(x: number, y: number): Promise<[number, number]> {
    const canvas = this.page.locator(".screen canvas");
    const box = (await canvas.boundingBox())!;
    const size = await canvas.evaluate((element) => Number(element.getAttribute("width")));
    return [box.x + (x / size) * box.width, box.y + (y / size) * box.height];
  }
}

/** Mean squared difference of two arrays of one length. */
export function meanSquare(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;
}

/** Sum of alpha over the cells of columns [from, to). */
export function opacity(picture: Float32Array, from: number, to: number): number {
  const size = Math.sqrt(picture.length / 4);
  return picture.reduce((sum, value, i) => {
    const x = Math.floor(i / 4) % size;
    return i % 4 === 3 && x >= from && x < to ? sum + value : sum;
  }, 0);
}
