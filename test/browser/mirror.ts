import { parameterCount, parameterTable } from "../../src/rule/parameters.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import type { PictureModel } from "../../src/model/model.ts";

/** Cells without neighbours or memory: in each step red, green, blue become the first three numbers of the input. */
export function mirror(inputSize: number): Omit<PictureModel, "provenance"> {
  const conventions = splitRule({
    ...picturePresets.distill,
    kernels: ["identity"],
    hidden: [],
    fireRate: 1,
    stepSize: 1,
    inputSize,
    alive: { ...picturePresets.distill.alive, mask: "none" },
    image: { offset: 0, channels: 3, premultiplied: false },
  });
  const { rule } = conventions;
  const [weight] = parameterTable(rule);
  const parameters = new Float32Array(parameterCount(rule));
  const { channels } = rule;
  for (let c = 0; c < 3; c++) {
    parameters[weight.offset + c * channels + c] = -1;
    if (c < inputSize) parameters[weight.offset + (channels + c) * channels + c] = 1;
  }
  return { ...conventions, parameters };
}
