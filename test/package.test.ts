/** The package as npm would publish it: what it holds, and what can be done with it where it is installed. */
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { Browser } from "playwright-core";
import { build, createServer } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serve } from "../scripts/browser.mjs";
import { launchBrowser } from "./browser/chromium.ts";
import { TINY } from "./commandLine.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const here = (name: string) => join(root, "test/package", name);
const { resolve } = createRequire(import.meta.url);
const tsc = join(dirname(resolve("typescript/package.json")), "bin/tsc");
const { exports, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What npm says where the registry is out of reach, or does not have what it is asked for. */
const OUT_OF_REACH =
  /code (ENOTFOUND|EAI_AGAIN|ECONN\w+|E\w*TIMEDOUT|E\w+UNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E[45]\d\d)\b/;

type Packed = Readonly<{
  filename: string;
  size: number;
  unpackedSize: number;
  files: readonly { path: string }[];
}>;

let place: string;
let packed: Packed;
/** An empty folder that becomes a project, with the package installed. */
let project: string;
/** The commands of the guide. */
const commands = /```sh\n(.+?)```/s
  .exec(readFileSync(join(root, "docs/yourPage.md"), "utf8"))![1]
  .trim()
  .split("\n");

/** Runs a command as a shell would. @throws Error with all that it said where it fails. */
function run(command: string, cwd = project): Promise<string> {
  const child = spawn(command, { cwd, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) =>
      code === 0 ? done(output) : fail(new Error(`${command}: ${code}\n${said}${output}`.slice(0, 4000))),
    );
  });
}

beforeAll(async () => {
  place = realpathSync(mkdtempSync(join(tmpdir(), "neoblast-package-")));
  project = join(place, "butterfly");
  mkdirSync(project);
  [packed] = JSON.parse(await run(`npm pack --ignore-scripts --json --pack-destination "${place}"`, root));
});
afterAll(() => rmSync(place, { recursive: true }));

it("holds the command and what its entries reach, and no more", () => {
  const paths = packed.files.map(({ path }) => path);
  const known =
    /^(?:bin\/neoblast\.js|dist\/[\w./-]+\.(?:js|d\.ts)|dist\/render\/OFL\.txt|(?:CHANGELOG|README)\.md|LICENSE|NOTICE|package\.json)$/;
  expect(paths.filter((path) => !known.test(path))).toEqual([]);
  const needless = /\.(?:test|case)\.|\/assembly\/|^dist\/(?:cli|cluster|sweep|report|runs|player\/page)\//;
  expect(paths.filter((path) => needless.test(path))).toEqual([]);
  for (const { types, default: script } of Object.values<{ types: string; default: string }>(exports)) {
    expect(paths).toEqual(expect.arrayContaining([types.slice(2), script.slice(2)]));
  }
  // 1.5 and 4.7 MB when this was written: a fifth more asks for a look.
  expect(packed.size).toBeLessThan(1_800_000);
  expect(packed.unpackedSize).toBeLessThan(5_700_000);
});

describe("installed in an empty folder", () => {
  let outOfReach: string | undefined;
  beforeAll(async () => {
    const install = `npm install "${join(place, packed.filename)}" webpack@5`;
    try {
      await run(commands[0]);
      await run(`${install} --prefer-offline --no-audit --no-fund --fetch-retries=0 --fetch-timeout=30000`);
    } catch (error) {
      const [said] = OUT_OF_REACH.exec(String(error)) ?? [];
      if (said === undefined) throw error;
      outOfReach = `npm cannot install it here: ${said}`;
      return;
    }
    for (const name of ["program.mjs", "page.mjs"]) copyFileSync(here(name), join(project, name));
  });
  beforeEach(({ skip }) => skip(outOfReach !== undefined, outOfReach));

  it("every entry works in Node, imported and required", async () => {
    // The first is used below, and those of frameworks by test/browser/webRecipes.test.ts.
    const elsewhere = ["./conformance", "./element/react", "./element/svelte", "./element/vue"];
    expect(Object.keys(exports).filter((entry) => !used().includes(entry))).toEqual(elsewhere);
    const result = JSON.parse(await run("node program.mjs"));
    expect(result).toEqual({
      cells: 1,
      losses: [expect.any(Number), expect.any(Number)],
      grid: [16, 16],
      carried: true,
      latent: Array.from({ length: 3 }, () => expect.any(Number)),
      tensors: 8,
    });
    expect(result.losses.every((loss: number) => loss > 0 && loss < 1)).toBe(true);
    const required = await run(`node -p "typeof require('neoblast').decodeModel"`);
    expect(required.trim()).toBe("function");
  });

  it.each([
    ["nodenext", "nodenext"],
    ["preserve", "bundler"],
  ])("its types hold for module %s and resolution %s, those of its packages among them", (...how) => {
    const [module, resolution] = how;
    const flags = `--ignoreConfig --noEmit --checkJs --strict --skipLibCheck false --types --target es2022 --lib es2025,dom`;
    writeFileSync(
      join(project, "wrong.mts"),
      `import { seedState } from "neoblast";\nexport const wrong: string = seedState;\n`,
    );
    const words = [...flags.split(" "), "--module", module, "--moduleResolution", resolution];
    const { stdout } = spawnSync(process.execPath, [tsc, ...words, "program.mjs", "wrong.mts"], {
      cwd: project,
      encoding: "utf8",
    });
    // The second file shows that types are there at all.
    expect(stdout.trim().split("\n")[0]).toMatch(/^wrong\.mts\(2,14\): error TS2322: /);
  });

  it("its conformance suite runs beside Vitest", async () => {
    for (const name of ["vitest", "fast-check"]) {
      symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "junction");
    }
    writeFileSync(
      join(project, "own.test.mjs"),
      `import { referenceEngine } from "neoblast";
       import { conformance } from "neoblast/conformance";
       conformance("mine", async () => referenceEngine(), { runs: 1, part: 45 });`,
    );
    const said = await run("npx vitest run own.test.mjs --reporter=json");
    const { numPassedTests, numFailedTests } = JSON.parse(said.slice(said.indexOf("{")));
    expect(numFailedTests).toBe(0);
    expect(numPassedTests).toBeGreaterThan(3);
  });

  describe("in a browser", () => {
    let browser: Browser;
    let site: { url: string; close(): void };
    beforeAll(async () => {
      if (outOfReach !== undefined) return;
      browser = await launchBrowser();
      site = await serve(project, {});
    });
    afterAll(async () => {
      site?.close();
      await browser?.close();
    });

    it.each([
      ["Vite", "vite", withVite],
      ["webpack", "webpack", withWebpack],
      ["esbuild", "esbuild", withEsbuild],
    ])("%s bundles a program that trains and plays", async (_, folder, bundle) => {
      await bundle(join(project, folder));
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${site.url}${folder}/index.html`);
      await page.waitForFunction(() => document.title !== "");
      const { losses, tensors } = JSON.parse(await page.title());
      expect(losses).toHaveLength(2);
      expect(losses.every((loss: number) => loss > 0 && loss < 1)).toBe(true);
      expect(tensors).toBe(8);
      expect(errors).toEqual([]);
      await page.close();
    });

    it("a bundle holds what its program uses, and not the rest", async () => {
      const { outputFiles } = await esbuild.build({
        stdin: { contents: `export { seedState } from "neoblast"`, resolveDir: project },
        bundle: true,
        minify: true,
        format: "esm",
        write: false,
        logLevel: "silent",
      });
      expect(outputFiles[0].contents.length).toBeLessThan(2_000);
    });

    it("the commands of the guide lead to a picture that grows on a page", async () => {
      const [init, install, grow, exportPage, show, ...more] = commands;
      expect([init, install]).toEqual(["npm init -y", "npm install ../neoblast/neoblast-*.tgz vite"]);
      expect((await run("npx neoblast --version")).trim()).toBe(version);
      await run(`${grow.replace("--quality draft", "")} ${TINY.join(" ")}`);
      await run(exportPage);
      const [, folder] = /^npx vite (\w+)$/.exec(show)!;
      expect(more).toEqual([]);

      const server = await createServer({
        root: join(project, folder),
        configFile: false,
        logLevel: "error",
        server: { port: 0, host: "127.0.0.1" },
      });
      try {
        await server.listen();
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto(server.resolvedUrls!.local[0]);
        await page.waitForFunction(() => (document.querySelector("nca-canvas")?.simulation?.steps ?? 0) > 20);
        const living = await page.evaluate(async () => {
          const state = await document.querySelector("nca-canvas")!.simulation!.read();
          return state.filter((value, i) => i % 16 === 3 && value > 0.1).length;
        });
        expect(living).toBeGreaterThan(9);
        expect(errors).toEqual([]);
      } finally {
        await server.close();
      }
    });
  });
});

/** Entries that the two programs import. */
function used(): string[] {
  const text = ["program.mjs", "page.mjs"].map((name) => readFileSync(here(name), "utf8")).join("\n");
  return [...text.matchAll(/"neoblast(\/\w+)?"/g)].map(([, path = ""]) => `.${path}`);
}

const HTML = (script: string) => `<!doctype html><body><script type="module" src="${script}"></script>`;

async function withVite(folder: string): Promise<void> {
  writeFileSync(join(project, "index.html"), HTML("page.mjs"));
  await build({
    root: project,
    base: "./",
    configFile: false,
    logLevel: "error",
    build: { outDir: folder },
  });
}

async function withEsbuild(folder: string): Promise<void> {
  await esbuild.build({
    entryPoints: [join(project, "page.mjs")],
    outdir: folder,
    bundle: true,
    format: "esm",
    splitting: true,
    logLevel: "error",
  });
  writeFileSync(join(folder, "index.html"), HTML("page.js"));
}

async function withWebpack(folder: string): Promise<void> {
  const webpack = createRequire(join(project, "package.json"))("webpack");
  const output = { path: folder, filename: "main.js", module: true };
  const settings = {
    mode: "production",
    context: project,
    entry: "./page.mjs",
    output,
    experiments: { outputModule: true },
    // Making it small takes longer than all else here.
    optimization: { minimize: false },
    performance: false,
  };
  await new Promise<void>((done, fail) => {
    webpack(settings, (error: Error | null, stats: any) => {
      const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      if (error || errors.length > 0 || warnings.length > 0) fail(error ?? new Error(stats.toString()));
      else done();
    });
  });
  writeFileSync(join(folder, "index.html"), HTML("main.js"));
}
