// When training with damage explodes, and what prevents it: the two settings of a replication that reports exploding
// gradients (16 samples of which 4 are damaged, 64 steps; 4 samples of which 1, 128 steps), then each remedy at rising
// learning rates, then our own recipe, but for coordinates and bands, with and without its overflow loss.
// Usage: node bench/stability.mjs [--curves FILE.svg] [--json] [--quick]. Takes a quarter of an hour on two cores; with
// --quick, which only shows that it works, seconds.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as Plot from "@observablehq/plot";
import { createGrowing, DivergedError, resolveGrowingConfig } from "../dist/index.train.js";
import { createEngine, loadTarget } from "../dist/node/index.js";
import { chart, headings, thinned, wholeNumber } from "../dist/render/chart.js";
import { colours } from "../dist/render/theme.js";

const { values: options } = parseArgs({
  options: {
    curves: { type: "string" },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

/** Adam and nothing else, on a smiley of 16 cells. */
const BARE = {
  learningRate: 2e-3,
  schedule: { kind: "constant" },
  warmup: 0,
  gradient: { normalize: false, clip: null },
  loss: { overflow: 0 },
};
const QUICK = { batch: 2, rollout: [4, 4], pool: { size: 8, damaged: 1 } };
const FAILING = options.quick ? QUICK : { batch: 16, rollout: [64, 64], pool: { size: 1024, damaged: 4 } };
const WORKING = options.quick ? QUICK : { batch: 4, rollout: [128, 128], pool: { size: 1024, damaged: 1 } };
const SWEEP = [5e-3, 1e-2];
const normalize = { normalize: true, clip: null };
const REMEDIES = {
  none: {},
  "warm-up over 100 steps": { warmup: 100 },
  "clipping to norm 0.1": { gradient: { normalize: false, clip: 0.1 } },
  "overflow loss": { loss: { overflow: 0.1 } },
  "per-tensor normalisation": { gradient: normalize },
  "normalisation and overflow loss": { gradient: normalize, loss: { overflow: 0.1 } },
  "both and warm-up": { gradient: normalize, loss: { overflow: 0.1 }, warmup: 100 },
};
const [LONG, SHORT, FISH] = options.quick ? [2, 1, 1] : [400, 150, 1000];
const HALVES = ["half-left", "half-right", "half-top", "half-bottom"];
const WOUNDS = ["circle", "circle", "circle", "circle", "hole", "hole", ...HALVES];

const engine = await createEngine();
const SMILEY = { source: "😝", size: 16, padding: 8 };
const OTHER = { source: "🐠", ...(options.quick && { size: 16, padding: 8 }) };
const pictures = Object.fromEntries(
  await Promise.all(
    [SMILEY, OTHER].map(async (target) => {
      const { target: whole } = resolveGrowingConfig({ overrides: { target } });
      return [target.source, await loadTarget(whole.source, { ...whole, premultiplied: true })];
    }),
  ),
);

/** Trains, and says how it went. */
async function train(preset, target, training, steps) {
  const overrides = { target, initial: "random", training: { validation: null, ...training } };
  const config = resolveGrowingConfig({ preset, recipe: "regenerating", overrides });
  const trainer = createGrowing({ engine, config, target: pictures[target.source] });
  const events = [];
  let gaveUp = false;
  try {
    for await (const { step, loss, gradientNorm, skipped = false } of trainer) {
      events.push({ step, loss, gradientNorm, skipped });
      if (events.length === steps) break;
    }
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    gaveUp = true;
  }
  const good = events.filter(({ skipped }) => !skipped);
  const tail = good.slice(-50).map(({ loss }) => loss);
  return {
    events,
    gaveUp,
    skipped: trainer.skipped,
    largest: Math.max(...good.map(({ gradientNorm }) => gradientNorm)),
    loss: tail.reduce((sum, loss) => sum + loss, 0) / tail.length,
  };
}

const report = [];
function tell(setting, remedy, learningRate, steps, { gaveUp, skipped, largest, loss }) {
  report.push({ setting, remedy, learningRate, steps, gaveUp, skipped, largest, loss });
  if (options.json) return;
  const end = gaveUp ? "gave up" : loss.toExponential(1);
  const row = [setting, remedy, learningRate, steps, skipped, largest.toFixed(1), end];
  console.log(`| ${row.join(" | ")} |`);
}

if (!options.json) {
  console.log("| setting | remedy | learning rate | steps | skipped | largest gradient norm | loss |");
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
}
const settings = [];
for (const { name, colour, ...training } of [
  { name: "16/4/64", colour: "#c8553d", ...FAILING },
  { name: "4/1/128", colour: colours.accent, ...WORKING },
]) {
  for (const learningRate of [2e-3, 5e-3]) {
    const outcome = await train("article", SMILEY, { ...BARE, ...training, learningRate }, LONG);
    tell(name, "none", learningRate, LONG, outcome);
    const dash = learningRate === 2e-3 ? [] : [4, 3];
    settings.push({ ...outcome, name: `${name} at ${learningRate}`, colour, dash });
  }
}
for (const [remedy, change] of Object.entries(REMEDIES)) {
  for (const learningRate of SWEEP) {
    const training = { ...BARE, ...FAILING, ...change, learningRate };
    tell("16/4/64", remedy, learningRate, SHORT, await train("article", SMILEY, training, SHORT));
  }
}
/** At which our recipe learned when this was asked. */
const RATE = 6e-3;
const recipes = [];
for (const [name, loss, colour] of [
  ["no overflow loss", { overflow: 0 }, "#c8553d"],
  ["as it is", {}, colours.accent],
]) {
  const training = { learningRate: RATE, loss: { ...loss, coordinates: 0 }, pool: { damage: WOUNDS } };
  const outcome = await train("distill", OTHER, training, FISH);
  tell("our recipe, 🐠", name, RATE, FISH, outcome);
  recipes.push({ ...outcome, name, colour });
}
await engine.dispose();
if (options.json) console.log(JSON.stringify(report, null, 2));
if (options.curves) {
  const gaps = "gaps are steps that were skipped";
  const panels = [
    panel("Loss", "batch/damaged/steps, Adam without any remedy, 😝 of 16 cells", "loss", settings),
    panel("Norm of the gradient", gaps, "gradientNorm", settings),
    panel("Loss", "our regenerating recipe, 🐠 of 40 cells", "loss", recipes),
    panel("Norm of the gradient", gaps, "gradientNorm", recipes),
  ];
  writeFileSync(options.curves, chart(panels));
}

/** One measure of several trainings over their steps. */
function panel(title, subtitle, key, curves) {
  const last = Math.max(...curves.map(({ events }) => events.length));
  return {
    legend: curves,
    plot: {
      height: 340,
      marginTop: 88,
      marginRight: 196,
      marginBottom: 64,
      marginLeft: 72,
      x: { domain: [0, last] },
      y: { type: "log" },
      marks: [
        Plot.gridY({ stroke: colours.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({ tickSize: 0, tickPadding: 12, ticks: 5, label: null, tickFormat: "~g" }),
        Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: 6, tickFormat: wholeNumber, label: null }),
        ...headings(title, subtitle),
        Plot.text(["training step"], { frameAnchor: "bottom-right", dy: 46 }),
        ...curves.map(({ events, colour, dash = [] }) => {
          const points = events.map(({ step, [key]: value }) => ({ step, value: value > 0 ? value : NaN }));
          const style = { stroke: colour, strokeWidth: 1.25, strokeDasharray: dash.join(" ") };
          return Plot.lineY(
            thinned(points, ({ value }) => value, 500),
            { x: "step", y: "value", ...style },
          );
        }),
      ],
    },
  };
}
