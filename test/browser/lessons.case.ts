/** The lessons of the built site: their figures by keyboard, and what they then show. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

type Place = Readonly<{ browser: Browser; address: string }>;

/** The automaton of a figure, once it plays; as fast as the machine can. */
async function played(of: Locator, steps = 1): Promise<Locator> {
  const automaton = of.locator("nca-canvas").first();
  await automaton.scrollIntoViewIfNeeded();
  await automaton.evaluate(async (element: HTMLElementTagNameMap["nca-canvas"], count) => {
    element.speed = "fastest";
    const passed = () => (element.simulation?.steps ?? -1) >= count;
    while (!passed()) await new Promise(requestAnimationFrame);
  }, steps);
  return automaton;
}

const times = (count: number, key: string) => Array<string>(count).fill(key);
const done = (of: Locator) => of.getByRole("status").filter({ hasText: "✓" }).waitFor();

/** @param place asked for when the tests begin. */
export function describeLessons(place: () => Place): void {
  let page: Page;
  const wrong: string[] = [];

  beforeAll(async () => {
    page = await place().browser.newPage({ viewport: { width: 800, height: 900 } });
    page.on("pageerror", ({ message }) => wrong.push(message));
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  });
  afterAll(async () => {
    await page?.close();
    expect(wrong).toEqual([]);
  });

  async function open(name: string): Promise<void> {
    await page.goto(`${place().address}lessons/${name}.html`);
  }
  const figure = (name: string | RegExp) => page.getByRole("figure", { name });

  async function press(at: Locator, ...keys: readonly string[]): Promise<void> {
    await at.focus();
    for (const key of keys) await page.keyboard.press(key);
  }

  describe("the lesson on", () => {
    it("state shows the numbers of the cell that is looked at, and knows which channels tell head from tail", async () => {
      await open("state");
      const cell = figure("The sixteen numbers of one cell");
      const automaton = await played(cell, 60);
      await cell.getByRole("button", { name: "Pause" }).press("Enter");
      await press(automaton.locator("canvas"), "ArrowUp", "ArrowLeft", "ArrowLeft", "Enter");
      await cell.getByText("Row 35, column 34").waitFor();
      const held = await automaton.evaluate(async ({ simulation }: HTMLElementTagNameMap["nca-canvas"]) => {
        const state = await simulation!.read();
        return Array.from(state.subarray((35 * 72 + 34) * 16, (35 * 72 + 34) * 16 + 16), (value) =>
          value.toFixed(2),
        );
      });
      const shown = async () =>
        (await cell.locator("td.number").allInnerTexts()).map((text) => text.replace("−", "-"));
      await expect.poll(shown).toEqual(held.map((text) => (Number(text) === 0 ? "0.00" : text)));

      const channels = figure(/^The channels of the lizard/);
      await played(channels, 110);
      const slider = channels.getByRole("slider", { name: "Channel" });
      await press(slider, "End");
      await channels.getByText("Found 1 of 2").waitFor();
      await press(slider, "ArrowLeft");
      await done(channels);
    });

    it("perception draws what both filters see, and turns the lizard by them", async () => {
      await open("perception");
      const sobel = figure("A picture, and what cells see of it");
      await sobel.locator("nca-canvas").scrollIntoViewIfNeeded();
      await press(sobel.getByRole("radio", { name: "Lizard" }), "ArrowRight", "ArrowRight");
      await sobel.getByText("All that x sees: 0.0. All that y sees: 0.0.").waitFor();
      const line = Array.from({ length: 14 }, () => ["Enter", "ArrowRight"]).flat();
      await press(sobel.locator("nca-canvas canvas"), ...line);
      await done(sobel);

      const turned = figure(/^A lizard whose cells have another sense/);
      await played(turned);
      await press(turned.getByRole("slider"), "End");
      await done(turned);
    });

    it("the network lights up units, and lets them be silenced", async () => {
      await open("network");
      const thought = figure("The network of one cell at work");
      await played(thought, 40);
      await expect
        .poll(() => thought.locator("svg[role=img]").getAttribute("aria-label"))
        .toMatch(/^Of 128 hidden units, [1-9]\d fire/);

      const units = figure(/^One hidden unit/);
      await played(units, 170);
      await units.getByText("Healthy: 5").waitFor();
      await press(units.getByRole("slider", { name: "Unit" }), "Home", ...times(16, "ArrowRight"));
      await units.getByText("Unit 16 fires in").waitFor();
      await press(units.getByRole("checkbox", { name: "Silence it" }), "Space");
      await units.getByText("1 of 128 units silent").waitFor();
      await done(units);
    });

    it("the stochastic update finds the fire rate from which on the lizard fails", async () => {
      await open("stochastic-update");
      const clock = figure("By chance, and all at once");
      await clock.locator("nca-canvas").first().scrollIntoViewIfNeeded();
      const slider = clock.getByRole("slider", { name: "Chance to fire" });
      await press(slider, "End", ...times(4, "ArrowLeft"));
      await clock.getByText("80% stands").waitFor();
      await press(slider, "ArrowRight", "ArrowRight");
      await done(clock);
    });

    it("living cells counts kinds, and has a puzzle that can be solved", async () => {
      await open("living-cells");
      const law = figure("How alpha decides what lives");
      await law.locator("nca-canvas").scrollIntoViewIfNeeded();
      await press(law.getByRole("button", { name: "Clear" }), "Enter");
      await law.getByText("0 mature, 81 still empty").waitFor();
      // From the middle to the top left, and from there row by row.
      const row = ["Enter", ...times(3, "ArrowRight"), "Enter", ...times(3, "ArrowRight"), "Enter"];
      const next = [...times(6, "ArrowLeft"), ...times(3, "ArrowDown")];
      const start = [...times(3, "ArrowLeft"), ...times(3, "ArrowUp")];
      await press(law.locator("nca-canvas canvas"), ...start, ...row, ...next, ...row, ...next, ...row);
      await done(law);
    });

    it("training trains when it is asked to, out of sight rests, and shows pool and loss", async () => {
      await open("training");
      const lab = figure("An automaton that learns while you watch");
      const workers = () => page.workers().filter((worker) => worker.url().includes("trainer"));
      await lab.scrollIntoViewIfNeeded();
      expect(workers()).toHaveLength(0);
      await press(lab.getByRole("radio", { name: "Only from the seed" }), "ArrowDown", "ArrowDown");
      await press(lab.getByRole("button", { name: "Start training" }), "Enter");
      await lab.getByRole("img", { name: "36 states of the pool" }).waitFor();
      await lab.getByRole("img", { name: /^Loss after \d+ steps/ }).waitFor();
      await page.getByRole("heading", { level: 1 }).scrollIntoViewIfNeeded();
      await lab.getByRole("button", { name: "Go on" }).waitFor();
      await lab.scrollIntoViewIfNeeded();
      await press(lab.getByRole("button", { name: "Pause training" }), "Enter");
      await lab.getByRole("button", { name: "Go on" }).waitFor();
    });

    it("state stands still for those who ask for less motion, until they press Play", async () => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await open("state");
      const grown = figure("A lizard grows from one cell");
      const steps = () =>
        grown
          .locator("nca-canvas")
          .evaluate((element: HTMLElementTagNameMap["nca-canvas"]) => element.simulation?.steps);
      await expect.poll(steps).toBe(0);
      await press(grown.getByRole("button", { name: "Play" }), "Enter");
      await expect.poll(steps).toBeGreaterThan(0);
      await page.emulateMedia({ reducedMotion: null });
    });
  });
}
