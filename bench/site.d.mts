import type { Browser } from "playwright-core";

export function measurePage(
  browser: Browser,
  url: string,
): Promise<{ milliseconds: number | null; bytes: number }>;
