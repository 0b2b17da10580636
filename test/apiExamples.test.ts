/** Every public name is described, and the examples of the descriptions type-check, run, and print what they say. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { readPublic } from "../scripts/site/api/read.mjs";
import { sharedChromium } from "./browser/chromium.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const MODEL = join(root, "playground/public/gallery/lizard.safetensors");

const { subpaths, problems } = readPublic();
const entries = subpaths.flatMap((subpath) => subpath.entries);
const described = [...entries, ...entries.flatMap(({ methods = [] }) => methods)];
const examples = described.flatMap(({ name, docs }) =>
  (docs.tags["example"] ?? []).map(({ text }) => {
    const [, language, note, code] = /^```(\w+)([^\n]*)\n([\s\S]*?)\n```$/.exec(text) ?? [];
    return { name, language, note, code };
  }),
);
const programs = examples.filter(({ language }) => language === "ts");
/** "```ts vitest": to be run by Vitest. */
const runnable = programs.filter(({ note }) => note === "");

// A project that has the package installed.
const folder = mkdtempSync(join(tmpdir(), "neoblast-api-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "node_modules"));
for (const [name, place] of [
  ["neoblast", "."],
  ["@types", "node_modules/@types"],
  ["vitest", "node_modules/vitest"],
]) {
  symlinkSync(join(root, place), join(folder, "node_modules", name), "junction");
}
cpSync(MODEL, join(folder, "lizard.safetensors"));

/** What a program says that it prints: comments behind, or in the lines below, what prints. */
function printedBy(code: string): string[] {
  const lines = code.split("\n");
  return lines.flatMap((line, i) => {
    const behind = /console\.log\(.*\);? \/\/ (.*)$/.exec(line)?.[1];
    if (behind !== undefined) return [behind];
    if (!line.includes("console.log(")) return [];
    const end = lines.findIndex((each, j) => j > i && !/^\s*\/\/ /.test(each));
    return lines.slice(i + 1, end).map((each) => each.trim().slice(3));
  });
}

describe("the reference", () => {
  it("describes every public name, and mentions no other", () => {
    expect(problems).toEqual([]);
  });

  it("has examples that type-check", () => {
    expect(examples.filter(({ language }) => language !== "ts" && language !== "html")).toEqual([]);
    expect(programs.length).toBeGreaterThan(25);
    for (const { name, code } of programs) writeFileSync(join(folder, `${name}.mts`), code);
    const files = programs.map(({ name }) => `${name}.mts`);
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const flags =
      "--ignoreConfig --noEmit --strict --target es2022 --module nodenext --skipLibCheck --types node";
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags.split(" "), ...files], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });

  it("has examples that print what they say", async () => {
    const names = runnable.map(({ name }) => name);
    for (const { name, code } of runnable) {
      const { code: script } = await transform(code, { loader: "ts", target: "node20", format: "esm" });
      writeFileSync(join(folder, `${name}.mjs`), script);
    }
    writeFileSync(join(folder, "run.mjs"), RUNNER.replace("NAMES", JSON.stringify(names)));
    const output = execFileSync(process.execPath, ["run.mjs"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 200_000,
    });
    const printed = JSON.parse(output);
    const said = Object.fromEntries(runnable.map(({ name, code }) => [name, printedBy(code)]));
    expect(printed).toEqual(said);
  });

  it("has examples of pages that come to life", async () => {
    const pages = examples.filter(({ language }) => language === "html");
    expect(pages.map(({ name }) => name).toSorted()).toEqual(Object.keys(ALIVE));
    const browser = await sharedChromium();
    for (const { name, code } of pages) {
      const tab = await browser.newPage();
      const faults: string[] = [];
      tab.on("pageerror", ({ message }) => faults.push(message));
      await tab.route("http://example.test/**", (route) => {
        const { pathname } = new URL(route.request().url());
        if (pathname === "/") return route.fulfill({ contentType: "text/html; charset=utf-8", body: code });
        if (pathname === "/lizard.safetensors") return route.fulfill({ path: MODEL });
        return route.fulfill({
          path: join(root, "dist/element", pathname),
          contentType: "text/javascript",
        });
      });
      await tab.addInitScript(`addEventListener("nca-edit", ({ detail }) => {
        document.documentElement.dataset.edited = detail.kind;
      }, true)`);
      await tab.goto("http://example.test/");
      await tab.waitForFunction(ALIVE[name], undefined, { timeout: 30_000 });
      expect(faults).toEqual([]);
      await tab.close();
    }
  });
});

/** What is true of the page of an example once it has done what it is for. */
const ALIVE: Readonly<Record<string, string>> = {
  NcaCanvas: 'document.documentElement.dataset.edited === "cut"',
  NcaCanvasEvents: 'document.querySelector("output").value.includes("🦎")',
};

/** Imports all programs, one after another, and prints what each printed as Node's console would. */
const RUNNER = `
import { formatWithOptions } from "node:util";
const printed = {};
const log = console.log;
for (const name of NAMES) {
  const lines = (printed[name] = []);
  console.log = (...words) => lines.push(formatWithOptions({ breakLength: Infinity }, ...words));
  await import(\`./\${name}.mjs\`);
}
log(JSON.stringify(printed));
`;
