/** The playground in Chromium, as a visitor has it. */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { encodeModel, type Model } from "../../src/model/model.ts";
import { seriousFaults } from "./axe.ts";
import { emptyPage, leavePage } from "./pages.ts";
import { BLANK, visit } from "./playgroundPage.ts";

/** A gallery of models, each under its title, for `PlaygroundSite.files`. Models given by name are those of the real one. */
export function galleryFiles(
  models: Readonly<Record<string, Model | string>>,
): [string, string | Uint8Array][] {
  const picture = "cells.svg";
  const entries = Object.entries(models).map(([title, model], i) => ({
    model,
    entry: { title, picture, file: typeof model === "string" ? model : `model-${i}.safetensors` },
  }));
  return [
    ["gallery/gallery.json", JSON.stringify({ models: entries.map(({ entry }) => entry) })],
    [`gallery/${picture}`, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'],
    ...entries.flatMap(({ model, entry }): [string, Uint8Array][] =>
      typeof model === "string" ? [] : [[`gallery/${entry.file}`, encodeModel(model)]],
    ),
  ];
}

export class PlaygroundUi {
  readonly page: Page;
  readonly #complaints: string[];

  private constructor(page: Page, complaints: string[]) {
    this.page = page;
    this.#complaints = complaints;
  }

  /** Opens the page, and waits for the first step. */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<PlaygroundUi> {
    const page = await emptyPage(browser, options);
    const complaints = await visit(page, url);
    await page.waitForFunction(() => Number(document.querySelector(".steps b")?.textContent) > 0);
    return new PlaygroundUi(page, complaints);
  }

  /** Closes the page, which must have reported no error and requested nothing from other places. */
  async close(): Promise<void> {
    await leavePage(this.page, BLANK);
    expect(this.#complaints).toEqual([]);
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  radio(name: string): Locator {
    return this.page.getByRole("radio", { name, exact: true });
  }

  /** The name of the model at play. */
  get played(): Promise<string> {
    return this.text("figcaption strong");
  }

  /** Values of an expression in which `e` is the automaton. */
  ask<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(
      `(async () => { const e = document.querySelector("nca-canvas"); return (${expression}); })()`,
    );
  }

  async until(expression: string, value: unknown = true): Promise<void> {
    await expect.poll(() => this.ask(expression), { timeout: 30_000, interval: 30 }).toEqual(value);
  }

  /** Brings the automaton into sight: it is not played elsewhere. */
  async see(): Promise<void> {
    await this.page.evaluate(() => scrollTo(0, 0));
  }

  /** Pauses, and makes so many steps, which are shown then. */
  async step(count: number): Promise<void> {
    await this.see();
    await this.ask("e.pause()");
    const before = await this.ask<number>("e.simulation.settle().then(() => e.simulation.steps)");
    await this.ask(`Array.from({ length: ${count} }, () => void e.step())`);
    await this.until("e.simulation.steps", before + count);
    await this.frames();
  }

  /** Some frames, after which what has changed is shown. */
  async frames(): Promise<void> {
    await this.page.evaluate(async () => {
      for (let i = 0; i < 4; i++) await new Promise((next) => requestAnimationFrame(next));
    });
  }

  drop(name: string, content: string | Uint8Array): Promise<void> {
    return this.page.evaluate(
      async ([called, url]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([await (await fetch(url)).blob()], called));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      },
      // As text: lists of numbers take a page seconds.
      [name, `data:;base64,${Buffer.from(content).toString("base64")}`] as const,
    );
  }

  /** Pixels of a canvas, colours multiplied by alpha, 0 to 255. */
  async pixels(selector: string): Promise<number[]> {
    const text = await this.page.evaluate((canvases) => {
      const found = document.querySelector<HTMLElement & { canvas?: HTMLCanvasElement }>(canvases)!;
      const canvas = found instanceof HTMLCanvasElement ? found : found.canvas!;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      // As text, which takes less time than a list.
      return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
    }, selector);
    const data = Buffer.from(text, "latin1");
    return Array.from(data, (byte, i) => (i % 4 === 3 ? byte : (byte * data[i | 3]) / 255));
  }

  /** Serious faults of accessibility that axe-core finds. */
  faults(): Promise<string[]> {
    return seriousFaults(this.page);
  }

  /** Losses of the training so far: all of them. */
  get losses(): Promise<number[]> {
    return this.page.evaluate(`[...document.querySelector("watch-panel").losses]`);
  }
}

export const squares = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value * value, 0);

/** Squared difference of pictures, as part of the square of the first. */
export const apart = (one: readonly number[], other: readonly number[]) =>
  squares(one.map((value, i) => value - other[i])) / squares(one);
