import type { Browser } from "playwright-core";

export function launchChromium(): Promise<Browser> | undefined;
export function serve(
  site: string,
  others: Readonly<Record<string, string>>,
  options?: Readonly<{ isolated?: boolean }>,
): Promise<{ url: string; close(): void }>;
