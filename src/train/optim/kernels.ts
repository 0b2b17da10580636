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
  ) => void;
  shorten: (values: number, count: number, length: number, limit: number) => void;
}>;

let linked: Exports | undefined;

/** What optimisers do in WebAssembly, with the same bits everywhere, in a memory of at least `bytes` bytes. */
export function kernels(bytes: number): Exports {
  linked ??= link();
  const missing = bytes - linked.memory.buffer.byteLength;
  if (missing > 0) linked.memory.grow(Math.ceil(missing / 65536));
  return linked;
}

/** Numbers of each array that are computed at once: what lies in the memory then fits the second-level cache. */
export const BLOCK = 8192;

/** So small a module a page may compile at once. */
function link(): Exports {
  const bytes = optimModule.match(/../g)!.map((byte) => parseInt(byte, 16));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const call = (name: string) => {
    const called = exports[name];
    if (typeof called !== "function") throw new TypeError(`the module has no ${name}`);
    return (...args: number[]): void => void called(...args);
  };
  return { memory, orthogonalize: call("orthogonalize"), adam: call("adam"), shorten: call("shorten") };
}
