// Files made aside and renamed into place, so that whoever reads them meanwhile finds the old ones or the new ones whole.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes a text, whole or not at all; a file that holds it already stays as it is. */
export function placeText(path, text) {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Moves all files of a folder into another of the same disk, then removes what else that holds, hidden names aside. */
export function placeTree(from, to) {
  const files = filesOf(from);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
  const placed = new Set(files);
  for (const file of filesOf(to)) if (!placed.has(file)) rmSync(join(to, file), { force: true });
  removeEmptyFolders(to);
}

/** Paths inside a folder, of which no part is hidden. */
function filesOf(folder, inside = "") {
  return readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = join(inside, entry.name);
    return entry.isDirectory() ? filesOf(folder, path) : [path];
  });
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    removeEmptyFolders(path);
    if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}
