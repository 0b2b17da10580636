// An automaton on one axis: a row of cells grows from a single one into a flag, blue, white and red in thirds, holds it,
// and regrows what is taken away. How it grew is drawn as a picture in which time runs down.
import { applyDamage, initialParameters, startState, stateRaster } from "neoblast";
import { createEngine } from "neoblast/node";
import { BpttTrainer, composeTask, pictureLoss, resolveGrowingConfig } from "neoblast/train";
import sharp from "sharp";

const [out = "row.png", steps = "600"] = process.argv.slice(2);
const grid = [48];
const rule = {
  axes: 1,
  channels: 12,
  kernels: ["identity", "sobelX", "laplacian"],
  boundary: "zero",
  hidden: [64],
  inputSize: 0,
  outputBias: true,
  alive: { mask: "both", channel: 3, threshold: 0.1 },
  fireRate: 0.5,
  stepSize: 1,
};
const readout = { offset: 0, channels: 4, premultiplied: true };
const model = { rule, readout, start: { seeds: [[0]], cell: { from: 3, to: 12 } } };

const BLUE = [0, 0.2, 0.6, 1];
const WHITE = [1, 1, 1, 1];
const RED = [0.9, 0.1, 0.2, 1];
const EMPTY = [0, 0, 0, 0];
const flag = Float32Array.from(
  Array.from(
    { length: 48 },
    (_, cell) => [EMPTY, BLUE, WHITE, RED, EMPTY][Math.floor((cell + 4) / 11.2)],
  ).flat(),
);

const seed = 1;
const loss = pictureLoss({ rule, readout }, grid, flag);
const task = composeTask({
  rule,
  grid,
  start: startState(model, grid),
  memory: {
    kind: "pool",
    size: 32,
    reseed: 1,
    damaged: 1,
    switched: 0,
    damage: ["half-left", "half-right", "circle"],
  },
  terms: [{ name: "flag", weight: 1, loss: (state, _sample, sink) => loss(state, sink) }],
  seed,
});

const engine = await createEngine();
const { training } = resolveGrowingConfig();
const settings = {
  ...training,
  steps: Number(steps),
  batch: 8,
  rollout: [48, 64],
  learningRate: 6e-3,
  warmup: 5,
};
const parameters = initialParameters(rule, seed);
const trainer = new BpttTrainer({ engine, rule, grid, parameters, task, settings, seed });
for await (const { step, loss: error } of trainer) {
  if ((step + 1) % 50 === 0) console.log(`step ${step + 1}: loss ${error.toExponential(2)}`);
}

// 80 steps of growth, then the right half is taken away, and 80 more.
const rows = [];
let state = startState(model, grid);
for (let step = 0; step <= 160; step++) {
  if (step === 80) applyDamage(state, grid, rule.channels, "half-right", [seed, step, 0]);
  rows.push(stateRaster(state, model, grid, { scale: 4, background: [255, 255, 255] }));
  const request = {
    rule,
    grid,
    parameters: trainer.parameters,
    states: [state],
    steps: 1,
    firstStep: step,
    seed,
  };
  const { final } = await engine.rollout(request);
  state = await final[0].read();
}
const { width, height } = rows[0];
await sharp(Buffer.concat(rows.map(({ data }) => Buffer.from(data.buffer))), {
  raw: { width, height: height * rows.length, channels: 4 },
})
  .png()
  .toFile(out);
console.log(`${out}: ${width} x ${height * rows.length} pixels`);
await engine.dispose();
