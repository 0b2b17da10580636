/**
 * The kernels in wide tiles, for vectors of 256 bits. WebAssembly's have 128, but V8 can join two that lie side by side where the
 * processor has AVX2. It does so behind a flag, and only of some code is it worth it; so both kinds are tried here.
 */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { CHUNK, STRIDE } from "../engine/wasm/chunk.ts";
import { compileKernels, supportsRelaxedSimd } from "../engine/wasm/compile.ts";
import { wideKernels } from "../engine/wasm/generated/wideKernels.ts";
import { Heap } from "../engine/wasm/heap.ts";
import { instantiateKernels } from "../engine/wasm/kernels.ts";

/** The first version of V8 of which this is known to work: that of Node 24. */
const FIRST_V8 = 13;
/** How much longer the usual kernels have to take. */
const WORTH_IT = 1.15;
/** Milliseconds after which the usual ones are taken. */
const PATIENCE = 150;

let choice: Promise<string | undefined> | undefined;

/**
 * The kernels in wide tiles where they are the faster ones here, give the same bits, and V8 can make wide vectors of them; some tens of
 * milliseconds, once a process.
 */
export function fasterKernels(): Promise<string | undefined> {
  return (choice ??= tryBoth());
}

async function tryBoth(): Promise<string | undefined> {
  const [version] = process.versions.v8.split(".").map(Number);
  if (process.arch !== "x64" || version < FIRST_V8 || !supportsRelaxedSimd()) return undefined;
  // Other programs that have Node's interface do not have its flags.
  if ("bun" in process.versions || "deno" in process.versions) return undefined;
  setFlagsFromString("--experimental-wasm-revectorize");
  const usual = await layerRun();
  const wide = await layerRun(wideKernels);
  const times: [number, number] = [usual.time(), wide.time()];
  const [first] = times;
  const began = performance.now();
  const gone = () => performance.now() - began;
  while (gone() < PATIENCE) {
    await setTimeout(2);
    times[0] = Math.min(times[0], usual.time());
    times[1] = Math.min(times[1], wide.time());
    // V8 first runs code that it has made in a hurry, and makes better code of what runs long, in a thread of its own.
    const isOptimized = times[0] < first / 2 || gone() > PATIENCE / 2;
    const isFaster = times[0] > WORTH_IT * times[1];
    if (isOptimized && isFaster && isEqual(usual.bits(), wide.bits())) return wideKernels;
  }
  setFlagsFromString("--no-experimental-wasm-revectorize");
  return undefined;
}

const isEqual = (a: Int32Array, b: Int32Array) => a.every((bits, i) => bits === b[i]);

const INPUTS = 48;
const OUTPUTS = 128;

/** A layer's product with some numbers, which tells how long it took, and its bits. */
async function layerRun(kernels?: string): Promise<{ time: () => number; bits: () => Int32Array }> {
  const weight = 1024;
  const bias = weight + INPUTS * OUTPUTS * 4;
  const input = bias + OUTPUTS * 4;
  const out = input + INPUTS * STRIDE;
  const end = out + OUTPUTS * STRIDE;
  const heap = Heap.create(end, false);
  for (let i = weight / 4; i < out / 4; i++) heap.floats[i] = Math.sin(i);
  const { layer } = instantiateKernels(await compileKernels("relaxed", false, kernels), heap.memory);
  const call = { input, inputs: INPUTS, cells: CHUNK, weight, bias, out, outputs: OUTPUTS, rectify: true };
  return {
    time() {
      const began = performance.now();
      for (let i = 0; i < 10; i++) layer(call);
      return performance.now() - began;
    },
    bits: () => heap.integers.subarray(out / 4, end / 4),
  };
}
