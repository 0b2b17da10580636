// Compiles the kernels (strict, relaxed, and relaxed in wide tiles) and bundles the worker into src/engine/wasm/generated/, compiles what
// optimisers and losses need, then minifies the style sheet of <nca-canvas>, bundles the pages into src/player/generated/ and src/report/generated/, and
// makes a module of the pretrained automaton, since a browser cannot read files beside a module. Nothing is done where all
// this would come out the same.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { placeText } from "./place.mjs";
import { digestOf, generatedFiles, isCurrent, leave, sourceFiles } from "./stamp.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const wasm = join(root, "src/engine/wasm");
const asc = join(
  dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")),
  "bin/asc.js",
);
const STAMP = "src/engine/wasm/generated/.built";
const read = digestOf(sourceFiles());
if (isCurrent(STAMP, read, generatedFiles())) process.exit();

const scratch = mkdtempSync(join(tmpdir(), "neoblast-"));

/** Hexadecimal digits of a module without static data: gzip finds bytes that repeat there, and not in base64. */
function compile(entry, ...flags) {
  const out = join(scratch, "compiled.wasm");
  const options = ["--runtime", "stub", "-O3", "--noAssert", "--importMemory", "--enable", "simd", ...flags];
  execFileSync(process.execPath, [asc, entry, ...options, "-o", out], { stdio: "inherit" });
  return readFileSync(out).toString("hex");
}

/** A module and all it imports, or a style sheet, as one minified text. */
async function bundle(entry, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    ...options,
  });
  return outputFiles[0].text.trim();
}

/** Replaces a part of a page, which must be there. */
function replace(page, part, by) {
  if (!page.includes(part)) throw new Error(`a page lacks ${part}`);
  return page.replace(part, () => by);
}

/**
 * Bundles a page or a part of one, its script and its style sheet into one text, a module of `generated/`.
 *
 * @param options.entry the script. @param options.globalName global variable that holds what the script exports.
 */
async function bundlePage(folder, name, { entry = "main.ts", ...options } = {}) {
  const place = join(root, "src", folder, "page");
  const script = await bundle(join(place, entry), options);
  const style = await bundle(join(place, `${name}.css`));
  let page = readFileSync(join(place, `${name}.html`), "utf8");
  page = replace(page, `<script src="${entry}"></script>`, `<script>${script}</script>`);
  page = replace(page, `<link rel="stylesheet" href="${name}.css" />`, `<style>${style}</style>`);
  placeText(
    join(root, "src", folder, `generated/${name}.ts`),
    `export const ${name}Page: string = ${JSON.stringify(page)};\n`,
  );
}

try {
  const kernels = join(wasm, "assembly/index.ts");
  const strict = compile(kernels);
  const relaxed = compile(kernels, "--enable", "relaxed-simd");
  const worker = await bundle(join(wasm, "worker.ts"));
  const text = [
    `export const strictKernels: string = ${JSON.stringify(strict)};`,
    `export const relaxedKernels: string = ${JSON.stringify(relaxed)};`,
    `export const workerSource: string = ${JSON.stringify(worker)};`,
  ];
  placeText(join(wasm, "generated/kernels.ts"), text.join("\n") + "\n");
  // In a module of its own, for Node alone takes it.
  const wide = compile(join(wasm, "assembly/wide/index.ts"), "--enable", "relaxed-simd");
  placeText(
    join(wasm, "generated/wideKernels.ts"),
    `export const wideKernels: string = ${JSON.stringify(wide)};\n`,
  );
  for (const part of ["optim", "loss"]) {
    const folder = join(root, "src/train", part);
    const compiled = compile(join(folder, "assembly/index.ts"));
    placeText(
      join(folder, "generated/kernels.ts"),
      `export const ${part}Module: string = ${JSON.stringify(compiled)};\n`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

const element = join(root, "src/element");
const style = await bundle(join(element, "ncaCanvas.css"));
placeText(join(element, "generated/style.ts"), `export const style: string = ${JSON.stringify(style)};\n`);

const growing = join(root, "src/experiments/growing");
const pretrained = readFileSync(join(growing, "pretrained.safetensors")).toString("base64");
placeText(
  join(growing, "generated/pretrained.ts"),
  `export const pretrained: string = ${JSON.stringify(pretrained)};\n`,
);

await bundlePage("player", "player");
await bundlePage("player", "pictures", { entry: "pictures.ts", globalName: "pictures" });
await bundlePage("report", "report");

leave(STAMP, read, generatedFiles());
