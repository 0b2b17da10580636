// Compiles the kernels (twice: strict and relaxed SIMD) and bundles the worker into src/engine/wasm/generated/.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const wasm = join(root, "src/engine/wasm");
const asc = join(
  dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")),
  "bin/asc.js",
);
const scratch = mkdtempSync(join(tmpdir(), "neoblast-"));

function compile(name, ...flags) {
  const out = join(scratch, `${name}.wasm`);
  const entry = join(wasm, "assembly/index.ts");
  const options = ["--runtime", "stub", "-O3", "--noAssert", "--importMemory", "--enable", "simd", ...flags];
  execFileSync(process.execPath, [asc, entry, ...options, "-o", out], { stdio: "inherit" });
  return readFileSync(out).toString("base64");
}

try {
  const strict = compile("strict");
  const relaxed = compile("relaxed", "--enable", "relaxed-simd");
  const worker = await build({
    entryPoints: [join(wasm, "worker.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  mkdirSync(join(wasm, "generated"), { recursive: true });
  const text = [
    `export const strictKernels = ${JSON.stringify(strict)};`,
    `export const relaxedKernels = ${JSON.stringify(relaxed)};`,
    `export const workerSource: string = ${JSON.stringify(worker.outputFiles[0].text)};`,
  ];
  writeFileSync(join(wasm, "generated/kernels.ts"), text.join("\n") + "\n");
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
