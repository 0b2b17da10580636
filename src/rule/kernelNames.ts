import { keysOf } from "../config/records.ts";

/** Kernels that have a name, and how many axes each needs: a Sobel filter, the one along which it is the slope, from the last. */
export const kernelAxes = {
  identity: 1,
  sobelX: 1,
  sobelY: 2,
  sobelZ: 3,
  sobelXRaw: 1,
  sobelYRaw: 2,
  sobelZRaw: 3,
  laplacian: 1,
} as const;

export type KernelName = keyof typeof kernelAxes;
export const kernelNames = keysOf(kernelAxes);
