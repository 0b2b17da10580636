/** Without the packages that `npm install --omit=optional` leaves out, the library works, and the rest says what it lacks. */
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolderInPackage } from "./inPackage.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const { optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const names = Object.keys(optionalDependencies);

let place: string;
let hook: string;
beforeAll(() => {
  place = makeFolderInPackage("optional");
  hook = join(place, "without.mjs");
  // What resolving finds where a package is not installed.
  const resolver = `
    const names = process.env.WITHOUT.split(",");
    export function resolve(specifier, context, next) {
      const name = names.find((each) => specifier === each || specifier.startsWith(each + "/"));
      if (!name) return next(specifier, context);
      throw Object.assign(new Error("Cannot find package '" + name + "' imported from " + context.parentURL), { code: "ERR_MODULE_NOT_FOUND" });
    }`;
  writeFileSync(join(place, "resolver.mjs"), resolver);
  writeFileSync(
    hook,
    // Node 20 has the one alone, Node 26 warns of it.
    `import module from "node:module";
     import { resolve } from "./resolver.mjs";
     if (module.registerHooks) module.registerHooks({ resolve });
     else module.register("./resolver.mjs", ${JSON.stringify(pathToFileURL(hook).href)});`,
  );
});
afterAll(() => rmSync(place, { recursive: true }));

type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>;

function run(without: readonly string[], args: readonly string[]): Promise<Outcome> {
  const words = ["--import", pathToFileURL(hook).href, ...args];
  const env = { ...process.env, WITHOUT: without.join(",") };
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: place, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

it("the library grows an automaton without any of them", async () => {
  const program = join(place, "program.mjs");
  writeFileSync(
    program,
    `import { initialParameters, picturePresets, splitRule, startState } from "neoblast";
     import { createEngine } from "neoblast/node";
     import { composeTask, BpttTrainer, resolveGrowingConfig } from "neoblast/train";
     import "neoblast/element";
     const conventions = splitRule(picturePresets.distill), { rule } = conventions, grid = [8, 8];
     const engine = await createEngine({ threads: 0 });
     const { final } = await engine.rollout({ rule, grid, parameters: initialParameters(rule, 1), states: [startState(conventions, grid)], steps: 3, seed: 0 });
     console.log((await final[0].stats()).livingCells);
     await engine.dispose();`,
  );
  expect(await run(names, [program])).toEqual({ code: 0, stdout: "1\n", stderr: "" });
});

const bin = join(root, "bin/neoblast.js");
it.each([
  [
    "commander",
    ["grow", "--help"],
    "neoblast: cannot start: the package commander is not installed: npm install commander",
  ],
  [
    "sharp",
    ["grow", "x.png", "--steps", "1"],
    "neoblast: x.png: this needs the package sharp, which is not installed: npm install sharp",
  ],
  [
    "@jax-js/jax",
    ["digits", "--steps", "1"],
    "neoblast: this needs the package @jax-js/jax, which is not installed: npm install @jax-js/jax",
  ],
  [
    "webgpu",
    ["grow", "🦋", "--steps", "1", "--engine", "webgpu"],
    "neoblast: WebGPU in Node needs the package webgpu beside neoblast: npm install webgpu; or leave out --engine webgpu: the processor does the work",
  ],
  ...["bullmq", "ioredis"].map((name): [string, string[], string] => [
    name,
    ["worker", "--queue", "redis://127.0.0.1:1/0"],
    "neoblast: a queue needs the packages bullmq and ioredis, which are not installed: npm install bullmq ioredis",
  ]),
])("the command line says that it lacks %s", async (name, args, sentence) => {
  writeFileSync(
    join(place, "x.png"),
    Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAFklEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
      "base64",
    ),
  );
  const { code, stderr } = await run([name], [bin, ...args]);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe(sentence);
  expect(code).toBe(1);
});
