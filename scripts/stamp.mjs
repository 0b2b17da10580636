// What a build was made of, and what it made, by their contents: whether it would make the same again.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { placeText } from "./place.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** All that a build reads: sources, settings, scripts, and which packages are installed. */
export function sourceFiles() {
  const settings = ["package.json", "tsconfig.json", "tsconfig.build.json"];
  const installed = ["node_modules/.package-lock.json"].filter((name) => existsSync(join(root, name)));
  const sources = filesIn("src").filter(
    (path) => !/\.(?:test|case)\.ts$/.test(path) && !/\/generated\//.test(path),
  );
  return [...settings, ...installed, ...filesIn("scripts"), ...sources];
}

/** What `build-generated.mjs` makes. */
export function generatedFiles() {
  return filesIn("src").filter((path) => /\/generated\/[^.]/.test(path));
}

/** Paths from the root of all files below a folder but hidden ones, which may be missing. */
export function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !/\/\./.test(path));
}

/** A text that tells the contents of files, and their paths from the root, from all others. */
export function digestOf(paths) {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const path of paths.toSorted()) {
    const bytes = readFileSync(resolve(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/**
 * Whether the last build read just this and made just these files.
 *
 * @param stamp path of what {@link leave} wrote. @param read digest of what would be read now.
 */
export function isCurrent(stamp, read, made) {
  try {
    return readFileSync(resolve(root, stamp), "utf8") === textOf(read, made);
  } catch {
    return false;
  }
}

/** Notes what a build read, as it was before, and what it has made. */
export function leave(stamp, read, made) {
  placeText(resolve(root, stamp), textOf(read, made));
}

function textOf(read, made) {
  return `read ${read}\nmade ${digestOf(made)}\n`;
}
