import type { ShaderWeights } from "../../../exporters/shader/automaton.ts";

export const exportConventions = ["torch", "numpy"] as const;
export type ExportConvention = (typeof exportConventions)[number];

/** Where an automaton can go as shaders. */
export const shaderTargets = ["shadertoy", "webgl", "three"] as const;
export type ShaderTarget = (typeof shaderTargets)[number];

/** Where an automaton can go: as shaders, onto a page of one's own, or as a link in a QR code. */
export const exportTargets = ["page", ...shaderTargets, "qr"] as const;
export type ExportTarget = (typeof exportTargets)[number];

/** Options that were not given are undefined. */
export type ExportOptions = Readonly<{
  out: string;
  for?: ExportConvention;
  to?: ExportTarget;
  weights?: ShaderWeights;
  page?: string;
}>;
