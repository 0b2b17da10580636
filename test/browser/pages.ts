/** Pages that tests of a browser share: a fresh one takes a second, and one that has been left a third of it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

declare global {
  /** By browser and, as JSON, by what they were opened with. */
  var sharedPages: WeakMap<Browser, Map<string, Promise<Page>>> | undefined;
}

/**
 * An empty page, without what an earlier test stored or listened for. It is used by one test at a time, which leaves it
 * by {@link leavePage}.
 *
 * @param prepare runs in the page before its own scripts.
 */
export async function emptyPage(
  browser: Browser,
  options: BrowserContextOptions,
  prepare?: string,
): Promise<Page> {
  const all = (globalThis.sharedPages ??= new WeakMap());
  const pages = all.get(browser) ?? new Map<string, Promise<Page>>();
  all.set(browser, pages);
  const key = JSON.stringify([options, prepare]);
  const known = pages.get(key) ?? freshPage(browser, options, prepare);
  pages.set(key, known);
  const page = await known;
  if (options.viewport) await page.setViewportSize(options.viewport);
  await page.mouse.move(0, 0);
  return page;
}

async function freshPage(
  browser: Browser,
  options: BrowserContextOptions,
  prepare: string | undefined,
): Promise<Page> {
  const context = await browser.newContext(options);
  if (prepare !== undefined) await context.addInitScript(prepare);
  return context.newPage();
}

/** Ends what runs in a page, and empties it. @param blank an empty page, relative to what is shown. */
export async function leavePage(page: Page, blank = "about:blank"): Promise<void> {
  const { origin } = new URL(page.url());
  await page.goto(new URL(blank, page.url()).href);
  await page.unrouteAll();
  for (const name of ["request", "console", "pageerror", "download", "worker"]) page.removeAllListeners(name);
  if (origin === "null") return;
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" });
  await session.detach();
}
