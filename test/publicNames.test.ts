/** The names that each entry of the package exports: one that comes, goes or moves is seen in the list's difference. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** Names that a module exports by lists, types marked as such. */
function namesOf(source: string): string[] {
  return [...source.matchAll(/export\s+(type\s+)?\{([^}]*)\}/g)].flatMap(([, type, list]) =>
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => (type ? `type ${name}` : name)),
  );
}

/** The element with the types of a framework's templates: these names are those of `neoblast/element`. */
const ELEMENT_FOR = /^\.\/element\//;
const entries = Object.keys(exports);

it.each(entries.filter((entry) => !ELEMENT_FOR.test(entry)))("%s", async (entry) => {
  const { types } = exports[entry];
  const source = new URL(types.replace("./dist/", "src/").replace(".d.ts", ".ts"), root);
  const text = readFileSync(source, "utf8");
  // Lists only: a star would let private names out.
  expect(text).not.toMatch(/export\s+\*/);
  const names = namesOf(text).toSorted((a, b) => (a.replace("type ", "") < b.replace("type ", "") ? -1 : 1));
  expect(names.length).toBeGreaterThan(0);
  expect(new Set(names).size).toBe(names.length);
  const name = entry === "." ? "neoblast" : entry.slice(2);
  const file = fileURLToPath(new URL(`test/approved/names/${name}.txt`, root));
  await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(file);
});

it.each(entries.filter((entry) => ELEMENT_FOR.test(entry)))("%s", (entry) => {
  expect(exports[entry].default).toBe(exports["./element"].default);
  const source = readFileSync(new URL(exports[entry].types.replace("./dist/", "src/"), root), "utf8");
  expect(source.match(/^export .*$/gm)).toEqual(['export * from "./index.js";']);
});
