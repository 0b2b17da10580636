/** What kernels are called. */
import type { Rule } from "../rule/rule.ts";

const NAMES = {
  identity: "identity",
  sobelX: "Sobel x",
  sobelY: "Sobel y",
  sobelZ: "Sobel z",
  sobelXRaw: "Sobel x, raw",
  sobelYRaw: "Sobel y, raw",
  sobelZRaw: "Sobel z, raw",
  laplacian: "Laplacian",
} as const;

/** One name for each kernel of a rule: those given by taps by their number from 1 on. */
export function kernelNames({ kernels }: Rule): string[] {
  return kernels.map((kernel, k) => (typeof kernel === "string" ? NAMES[kernel] : `kernel ${k + 1}`));
}
