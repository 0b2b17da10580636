// A loss of one's own, trained with a sample pool: channel 0 is to show rings around
// the seed, and to hold them.
import { initialParameters, picturePresets, splitRule, startState } from "neoblast";
import { createEngine } from "neoblast/node";
import { BpttTrainer, composeTask, resolveGrowingConfig } from "neoblast/train";

const grid = [18, 18];
// All cells live: nothing in the loss asks for a picture that keeps them alive.
const { distill } = picturePresets;
const conventions = splitRule({ ...distill, hidden: [64], alive: { ...distill.alive, mask: "none" } });
const { rule } = conventions;
const [height, width] = grid;

/** What channel 0 of a cell shall be: a disc of rings of four cells. */
function rings(y, x) {
  const radius = Math.hypot(y - height / 2, x - width / 2);
  return radius < 7 ? 0.5 + 0.5 * Math.cos((2 * Math.PI * radius) / 4) : 0;
}

/**
 * Mean square distance of channel 0 from the rings. `state` is the window outside which the state is zero.
 *
 * @returns the loss, and adds `scale` times its slope to `sink.data`, which has the shape of the window.
 */
function ringLoss(state, _sample, sink) {
  const cells = height * width;
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [row, column] = [y - state.top, x - state.left];
      const inside = row >= 0 && row < state.height && column >= 0 && column < state.width;
      const i = (row * state.width + column) * rule.channels;
      const difference = (inside ? state.data[i] : 0) - rings(y, x);
      sum += difference ** 2 / cells;
      if (inside && sink) sink.data[i] += (sink.scale * 2 * difference) / cells;
    }
  }
  return sum;
}

const seed = 1;
const task = composeTask({
  rule,
  grid,
  start: startState(conventions, grid),
  memory: { kind: "pool", size: 32, reseed: 1, damaged: 0, switched: 0, damage: ["circle"] },
  // The first is reported as the loss; others are minimised with it.
  terms: [{ name: "rings", weight: 1, loss: ringLoss }],
  seed,
});

const engine = await createEngine();
const { training } = resolveGrowingConfig();
const settings = { ...training, steps: 160, batch: 4, rollout: [16, 24], learningRate: 1e-2, warmup: 5 };
const parameters = initialParameters(rule, seed);
const trainer = new BpttTrainer({ engine, rule, grid, parameters, task, settings, seed });
let sum = 0;
for await (const { step, loss } of trainer) {
  sum += loss;
  if (step % 40 < 39) continue;
  console.log(`up to step ${step + 1}: mean loss ${(sum / 40).toFixed(4)}`);
  sum = 0;
}
await engine.dispose();
