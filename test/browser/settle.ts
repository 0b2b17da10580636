import type { Page } from "playwright-core";

/** Waits until all that `<nca-canvas>` elements were asked for is done and drawn, where none of them plays. */
export function settle(page: Page): Promise<void> {
  return page.evaluate(async () => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it must travel to the page
    const frames = async () => {
      for (let i = 0; i < 2; i++) await new Promise((next) => requestAnimationFrame(next));
    };
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- it must travel to the page
    const simulations = () =>
      [...document.querySelectorAll("nca-canvas")].flatMap(({ simulation }) => simulation ?? []);
    const seen = () =>
      simulations()
        .map(({ revision }) => revision)
        .join();
    // What is asked for while work is in flight waits for its end. Whatever plays has no end.
    for (let round = 0, before = seen(); round < 5; round++) {
      await frames();
      await Promise.all(simulations().map((simulation) => simulation.settle()));
      const now = seen();
      if (now === before) break;
      before = now;
    }
    await frames();
    // After a drawing that took long, the next one waits.
    await new Promise((next) => setTimeout(next, 30));
    await frames();
  });
}
