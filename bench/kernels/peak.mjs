// Builds the bare matrix product as the engine's kernels are built, checks it, and measures it on this thread.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const INPUTS = 128;
const COLUMNS = 32;
/** Products between two looks at the clock: a few hundredths of a second. */
const TIMES = 20_000;

/**
 * A function that returns the GFLOP/s of one run, of the faster of two forms of the product.
 *
 * @param build "relaxed" or "strict", as the engine's. @param scratch a folder for the compiled kernel. @param quick whether
 *   it may be slow, which is sooner compiled.
 * @throws Error where the product is wrong.
 */
export async function peakRun(build, scratch, quick = false) {
  const { product, wideProduct, ROWS, WIDE_ROWS, memory } = await instantiate(build, scratch, quick);
  const forms = [runOf(product, ROWS.value, memory), runOf(wideProduct, WIDE_ROWS.value, memory)];
  const rates = forms.map((run) => Math.max(run(), run()));
  return forms[rates.indexOf(Math.max(...rates))];
}

function runOf(product, rows, memory) {
  const input = 4096;
  const weight = input + INPUTS * rows * 4;
  const out = weight + INPUTS * COLUMNS * 4;
  const floats = new Float32Array(memory.buffer);
  // Small whole numbers add up without rounding, in any order.
  for (let i = input / 4; i < out / 4; i++) floats[i] = ((i * 7919) % 15) - 7;
  const run = (times) => product(input, INPUTS, weight, COLUMNS, out, times);
  run(1);
  for (let j = 0; j < COLUMNS; j++) {
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let k = 0; k < INPUTS; k++) {
        const w = (j >> 2) * INPUTS * 4 + k * 4 + (j & 3);
        sum += floats[input / 4 + k * rows + r] * floats[weight / 4 + w];
      }
      const found = floats[out / 4 + j * rows + r];
      if (found !== sum) throw new Error(`the matrix product gives ${found} for ${sum}`);
    }
  }
  const times = (TIMES * 8) / rows;
  // V8 first runs a quick translation, and looks for a better one at each call.
  for (let i = 0; i < 200; i++) run(times / 200);
  return () => {
    const began = performance.now();
    run(times);
    const seconds = (performance.now() - began) / 1000;
    return (2 * INPUTS * COLUMNS * rows * times) / seconds / 1e9;
  };
}

async function instantiate(build, scratch, quick) {
  const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
  const entry = fileURLToPath(new URL("product.ts", import.meta.url));
  const out = join(scratch, "product.wasm");
  const relaxed = build === "relaxed" ? ["--enable", "relaxed-simd"] : [];
  const level = quick ? "-O1" : "-O3";
  const flags = ["--runtime", "stub", level, "--noAssert", "--importMemory", "--enable", "simd", ...relaxed];
  execFileSync(process.execPath, [asc, entry, ...flags, "-o", out], { stdio: "inherit" });
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { instance } = await WebAssembly.instantiate(readFileSync(out), { env: { memory } });
  return { ...instance.exports, memory };
}
