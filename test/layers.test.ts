/** The order of the folders: imports point one way, and what shall run in a browser worker needs neither Node nor a page. */
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * A source file. `folder` is the part it belongs to: `engine` for `engine.ts` and `engine/...`, `playground` for the page,
 * `index` for the list of public names.
 */
type Source = { path: string; folder: string; text: string; imports: string[] };

const sources: readonly Source[] = ["src", "playground/src"].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
    .map((path) => `${top}/${path.replaceAll("\\", "/")}`)
    .filter(
      (path) => /(?<!\.(?:test|case|d))\.ts$/.test(path) && !/(?:^|\/)(?:generated|assembly)\//.test(path),
    )
    .map((path) => {
      // Not what docstrings show.
      const text = readFileSync(join(root, path), "utf8").replaceAll(/^ *\*.*$/gm, "");
      const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name);
      return { path, folder: folderOf(path), text, imports };
    }),
);

/** Of a path from the root. */
function folderOf(path: string): string {
  const [top, folder] = path.split("/");
  return top === "src" ? folder.replace(/\..*$/, "") : top;
}

/** Folders that a file imports from, other than its own. */
function importedFolders({ path, folder, imports }: Source): string[] {
  return imports
    .filter((name) => name.startsWith("."))
    .map((name) => folderOf(join(dirname(path), name)))
    .filter((name) => name !== folder);
}

function usesNode(source: Source): boolean {
  return source.imports.some((name) => name.startsWith("node:")) || importedFolders(source).includes("node");
}

const edges = sources.flatMap((source) =>
  importedFolders(source).map((to) => ({ from: source.folder, to, edge: `${source.path} -> ${to}` })),
);

/** Each may import those before it; those in one row know nothing of each other. */
const LAYERS = [
  ["errors", "math", "tensor", "version"],
  ["random", "config"],
  ["noise", "rule"],
  ["step"],
  ["engine"],
  ["formats", "nets"],
  ["model"],
  ["edit"],
  ["data", "train", "conformance"],
  ["analysis", "exporters"],
  ["importers", "render"],
  ["experiments"],
  ["runs"],
  ["node", "element", "report", "sweep"],
  ["player", "cluster"],
  ["cli", "playground", "index"],
];
const layerOf = (folder: string) => LAYERS.findIndex((layer) => layer.includes(folder));
const CORE = ["math", "random", "noise", "config", "rule", "step", "engine", "edit", "train"];

it("finds the sources", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(edges).toContainEqual({ from: "engine", to: "rule", edge: "src/engine/wasm/layout.ts -> rule" });
  expect(sources.find(({ path }) => path === "src/node/engine.ts")?.imports).toContain("node:worker_threads");
  expect(sources.find(({ path }) => path === "playground/src/main.ts")?.folder).toBe("playground");
});

it("every folder has its layer, and is there", () => {
  expect(new Set(LAYERS.flat())).toEqual(new Set(sources.map(({ folder }) => folder)));
});

it("imports point from each layer to those before it", () => {
  const wrong = edges.filter(({ from, to }) => layerOf(to) >= layerOf(from));
  expect(wrong.map(({ edge }) => edge)).toEqual([]);
});

it("only node/, cluster/ and cli/ use Node", () => {
  const wrong = sources.filter(
    (source) => usesNode(source) && !["node", "cluster", "cli"].includes(source.folder),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

it("the core imports no package but zod", () => {
  const wrong = sources
    .filter(({ folder }) => CORE.includes(folder))
    .flatMap(({ path, imports }) => imports.map((name) => ({ path, name })))
    .filter(({ name }) => !name.startsWith(".") && name !== "zod/mini");
  expect(wrong).toEqual([]);
});

it("only conformance/ imports what tests are made with", () => {
  const wrong = sources.filter(
    ({ folder, imports }) =>
      folder !== "conformance" && imports.some((name) => ["vitest", "fast-check"].includes(name)),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
  expect(edges.filter(({ to }) => to === "conformance").map(({ edge }) => edge)).toEqual([]);
});

it("the core compiles with the types of a browser worker alone: no page, no Node", () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const files = sources.filter(({ folder }) => CORE.includes(folder)).map(({ path }) => path);
  const options =
    "--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --lib es2023,webworker --module nodenext --allowImportingTsExtensions --types";
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...options.split(" "), "", ...files], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

it.each([
  ["a default export", /^export default\b|\bas default\b/m],
  ["Math.random", /\bMath\.random\b/],
])("no file has %s", (_, pattern) => {
  expect(sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([]);
});
