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

/** Compiles a build of the kernels. */
export function compileKernels(build: KernelBuild): Promise<WebAssembly.Module> {
  const hexadecimal = build === "relaxed" ? relaxedKernels : strictKernels;
  return WebAssembly.compile(Uint8Array.from(hexadecimal.match(/../g)!, (byte) => parseInt(byte, 16)));
}
