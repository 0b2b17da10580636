/** The choice between the two builds of the kernels. */
import { relaxedKernels, strictKernels } from "./generated/kernels.ts";

/** "strict": the same bits on every machine. "relaxed": fused multiply-add where the hardware has it; faster. */
export type KernelBuild = "strict" | "relaxed";

/** A module of one function that uses f32x4.relaxed_madd. */
const RELAXED_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  8,
  1,
  96,
  3,
  123,
  123,
  123,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  13,
  1,
  11,
  0,
  32,
  0,
  32,
  1,
  32,
  2,
  253,
  133,
  2,
  11,
);

/** Whether this JavaScript engine compiles relaxed SIMD as it is set up now. */
export function supportsRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/**
 * Compiles a build of the kernels.
 *
 * @param shared whether their memory is one that threads share. @param relaxed the relaxed ones, or others of the same bits.
 */
export function compileKernels(
  build: KernelBuild,
  shared: boolean,
  relaxed: string = relaxedKernels,
): Promise<WebAssembly.Module> {
  const hexadecimal = build === "relaxed" ? relaxed : strictKernels;
  const bytes = hexadecimal.match(/../g)!.map((byte) => parseInt(byte, 16));
  return WebAssembly.compile(Uint8Array.from(shared ? withSharedMemory(bytes) : bytes));
}

/** Whether threads can share memory here: not in pages that are not isolated. */
export function supportsSharedMemory(): boolean {
  return typeof SharedArrayBuffer !== "undefined" && typeof Atomics !== "undefined";
}

const IMPORT_SECTION = 2;
/** The end of an import of a memory: it is one, has no maximum, and no page at first. */
const PLAIN_MEMORY = [2, 0, 0];
/** One that is shared, of at most 65,536 pages. */
const SHARED_MEMORY = [2, 3, 0, 0x80, 0x80, 0x04];

/** The same module but that it imports a shared memory, as its one import. @throws Error for another kind of module. */
function withSharedMemory(bytes: readonly number[]): number[] {
  // Eight bytes of magic and version, then sections: a number, a length, contents.
  let at = 8;
  while (bytes[at] !== IMPORT_SECTION) {
    const { value, end } = lengthAt(bytes, at + 1);
    at = end + value;
    if (at >= bytes.length) break;
  }
  const { value, end } = lengthAt(bytes, at + 1);
  const contents = bytes.slice(end, end + value);
  const kept = contents.slice(0, -PLAIN_MEMORY.length);
  const shared = [...kept, ...SHARED_MEMORY];
  const isPlain = contents[0] === 1 && PLAIN_MEMORY.every((byte, i) => contents[kept.length + i] === byte);
  if (!isPlain || shared.length > 127) throw new Error("the kernels do not import one memory");
  return [...bytes.slice(0, at + 1), shared.length, ...shared, ...bytes.slice(end + value)];
}

/** A length of seven bits a byte, the lowest first; where it ends. */
function lengthAt(bytes: readonly number[], at: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; ; i++) {
    value |= (bytes[at + i] & 127) << (7 * i);
    if (bytes[at + i] < 128) return { value, end: at + i + 1 };
  }
}
