import { growTo, linkModule } from "../wasmModule.ts";
import { optimModule } from "./generated/kernels.ts";

type Exports = Readonly<{
  memory: WebAssembly.Memory;
  orthogonalize: (matrix: number, rows: number, columns: number, iterations: number, scratch: number) => void;
  adam: (
    parameters: number,
    stride: number,
    count: number,
    beta1: number,
    beta2: number,
    step: number,
    scale: number,
    epsilon: number,
  ) => number;
  shorten: (values: number, count: number, length: number, limit: number) => void;
}>;

let linked: Exports | undefined;

/** What optimisers do in WebAssembly, with the same bits everywhere, in a memory of at least `bytes` bytes. */
export function kernels(bytes: number): Exports {
  linked ??= link();
  growTo(linked.memory, bytes);
  return linked;
}

/** Numbers of each array that are computed at once: what lies in the memory then fits the second-level cache. */
export const BLOCK = 8192;

function link(): Exports {
  const { memory, call } = linkModule(optimModule);
  return { memory, orthogonalize: call("orthogonalize"), adam: call("adam"), shorten: call("shorten") };
}
