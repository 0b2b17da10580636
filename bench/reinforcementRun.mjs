// One training of `reinforcement.mjs`, on one thread. Reads JSON: {"config": ..., "target": the picture on its grid,
// "moments": how often to measure, "evaluation": {"seed", "samples", "steps"}}. Prints a line of JSON at each moment, and
// one at the end. Wants `--expose-gc`, so that what is left of one thing is not taken for a part of the next.
import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { seedState, splitRule } from "../dist/index.js";
import { createGrowing, createReinforcement, DivergedError } from "../dist/index.train.js";
import { createEngine } from "../dist/node/engine.js";

const { config, target: picture, moments, evaluation } = JSON.parse(await text(process.stdin));
const tell = (value) => void process.stdout.write(`${JSON.stringify(value)}\n`);

const { rule, training } = config;
const { grid } = picture;
const target = Float32Array.from(picture.data);
const engine = await createEngine({ threads: 1 });
const trainer = await ("recipe" in config ? createGrowing : createReinforcement)({
  engine,
  config,
  target: { grid, data: target },
});

const spent = { seconds: 0, cpuSeconds: 0, cellUpdates: 0 };
/** Most memory before training, in training and in measuring, in bytes. */
const held = { idle: 0, training: 0, measuring: 0 };
let gaveUp = false;
const stops = new Set(
  Array.from({ length: moments }, (_, i) => Math.round(((i + 1) * training.steps) / moments)),
);
await look();
let since = cpuSeconds();
try {
  for await (const { step, seconds, cellUpdates } of trainer) {
    spent.seconds += seconds;
    spent.cellUpdates += cellUpdates;
    if (!stops.has(step + 1)) continue;
    spent.cpuSeconds += cpuSeconds() - since;
    await look();
    since = cpuSeconds();
  }
} catch (error) {
  if (!(error instanceof DivergedError)) throw error;
  gaveUp = true;
  spent.cpuSeconds += cpuSeconds() - since;
  await look();
}
await engine.dispose();
const mebibytes = Object.entries(held).map(([what, bytes]) => [`${what}MiB`, bytes / 2 ** 20]);
tell({ skipped: trainer.skipped, gaveUp, ...Object.fromEntries(mebibytes) });

/** Measures the model as it is now, and what it took to get there. None of this counts as training. */
async function look() {
  const before = memoryPeak();
  if (trainer.step > 0) held.training = Math.max(held.training, before);
  const errors = await evaluate();
  held.measuring = Math.max(held.measuring, memoryPeak());
  if (trainer.step === 0) held.idle = memoryPeak();
  tell({ step: trainer.step, ...spent, errors });
}

/** Mean error after each of the steps asked for; null in JSON where a run is not finite. */
async function evaluate() {
  const { seed, samples, steps } = evaluation;
  const start = seedState(splitRule(rule), grid);
  const rollout = await engine.rollout({
    rule,
    grid,
    parameters: trainer.model,
    states: Array.from({ length: samples }, () => start),
    steps: Math.max(...steps),
    seed,
    compare: { target, readout: rule.image, steps, measure: "squared-error" },
  });
  const { compared } = await rollout.stats();
  return steps.map((_, i) => compared.reduce((sum, errors) => sum + errors[i], 0) / samples);
}

/** What all threads of this process have computed, which other work on the machine does not lengthen. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Most memory of this process since it was last asked, in bytes: so can what training holds be told from what measuring
 * adds. Only Linux can begin anew; elsewhere it is the most since the process began.
 */
function memoryPeak() {
  globalThis.gc?.();
  try {
    const [, kib] = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    writeFileSync("/proc/self/clear_refs", "5");
    return 1024 * Number(kib);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}
