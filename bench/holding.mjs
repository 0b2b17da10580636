// How well a model holds its picture: mean and worst MSE over four seeds, up to 10,000 steps after the seed cell.
// Usage: node bench/holding.mjs MODEL [TARGET] [SIZE] [PADDING]
import { imageLoss, seedState } from "../dist/index.js";
import { createEngine, loadModel, loadTarget } from "../dist/node/index.js";

const [path, source = "🦎", size = "40", padding = "16"] = process.argv.slice(2);
const { rule, parameters } = await loadModel(path);
const { premultiplied } = rule.image;
const { grid, data } = await loadTarget(source, {
  size: Number(size),
  padding: Number(padding),
  premultiplied,
});
const engine = await createEngine();
let states = Array.from({ length: 4 }, () => seedState(rule, grid));
let done = 0;
for (const step of [64, 96, 200, 1000, 10000]) {
  const request = { rule, grid, parameters, states, steps: step - done, firstStep: done, seed: 1 };
  states = (await engine.rollout(request)).final;
  done = step;
  const errors = await Promise.all(states.map(async (state) => imageLoss(await state.read(), data, rule)));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  console.log(`${String(step).padStart(6)} ${mean.toExponential(1)} ${Math.max(...errors).toExponential(1)}`);
}
await engine.dispose();
