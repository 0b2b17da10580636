/**
 * The kernels in wide tiles, for vectors of 256 bits. WebAssembly's have 128, but V8 can join two that lie side by side where the
 * processor has AVX2. It does so behind a flag, and only of some code is it worth it; so both kinds are tried here.
 */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { isMainThread } from "node:worker_threads";
import { CHUNK, STRIDE } from "../engine/wasm/chunk.ts";
import { compileKernels, supportsRelaxedSimd } from "../engine/wasm/compile.ts";
import { wideKernels } from "../engine/wasm/generated/wideKernels.ts";
import { Heap } from "../engine/wasm/heap.ts";
import { instantiateKernels } from "../engine/wasm/kernels.ts";

/** The versions of V8 of which this is known to work: those of Node 24 to 26. */
const [FIRST_V8, LAST_V8] = [13, 14];
/** Programs with Node's interface that do not have its flags, or not when they run. */
const OTHERS = ["bun", "deno", "electron", "nw"];
const FLAG = "experimental-wasm-revectorize";
/** How much longer the usual kernels have to take. */
const WORTH_IT = 1.15;
/** Rounds without a faster one after which none is waited for. */
const ROUNDS = 12;

let choice: Promise<string | undefined> | undefined;

/**
 * The kernels in wide tiles, where V8 can make wide vectors of them, they are the faster ones here and give the same bits. Tried once,
 * on the main thread, in some 60 milliseconds; the flag, which is the whole process's, stays set where they are taken.
 */
export function fasterKernels(): Promise<string | undefined> {
  return (choice ??= isPossible() ? tryBoth() : Promise.resolve(undefined));
}

function isPossible(): boolean {
  const [version] = process.versions.v8.split(".").map(Number);
  return (
    isMainThread &&
    process.arch === "x64" &&
    version >= FIRST_V8 &&
    version <= LAST_V8 &&
    !OTHERS.some((name) => name in process.versions) &&
    supportsRelaxedSimd()
  );
}

async function tryBoth(): Promise<string | undefined> {
  const usual = await layerRun();
  await settle(usual);
  const isGiven = process.execArgv.some((word) => word.includes(FLAG));
  if (!isGiven) setFlagsFromString(`--${FLAG}`);
  const wide = await layerRun(wideKernels);
  await settle(wide);
  const times = Array.from({ length: 5 }, () => [usual.time(), wide.time()]);
  const [usualTime, wideTime] = [0, 1].map((i) => Math.min(...times.map((pair) => pair[i])));
  if (usualTime > WORTH_IT * wideTime && isEqual(usual.bits(), wide.bits())) return wideKernels;
  if (!isGiven) setFlagsFromString(`--no-${FLAG}`);
  return undefined;
}

const isEqual = (a: Int32Array, b: Int32Array) => a.every((bits, i) => bits === b[i]);

/** Runs until V8, which first makes code in a hurry, has made better code of it in a thread of its own: until it gets no faster. */
async function settle({ time }: LayerRun): Promise<void> {
  let best = Infinity;
  for (let since = 0; since < ROUNDS; since++) {
    await setTimeout(1);
    const latest = time();
    if (latest > 0.9 * best) continue;
    best = latest;
    since = 0;
  }
}

const INPUTS = 48;
const OUTPUTS = 128;

type LayerRun = Readonly<{
  /** Milliseconds of ten runs. */
  time: () => number;
  bits: () => Int32Array;
}>;

/** A layer's product with some numbers. */
async function layerRun(kernels?: string): Promise<LayerRun> {
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
