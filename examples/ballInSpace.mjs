// An automaton on three axes: cells of a box grow from a single one into a ball. The plain step runs and trains it,
// for the Wasm engine declines three axes, and says so. What comes out is drawn slice by slice.
import { initialParameters, referenceEngine, startState, stateRaster } from "neoblast";
import { createEngine } from "neoblast/node";
import { BpttTrainer, composeTask, pictureLoss, resolveGrowingConfig } from "neoblast/train";
import sharp from "sharp";

const [out = "ball.png", steps = "300"] = process.argv.slice(2);
const grid = [7, 7, 7];
const rule = {
  axes: 3,
  channels: 8,
  kernels: ["identity", "sobelX", "sobelY", "sobelZ", "laplacian"],
  boundary: "zero",
  hidden: [32],
  inputSize: 0,
  outputBias: true,
  alive: { mask: "both", channel: 3, threshold: 0.1 },
  fireRate: 1,
  stepSize: 1,
};
const readout = { offset: 0, channels: 4, premultiplied: true };
const model = { rule, readout, start: { seeds: [[0, 0, 0]], cell: { from: 3, to: 8 } } };

/** Premultiplied colour and opacity of a cell: a ball around the middle, red in the first slice and blue in the last. */
function ball(z, y, x) {
  const radius = Math.hypot(z - 3, y - 3, x - 3);
  return radius < 2.9 ? [1 - z / 6, 0.2, z / 6, 1] : [0, 0, 0, 0];
}
const cells = Array.from({ length: 343 }, (_, cell) =>
  ball(Math.floor(cell / 49), Math.floor(cell / 7) % 7, cell % 7),
);
const target = Float32Array.from(cells.flat());

const fast = await createEngine();
console.log(fast.declines(rule));
await fast.dispose();

const seed = 1;
const loss = pictureLoss({ rule, readout }, grid, target);
const task = composeTask({
  rule,
  grid,
  start: startState(model, grid),
  memory: null,
  terms: [{ name: "ball", weight: 1, loss: (state, _sample, sink) => loss(state, sink) }],
  seed,
});
const engine = referenceEngine();
const { training } = resolveGrowingConfig();
const settings = {
  ...training,
  steps: Number(steps),
  batch: 1,
  rollout: [8, 10],
  learningRate: 1e-2,
  warmup: 5,
};
const parameters = initialParameters(rule, seed);
const trainer = new BpttTrainer({ engine, rule, grid, parameters, task, settings, seed });
for await (const { step, loss: error } of trainer) {
  if ((step + 1) % 10 === 0) console.log(`step ${step + 1}: loss ${error.toExponential(2)}`);
}

const states = [startState(model, grid)];
const { final } = await engine.rollout({
  rule,
  grid,
  parameters: trainer.parameters,
  states,
  steps: 14,
  seed,
});
const { width, height, data } = stateRaster(await final[0].read(), model, grid, {
  scale: 8,
  background: [255, 255, 255],
});
await sharp(data, { raw: { width, height, channels: 4 } })
  .png()
  .toFile(out);
console.log(`${out}: seven slices, one below the other, ${width} x ${height} pixels`);
