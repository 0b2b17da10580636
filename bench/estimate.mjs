// How well the gradient that OpenES estimates points along the one that backpropagation gives for the same smoothed
// loss, E[loss(mean + sigma * noise)], against the population. Usage: node bench/estimate.mjs [--json] [--quick]. Needs a
// build and a few minutes; with --quick, which only shows that it works, seconds.
import { parseArgs } from "node:util";
import { seedState, splitRule } from "../dist/index.js";
import { createGrowing, resolveEvolutionConfig, resolveGrowingConfig } from "../dist/index.train.js";
import { createEngine, loadTarget } from "../dist/node/index.js";
import { centredRanks } from "../dist/train/evolution/ranks.js";
import { createStrategy } from "../dist/train/evolution/settings.js";
import { pictureLoss } from "../dist/train/loss/loss.js";
import { rampAt } from "../dist/train/ramp.js";

const { values: options } = parseArgs({
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const { quick } = options;
const print = (text) => void (options.json || process.stdout.write(`${text}\n`));

const SIGMAS = [1e-3, 1e-2];
const POPULATIONS = quick ? [4] : [16, 64, 256, 1024, 4096, 16384];
/** Generations over which a cosine is averaged. */
const REPEATS = quick ? 1 : 4;
/** Draws of the noise over which backpropagation is averaged. */
const DRAWS = quick ? 4 : 2048;
const GROUP = quick ? 4 : 64;
const SEED = 0;
const TRAINED = quick ? 1 : 100;

const { rule, target, training } = resolveEvolutionConfig();
const steps = rampAt(training.rollout, 0);
const picture = await loadTarget(target.source, { ...target, premultiplied: rule.image.premultiplied });
const { grid } = picture;
const engine = await createEngine();
const error = pictureLoss(splitRule(rule), grid, picture.data);
const start = seedState(splitRule(rule), grid);
const run = (parameters, record) =>
  engine.rollout({
    rule,
    grid,
    parameters,
    states: parameters.map(() => start),
    steps,
    seed: SEED,
    sampleIds: parameters.map(() => 0),
    record,
  });

/** An automaton on its way: some steps of backpropagation on the same picture. */
async function begun() {
  const config = resolveGrowingConfig({
    recipe: "growing",
    overrides: {
      target,
      rule,
      initial: "random",
      training: {
        steps: TRAINED,
        rollout: [steps, steps],
        average: null,
        validation: null,
        loss: { coordinates: 0 },
      },
    },
  });
  const trainer = createGrowing({ engine, config, target: picture });
  for await (const { step } of trainer) if (step === TRAINED - 1) break;
  return trainer.model;
}

/** Mean gradient over draws of the noise. */
async function backpropagated(strategy, search) {
  const sum = new Float64Array(search.mean.length);
  for (let first = 0; first < DRAWS; first += GROUP) {
    const members = Array.from({ length: GROUP }, (_, i) => strategy.ask(search, REPEATS, first + i));
    const rollout = await run(members, true);
    const windows = await engine.read(rollout.final);
    const cotangents = windows.map((window, sample) => {
      const { data: _, livingCells: __, ...box } = window;
      const data = new Float32Array(window.data.length);
      error(window, { data, scale: 1 });
      return { sample, step: steps, data, box };
    });
    const { parameters } = await rollout.backward({ cotangents });
    for (const gradient of parameters) gradient.forEach((value, i) => (sum[i] += value / DRAWS));
    rollout.dispose();
  }
  return sum;
}

/** Estimates from one generation: with losses as they are, and with their ranks. */
async function estimated(strategy, search, population, generation) {
  const losses = new Float64Array(population);
  for (let first = 0; first < population; first += GROUP) {
    const count = Math.min(GROUP, population - first);
    const { final } = await run(
      Array.from({ length: count }, (_, i) => strategy.ask(search, generation, first + i)),
      false,
    );
    for (const [i, window] of (await engine.read(final)).entries()) losses[first + i] = error(window);
  }
  const ranks = centredRanks(losses);
  const raw = new Float64Array(search.mean.length);
  const shaped = new Float64Array(search.mean.length);
  for (let member = 0; member < population; member++) {
    strategy.ask(search, generation, member).forEach((value, i) => {
      const noise = value - search.mean[i];
      raw[i] += losses[member] * noise;
      shaped[i] += ranks[member] * noise;
    });
  }
  return { raw, shaped };
}

function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return dot / Math.sqrt(aa * bb);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const parameters = await begun();
const rows = [];
print(`${parameters.length} parameters, ${grid.join(" x ")} cells, ${steps} steps`);
for (const sigma of SIGMAS) {
  const settings = { ...training.strategy, kind: "open-es", sigma };
  const strategyOf = (population) =>
    createStrategy(settings, { population, seed: SEED, generations: REPEATS + 1 });
  const search = strategyOf(DRAWS).init(parameters);
  const gradient = await backpropagated(strategyOf(DRAWS), search);
  print(
    `sigma ${sigma}: population, cosine of losses, of ranks, sqrt(n / (n + d)) for n pairs in d dimensions`,
  );
  for (const population of POPULATIONS) {
    const strategy = strategyOf(population);
    const cosines = [];
    for (let generation = 0; generation < REPEATS; generation++) {
      const { raw, shaped } = await estimated(strategy, search, population, generation);
      cosines.push([cosine(raw, gradient), cosine(shaped, gradient)]);
    }
    const [raw, shaped] = [0, 1].map((i) => mean(cosines.map((pair) => pair[i])));
    const pairs = population / 2;
    const ideal = Math.sqrt(pairs / (pairs + parameters.length));
    rows.push({ sigma, population, raw, shaped, ideal });
    print(
      `  ${String(population).padStart(6)}  ${[raw, shaped, ideal].map((value) => value.toFixed(3)).join("  ")}`,
    );
  }
}
if (options.json) process.stdout.write(`${JSON.stringify({ parameters: parameters.length, steps, rows })}\n`);
await engine.dispose();
