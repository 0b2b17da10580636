/** Golden rollouts and gradients, computed elsewhere; they lie beside the repository, not in it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeSafetensors } from "../src/io/safetensors.ts";
import type { Rule } from "../src/rule/rule.ts";
import { ruleSchema } from "../src/rule/schema.ts";

const folder = fileURLToPath(new URL("../../shared/fixtures/", import.meta.url));

/** Names of the golden files; none where the folder is missing. */
export const goldenFiles: readonly string[] = existsSync(folder)
  ? readdirSync(folder).filter((name) => /^dev-.*\.safetensors$/.test(name))
  : [];

export type Golden = Readonly<{
  rule: Rule;
  /** Float32 tensors and their shapes, by name. */
  data: Readonly<Record<string, Float32Array>>;
  shapes: Readonly<Record<string, readonly number[]>>;
}>;

const KERNELS: Readonly<Record<string, string>> = {
  identity: "identity",
  sobel_x: "sobelX",
  sobel_y: "sobelY",
  sobel_x_raw: "sobelXRaw",
  sobel_y_raw: "sobelYRaw",
  laplacian: "laplacian",
};

/** A list as Python prints it, with single quotes. */
function parseList(text: string): unknown[] {
  return JSON.parse(text.replaceAll("'", '"'));
}

export function readGolden(name: string): Golden {
  const { tensors, metadata } = decodeSafetensors(readFileSync(folder + name));
  const entries = Object.entries(tensors);
  const channels = Number(metadata.channels);
  const rule = ruleSchema.parse({
    channels,
    kernels: parseList(metadata.kernels).map((kernel) => KERNELS[String(kernel)]),
    boundary: metadata.padding === "circular" ? "wrap" : metadata.padding,
    hidden: parseList(metadata.hidden),
    inputSize: Number(metadata.input_size),
    outputBias: true,
    alive: {
      mask: metadata.alive,
      channel: Number(metadata.alive_channel),
      threshold: Number(metadata.alive_threshold),
    },
    fireRate: Number(metadata.fire_rate),
    stepSize: Number(metadata.step_size),
    image: { offset: Number(metadata.rgba_offset), channels: 4, premultiplied: true },
    seed: { from: 0, to: channels },
  });
  return {
    rule,
    data: Object.fromEntries(entries.map(([key, { data }]) => [key, Float32Array.from(data, Number)])),
    shapes: Object.fromEntries(entries.map(([key, { shape }]) => [key, shape])),
  };
}
