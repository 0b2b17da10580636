// An optimiser of one's own: Lion (Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023), in place of the
// one that the settings name. An optimiser is two pure functions; what it carries along is kept in checkpoints.
import { initialParameters, picturePresets, splitRule, targetFromRgba } from "neoblast";
import { createEngine } from "neoblast/node";
import { BpttTrainer, oneGoal, pictureTask, resolveGrowingConfig } from "neoblast/train";

/** p -= learningRate * sign(beta1 * m + (1 - beta1) * g); m = beta2 * m + (1 - beta2) * g. */
function lion({ beta1 = 0.9, beta2 = 0.99 } = {}) {
  return {
    init(table) {
      const length = table.reduce((sum, { size }) => sum + size, 0);
      return { count: 0, tensors: { mean: new Float32Array(length) } };
    },
    update(_table, parameters, gradient, { count, tensors: { mean } }, learningRate) {
      const direction = (g, i) => Math.sign(beta1 * mean[i] + (1 - beta1) * g);
      return {
        parameters: parameters.map((p, i) => p - learningRate * direction(gradient[i], i)),
        state: {
          count: count + 1,
          tensors: { mean: mean.map((m, i) => beta2 * m + (1 - beta2) * gradient[i]) },
        },
      };
    },
  };
}

/** A red disc on 12 x 12 pixels. */
const pixels = Uint8Array.from({ length: 12 * 12 * 4 }, (_, i) => {
  const [y, x, channel] = [Math.floor(i / 48) - 5.5, (Math.floor(i / 4) % 12) - 5.5, i % 4];
  return y * y + x * x > 30 ? 0 : [220, 60, 40, 255][channel];
});
const { rule, readout, start } = splitRule({ ...picturePresets.distill, hidden: [32] });
const { premultiplied } = readout;
const { grid, data } = targetFromRgba(
  { width: 12, height: 12, data: pixels },
  { size: 12, padding: 4, premultiplied },
);

const engine = await createEngine();
const seed = 3;
const { training } = resolveGrowingConfig();
const trainer = new BpttTrainer({
  engine,
  rule,
  grid,
  parameters: initialParameters(rule, seed),
  task: pictureTask({
    rule,
    readout,
    start,
    grid,
    goals: oneGoal(data),
    pool: { ...training.pool, size: 32 },
    seed,
  }),
  settings: { ...training, steps: 60, batch: 4, rollout: [16, 24], learningRate: 1e-3, warmup: 5 },
  optimizer: lion(),
  seed,
});
for await (const { step, loss } of trainer) {
  if (step % 10 === 9) console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
}
await engine.dispose();
