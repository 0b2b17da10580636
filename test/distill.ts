/** Models published with "Growing Neural Cellular Automata" (Distill 2020); they lie beside the repository, not in it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import type { Model } from "../src/io/model.ts";
import { parameterCount, parameterTable } from "../src/rule/parameters.ts";
import { rulePresets } from "../src/rule/presets.ts";

const folder = fileURLToPath(new URL("../../shared/fixtures/distill/", import.meta.url));

/** A dense layer in 8 bits: `data_b64` holds (in_ch + 1, out_ch) values (byte / 255 - 0.5) * scale, the bias last. */
const layersSchema = z.array(
  z.object({
    in_ch: z.number(),
    out_ch: z.number(),
    weight_scale: z.number(),
    bias_scale: z.number(),
    data_b64: z.string(),
  }),
);

/** A published model, such as `ex3_1f98e`; undefined where the folder is missing. */
export function readDistillModel(name: string): Model | undefined {
  const file = `${folder}${name}.json`;
  if (!existsSync(file)) return undefined;
  const rule = rulePresets.distill;
  const kernels = rule.kernels.length;
  const layers = layersSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const parameters = new Float32Array(parameterCount(rule));
  const table = parameterTable(rule);
  layers.forEach((layer, index) => {
    const { in_ch: inputs, out_ch: outputs, weight_scale: weightScale, bias_scale: biasScale } = layer;
    const bytes = Buffer.from(layer.data_b64, "base64");
    const [weight, bias] = table.slice(2 * index);
    for (let row = 0; row <= inputs; row++) {
      // Their perception is ordered by kernel, ours by channel.
      const feature = index === 0 ? (row % rule.channels) * kernels + Math.floor(row / rule.channels) : row;
      const to = row === inputs ? bias.offset : weight.offset + feature * outputs;
      const scale = row === inputs ? biasScale : weightScale;
      for (let j = 0; j < outputs; j++) parameters[to + j] = (bytes[row * outputs + j] / 255 - 0.5) * scale;
    }
  });
  return { rule, parameters, provenance: { grid: [72, 72] } };
}
