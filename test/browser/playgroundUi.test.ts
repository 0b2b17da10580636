/** The playground's page, built as it is published, in Chromium: pictures are chosen, learnt and kept. */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { firstModel } from "../../playground/src/firstModel.ts";
import { sharedChromium } from "./chromium.ts";
import { PlaygroundSite } from "./playgroundPage.ts";
import { apart, galleryFiles, PlaygroundUi } from "./playgroundUi.ts";

let site: PlaygroundSite;
let addresses: { isolated: string; plain: string };
let browser: Browser;
let ui: PlaygroundUi;

beforeAll(async () => {
  [site, browser] = await Promise.all([PlaygroundSite.buildPlayground(), sharedChromium()]);
  // In place of the real gallery, so that the page shows what the test knows.
  for (const [name, file] of galleryFiles({ Waves: firstModel(), "Other waves": firstModel() }))
    site.files.set(name, file);
  addresses = { isolated: await site.serve(true), plain: await site.serve(false) };
});

afterAll(() => site.leave());

afterEach(() => ui.close());

async function open(options: BrowserContextOptions = {}, address = addresses.isolated): Promise<void> {
  ui = await PlaygroundUi.open(browser, address, options);
}

/** Sums over the target that is shown, and how many of its cells are not empty. */
async function coloursOfTarget(): Promise<{ red: number; green: number; cells: number }> {
  const data = await ui.pixels(".preview canvas");
  const sum = (channel: number) =>
    data.reduce((total, value, i) => total + (i % 4 === channel ? value : 0), 0);
  return { red: sum(0), green: sum(1), cells: data.filter((value, i) => i % 4 === 3 && value > 0).length };
}

/** How far from the target the colony is after so many steps, as part of how far nothing is: mean squared errors. */
async function errorAfter(steps: number): Promise<number> {
  await ui.ask("e.reset()");
  await ui.step(steps);
  return apart(await ui.pixels(".preview canvas"), await ui.pixels("nca-canvas"));
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

describe("the playground's page in Chromium", () => {
  it("learns a lizard, pauses, and continues after a reload", async () => {
    await open();
    expect(await ui.text("figcaption strong")).toBe("Waves");
    await ui.page.getByRole("radio", { name: "lizard" }).check();
    await ui.page.getByRole("slider", { name: "Size" }).fill("10");
    await ui.button("Start training").click();
    await ui.button("Pause training").waitFor();
    await expect
      .poll(
        async () => {
          const all = await ui.losses;
          return all.length > 40 ? mean(all.slice(0, 5)) / mean(all.slice(-5)) : 0;
        },
        { timeout: 40_000, interval: 200 },
      )
      .toBeGreaterThan(10);
    await ui.button("Pause training").click();
    await ui.button("Continue training").waitFor();
    expect(await ui.text("figcaption strong")).toBe("lizard");
    expect(await ui.page.locator("watch-panel .batch canvas").count()).toBeGreaterThanOrEqual(4);
    expect(await ui.faults()).toEqual([]);
    // Rollouts have 32 to 40 steps at first. A loss that fell tenfold leaves a tenth of the error, chance of firing aside.
    expect(await errorAfter(36)).toBeLessThan(0.3);
    const { length } = await ui.losses;

    await ui.page.reload();
    await ui.page.getByText(/was left at step \d+ of [\d,]+\./).waitFor();
    await ui.button("Continue").click();
    await ui.button("Pause training").waitFor();
    await expect.poll(async () => (await ui.losses).length, { timeout: 20_000 }).toBeGreaterThan(length);
    await ui.button("Stop").click();
    await ui.button("Start training").waitFor();
  });

  it("shows how good the model is, continues when asked, and restores both after a reload", async () => {
    await open();
    await ui.page.getByRole("slider", { name: "Size" }).fill("8");
    expect(await ui.radio("Good").isChecked()).toBe(true);
    await expect.poll(() => ui.text("train-panel")).toMatch(/at most [\d,]+ training steps/);
    await ui.page.getByText("Advanced").click();
    await ui.page.getByRole("textbox", { name: /^Steps training steps/ }).fill("20");
    await ui.page.keyboard.press("Tab");
    await expect.poll(() => ui.text("train-panel")).toMatch(/in all, 20 training steps/);
    await ui.page.getByText("Advanced").click();
    await ui.button("Start training").click();
    const outcome = ui.page.locator("train-panel").getByRole("status");
    const measured = /^(?:Good|Not good enough): [\d.]+% off at step 96/;
    await outcome.filter({ hasText: measured }).waitFor({ timeout: 60_000 });
    expect(await ui.losses).toHaveLength(20);
    expect(await ui.text("train-panel .further")).toContain("Up to 20 more steps");
    expect(await ui.text("figcaption span")).toBe("trained for 20 steps");
    expect(await ui.text(".figures")).toContain("20 of 20");
    expect(await ui.faults()).toEqual([]);
    const best = async () => Number(/\/ ([\d.]+)%/.exec(await ui.text(".figures"))?.[1]);
    const before = await best();
    expect(before).toBeGreaterThan(0);

    await ui.button("Train on").click();
    await ui.button("Pause training").waitFor();
    await outcome.filter({ hasText: measured }).waitFor({ timeout: 60_000 });
    expect(await ui.losses).toHaveLength(40);
    expect(await best()).toBeLessThanOrEqual(before);
    const said = await outcome.innerText();

    await ui.page.reload();
    await ui.page.getByText("is saved, with all of its 40 steps.").waitFor();
    await ui.button("Open").click();
    await outcome.filter({ hasText: measured }).waitFor({ timeout: 60_000 });
    expect(await outcome.innerText()).toBe(said);
    expect(await ui.losses).toHaveLength(40);
    expect(await ui.text("train-panel .further")).toContain("Up to 40 more steps");
  });

  it("says in a sentence what it cannot read, opens its own link, and names a faulty setting", async () => {
    await open();
    await ui.drop("notes.txt", "Remember the milk.");
    const notice = ui.page.getByRole("alert").filter({ hasText: "notes.txt" });
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(/^notes\.txt: neither a picture/);
    await ui.button("Close").click();
    await ui.button("Link").click();
    const link = await ui.page.getByRole("textbox", { name: "Link" }).inputValue();
    expect(link).toMatch(/\/some\/path\/#n1=/);
    await ui.button("Other waves").click();
    await expect.poll(() => ui.text("figcaption strong")).toBe("Other waves");
    await ui.drop("link.txt", link);
    await expect.poll(() => ui.text("figcaption strong")).toBe("Waves");
    // A faulty setting is named where it is set.
    await ui.page.getByText("Advanced").click();
    await ui.page.getByRole("textbox", { name: /^Learning rate/ }).fill("-1");
    await ui.page.keyboard.press("Tab");
    await ui.page.getByRole("alert").filter({ hasText: "training.learningRate" }).waitFor();
    await ui.button("Back to the defaults").click();
    await expect.poll(() => ui.page.getByRole("alert").filter({ hasText: "learningRate" }).count()).toBe(0);
  });

  it("makes a target of a drawing", async () => {
    await open();
    await ui.button("Draw").click();
    await ui.page.getByRole("radio", { name: "red", exact: true }).check();
    const sheet = ui.page.getByRole("application", { name: /^Sheet/ });
    const { x, y } = (await sheet.boundingBox())!;
    await ui.page.mouse.move(x + 40, y + 40);
    await ui.page.mouse.down();
    await ui.page.mouse.move(x + 90, y + 40, { steps: 3 });
    await ui.page.mouse.up();
    await expect.poll(() => ui.text(".chosen")).toBe("drawing");
    const before = await coloursOfTarget();
    expect(before.red).toBeGreaterThan(2 * before.green);
    await sheet.focus();
    for (let i = 0; i < 8; i++) await ui.page.keyboard.press("Shift+ArrowDown");
    // The line from the middle down makes the picture taller, and so more of its square is red.
    await expect.poll(async () => (await coloursOfTarget()).cells).not.toBe(before.cells);
  });

  it("says that there is one thread where the page is not isolated", async () => {
    await open({}, addresses.plain);
    expect(await ui.text("footer")).toContain("Training uses one thread here, because");
    await ui.page.getByRole("slider", { name: "Size" }).fill("8");
    await ui.button("Start training").click();
    await expect.poll(async () => (await ui.losses).length, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(await ui.text(".figures div:last-child dd")).toBe("1");
  });

  it("has no serious fault of accessibility, light or dark", async () => {
    await open({ colorScheme: "light", viewport: { width: 360, height: 780 } });
    await ui.page.getByText("Advanced").click();
    await ui.button("Draw").click();
    expect(await ui.faults()).toEqual([]);
    await ui.page.emulateMedia({ colorScheme: "dark" });
    expect(await ui.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(true);
    expect(await ui.faults()).toEqual([]);
    expect(await ui.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
