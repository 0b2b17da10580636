import type { ShaderWeights } from "../../../exporters/shader/automaton.ts";

export const exportConventions = ["torch", "numpy"] as const;
export type ExportConvention = (typeof exportConventions)[number];

/** Where an automaton can go as shaders. */
export const shaderTargets = ["shadertoy", "webgl", "three"] as const;
export type ShaderTarget = (typeof shaderTargets)[number];

/** Options that were not given are undefined. */
export type ExportOptions = Readonly<{
  out: string;
  for?: ExportConvention;
  to?: ShaderTarget;
  weights?: ShaderWeights;
}>;
