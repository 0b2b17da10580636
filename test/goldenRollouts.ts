/** Golden rollouts and gradients, computed by PyTorch: `golden/rollouts.py` says what is in the files. */
import { readdirSync, readFileSync } from "node:fs";
import { decodeSafetensors } from "../src/formats/safetensors.ts";
import { type Conventions, pictureRuleSchema, splitRule } from "../src/model/pictureRule.ts";

const folder = new URL("golden/", import.meta.url);

/** Names of the golden files. */
export const goldenFiles = readdirSync(folder).filter(
  (name) => name.endsWith(".safetensors") && !["digits.safetensors", "texture.safetensors"].includes(name),
);

export type Golden = Conventions &
  Readonly<{
    /** Float32 tensors and their shapes, by name. */
    data: Readonly<Record<string, Float32Array>>;
    shapes: Readonly<Record<string, readonly number[]>>;
  }>;

export function readGolden(name: string): Golden {
  const { tensors, metadata } = decodeSafetensors(readFileSync(new URL(name, folder)));
  const entries = Object.entries(tensors);
  return {
    ...splitRule(pictureRuleSchema.parse(JSON.parse(metadata.rule))),
    data: Object.fromEntries(entries.map(([key, { data }]) => [key, Float32Array.from(data, Number)])),
    shapes: Object.fromEntries(entries.map(([key, { shape }]) => [key, shape])),
  };
}
