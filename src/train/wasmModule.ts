/** Small modules of kernels that training runs on its own thread, each in a memory of its own. */

export type LinkedModule = Readonly<{
  memory: WebAssembly.Memory;
  /** A function that it exports, by name; one that returns nothing returns NaN. @throws TypeError for one that it lacks. */
  call: (name: string) => (...numbers: number[]) => number;
}>;

/** Links a module, given as hexadecimal digits: so small a one a page may compile at once. */
export function linkModule(hexadecimal: string): LinkedModule {
  const bytes = hexadecimal.match(/../g)!.map((byte) => parseInt(byte, 16));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(Uint8Array.from(bytes));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return {
    memory,
    call(name) {
      const called = exports[name];
      if (typeof called !== "function") throw new TypeError(`the module has no ${name}`);
      return (...numbers) => Number(called(...numbers));
    },
  };
}

/** Most bytes of a memory. */
export const MOST_BYTES = 2 ** 32;

/**
 * Has a memory hold at least so many bytes; views of it that were made before are then of no use.
 *
 * @param bytes up to {@link MOST_BYTES}.
 */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
}
