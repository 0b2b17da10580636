// A program for browsers, which bundlers make a page of: trains in a worker, and plays what came out.
import { createWasmEngine, targetFromRgba } from "neoblast";
import "neoblast/element";
import { encoderTable } from "neoblast/nets";
import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";

const size = 8;
const picture = { width: size, height: size, data: new Uint8ClampedArray(size * size * 4).fill(255) };
const choices = resolveGrowingConfig({
  overrides: { target: { size, padding: 4 }, training: { steps: 2, validation: null } },
});
const { premultiplied } = choices.rule.image;
const target = targetFromRgba(picture, { size, padding: 4, premultiplied });
const engine = await createWasmEngine({ threads: 1 });
const trainer = createGrowing({ engine, config: fitGrowingConfig(choices, target), target });
const losses = [];
for await (const { loss } of trainer) losses.push(loss);

const canvas = document.createElement("nca-canvas");
canvas.model = trainer.toModel();
document.body.append(canvas);
canvas.addEventListener("nca-step", () => {
  const tensors = encoderTable({ grid: [8, 8], channels: 1, features: [2], latent: 3 }).length;
  document.title = JSON.stringify({ losses, tensors });
});
