// What a program does with each entry of the installed package. Also type-checked as TypeScript.
import { initialParameters, picturePresets, referenceEngine, splitRule, startState } from "neoblast";
import { decodeModel, encodeModel } from "neoblast/element";
import { createEncoderNetwork, encoderTable, initialEncoder } from "neoblast/nets";
import { createEngine, loadModel, loadTarget, saveModel } from "neoblast/node";
import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";

const conventions = splitRule(picturePresets.distill);
const { rule } = conventions;
const grid = /** @type {const} */ ([8, 8]);
const rollout = {
  rule,
  grid,
  parameters: initialParameters(rule, 1),
  states: [startState(conventions, grid)],
  steps: 3,
  seed: 0,
};

const plain = await referenceEngine().rollout(rollout);
const cells = (await plain.final[0].stats()).livingCells;

const engine = await createEngine({ threads: 1 });
const target = await loadTarget("🦋", { size: 8, padding: 4, premultiplied: true });
const choices = resolveGrowingConfig({ overrides: { training: { steps: 2, validation: null } } });
const trainer = createGrowing({ engine, config: fitGrowingConfig(choices, target), target });
/** @type {number[]} */
const losses = [];
for await (const { loss } of trainer) losses.push(loss);
await saveModel("program.safetensors", trainer.toModel());
const model = await loadModel("program.safetensors");
await engine.dispose();

const settings = { grid, channels: 1, features: [2], latent: 3 };
const network = await createEncoderNetwork(settings);
const encoder = initialEncoder(settings, 0);
const { latents } = await network.encode(encoder, [new Float32Array(64)], new Float32Array(3));
network.dispose();

console.log(
  JSON.stringify({
    cells,
    losses,
    grid: model.provenance.grid,
    carried: decodeModel(encodeModel(model)).parameters.length === model.parameters.length,
    latent: [...latents[0]],
    tensors: encoderTable(settings).length,
  }),
);
