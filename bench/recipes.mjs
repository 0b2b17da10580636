// Compares training recipes by the work they need: cell updates until the loss, averaged over 50 training steps,
// falls below 1e-3. Work, unlike time, is the same in every run. Usage: node bench/recipes.mjs [--quick] [NAME...],
// where --quick takes one step of each on a small picture, which shows that it works.
import { parseArgs } from "node:util";
import { createGrowing, resolveGrowingConfig } from "../dist/index.train.js";
import { createEngine, loadTarget } from "../dist/node/index.js";

const adam = { batch: 4, rollout: [48, 64], optimizer: { kind: "adam" }, learningRate: 4e-3, steps: 1500 };
const rising = { from: [32, 40], to: [48, 64], over: 300 };
const muon = { batch: 2, rollout: rising, optimizer: { kind: "muon" }, learningRate: 8e-3, steps: 1500 };

/** What differs from the default configuration, by name. */
const RECIPES = {
  "adam, batch 4": adam,
  "adam, batch 4, learning rate 8e-3": { ...adam, learningRate: 8e-3 },
  "adam, batch 2": { ...adam, batch: 2 },
  "adam, batch 2, 6e-3, rising rollouts": { ...adam, batch: 2, learningRate: 6e-3, rollout: rising },
  "adam, batch 1": { ...adam, batch: 1, pool: { size: 64, reseed: 0.25 } },
  "adam, batch 4, loss at many steps": { ...adam, loss: { placement: "mean", from: 0.5, every: 4 } },
  "muon, batch 4": { ...adam, optimizer: { kind: "muon", iterations: 5 } },
  "muon, batch 2, 2e-3": {
    ...muon,
    rollout: [48, 64],
    optimizer: { kind: "muon", iterations: 5 },
    learningRate: 2e-3,
  },
  "muon, batch 2, 4e-3": {
    ...muon,
    rollout: [48, 64],
    optimizer: { kind: "muon", iterations: 5 },
    learningRate: 4e-3,
  },
  "muon, batch 2, 8e-3, rising": { ...muon, optimizer: { kind: "muon", iterations: 5 } },
  "muon, batch 2, 12e-3, rising": {
    ...muon,
    optimizer: { kind: "muon", iterations: 5 },
    learningRate: 12e-3,
  },
  "muon, 8e-3, no normalisation": {
    ...muon,
    optimizer: { kind: "muon", iterations: 5 },
    gradient: { normalize: false, clip: null },
  },
  "muon, 8e-3, momentum 0.9": { ...muon, optimizer: { kind: "muon", iterations: 5, momentum: 0.9 } },
  "muon, 8e-3, 3 iterations": { ...muon, optimizer: { kind: "muon", iterations: 3 } },
  "muon, 6e-3, 3 iterations": { ...muon, optimizer: { kind: "muon", iterations: 3 }, learningRate: 6e-3 },
};

/** Cell updates, in millions, after which a recipe that has not arrived is given up. */
const LIMIT = 80;
const WINDOW = 50;

const {
  values: { quick },
  positionals: wanted,
} = parseArgs({ options: { quick: { type: "boolean", default: false } }, allowPositionals: true });

function configOf(training) {
  return resolveGrowingConfig({
    overrides: {
      ...(quick && { target: { size: 16, padding: 6 } }),
      initial: "random",
      training: {
        schedule: { kind: "cosine", final: 0.02, waves: 1 },
        average: null,
        pool: { size: 128, kept: null },
        work: null,
        validation: null,
        ...training,
        loss: { overflow: 0, coordinates: 0, ...training.loss },
      },
    },
  });
}

async function measure(training, target) {
  const config = configOf(training);
  const trainer = createGrowing({ engine, config, target });
  const losses = [];
  let updates = 0;
  let mean = NaN;
  for await (const { loss, cellUpdates } of trainer) {
    updates += cellUpdates / 1e6;
    losses.push(loss);
    const recent = losses.slice(-WINDOW);
    mean = recent.reduce((sum, value) => sum + value, 0) / recent.length;
    if (losses.length >= WINDOW && mean < 1e-3) return { updates, steps: losses.length, mean };
    if (quick || updates > LIMIT) break;
  }
  return { updates: Infinity, steps: losses.length, mean };
}

const { rule, target: picture } = configOf({});
const target = await loadTarget(picture.source, { ...picture, premultiplied: rule.image.premultiplied });
const engine = await createEngine();
for (const [name, training] of Object.entries(RECIPES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { updates, steps, mean } = await measure(training, target);
  const work = Number.isFinite(updates) ? `${updates.toFixed(0)} M` : `not reached`;
  console.log(
    `${name.padEnd(40)} ${work.padStart(12)} ${String(steps).padStart(6)} steps  ${mean.toExponential(2)}`,
  );
}
await engine.dispose();
