// Files that the site serves as they are.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Puts the playground under `playground/`, and the site's own files beside it. */
export async function placePublic(folder) {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, "site/public"), folder, { recursive: true });
  await build({
    root: join(root, "playground"),
    logLevel: "warn",
    build: { outDir: join(folder, "playground"), emptyOutDir: true },
  });
}
