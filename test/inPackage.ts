import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../test-results", import.meta.url));

/** Makes a folder inside the package, so that programs in it can import the package by its name. */
export function makeFolderInPackage(name: string): string {
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, `${name}-`));
}
