import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Engine } from "../engine.ts";
import { createWasmEngine, type WasmEngineOptions } from "../engine/wasm/engine.ts";
import { supportsRelaxedSimd } from "../engine/wasm/compile.ts";
import type { Spawn } from "../engine/wasm/port.ts";
import { fasterKernels } from "./wideKernels.ts";

/** Gives a script for web workers what it expects of its global scope. */
const PRELUDE = `{
  const { parentPort } = require("node:worker_threads");
  globalThis.postMessage = (message, { transfer }) => parentPort.postMessage(message, transfer);
  globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));
}
`;

const spawnNodeWorker: Spawn = (source) => {
  const worker = new Worker(PRELUDE + source, { eval: true });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on("message", listener),
    onError: (listener) => {
      worker.on("error", listener);
      worker.on(
        "exit",
        (code) => code !== 0 && listener(new Error(`a worker stopped with exit code ${code}`)),
      );
    },
    terminate: () => void worker.terminate(),
  };
};

/**
 * Node 20 has relaxed SIMD behind a flag that only code can set, on the main thread and before compiling; newer
 * versions have it without, and do not know the flag. Workers inherit it.
 */
function enableRelaxedSimd(): void {
  if (!supportsRelaxedSimd()) setFlagsFromString("--experimental-wasm-relaxed-simd");
}

/** Settings of `createEngine`: those of `createWasmEngine`, and one of Node's. */
export type NodeEngineOptions = Omit<WasmEngineOptions, "spawn" | "wideKernels"> &
  Readonly<{
    /**
     * Whether V8 may be asked for vectors of 256 bits, default true: in Node 24 to 26, on x64 processors with AVX2, that is a flag of
     * the whole process (`--experimental-wasm-revectorize`), set by the first engine if it makes the kernels faster. Bits are the same.
     */
    wideVectors?: boolean;
  }>;

/**
 * The CPU engine in Node, on as many worker threads as there are processors by default.
 *
 * @example
 * ```ts
 * import { createEngine } from "neoblast/node";
 *
 * const engine = await createEngine({ threads: 2 });
 * console.log(engine.name); // wasm
 * await engine.dispose();
 * ```
 */
export async function createEngine({
  wideVectors = true,
  ...options
}: NodeEngineOptions = {}): Promise<Engine> {
  enableRelaxedSimd();
  const isAsked = wideVectors && options.kernels !== "strict";
  return startEngine({ ...options, wideKernels: isAsked ? await fasterKernels() : undefined });
}

/** {@link createEngine} with kernels that are chosen already. */
export function startEngine(options: Omit<WasmEngineOptions, "spawn">): Promise<Engine> {
  enableRelaxedSimd();
  const processors = availableParallelism();
  return createWasmEngine({ threads: processors, processors, ...options, spawn: spawnNodeWorker });
}
