// When training with damage explodes, and what prevents it: the two settings of a replication that reports exploding
// gradients (16 samples of which 4 are damaged, 64 steps; 4 samples of which 1, 128 steps), then each remedy at rising
// learning rates. Usage: node bench/stability.mjs [--curves FILE.svg] [--json]. Takes half an hour on two cores.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as Plot from "@observablehq/plot";
import { createGrowing, DivergedError, resolveGrowingConfig } from "../dist/index.js";
import { createEngine, loadTarget } from "../dist/node/index.js";
import { chart, headings, thinned, wholeNumber } from "../dist/render/chart.js";
import { colours } from "../dist/render/theme.js";

const { values: options } = parseArgs({
  options: { curves: { type: "string" }, json: { type: "boolean", default: false } },
});

/** Adam and nothing else, on a smiley of 16 cells. */
const BARE = {
  learningRate: 2e-3,
  schedule: { kind: "constant" },
  warmup: 0,
  gradient: { normalize: false, clip: null },
  loss: { overflow: 0 },
};
const FAILING = { batch: 16, rollout: [64, 64], pool: { size: 1024, damaged: 4 } };
const WORKING = { batch: 4, rollout: [128, 128], pool: { size: 1024, damaged: 1 } };
const SWEEP = [2e-3, 5e-3, 1e-2];
const REMEDIES = {
  none: {},
  "warm-up over 100 steps": { warmup: 100 },
  "overflow loss": { loss: { overflow: 1 } },
  "clipping to norm 0.1": { gradient: { normalize: false, clip: 0.1 } },
  "per-tensor normalisation": { gradient: { normalize: true, clip: null } },
  "normalisation and warm-up": { gradient: { normalize: true, clip: null }, warmup: 100 },
};

const engine = await createEngine();
const target = { source: "😝", size: 16, padding: 8 };
const picture = await loadTarget(target.source, { ...target, premultiplied: true });

/** Trains, and says how it went. */
async function train(training, steps) {
  const overrides = { target, training: { ...BARE, ...training, steps } };
  const config = resolveGrowingConfig({ preset: "article", recipe: "regenerating", overrides });
  const trainer = createGrowing({ engine, config, target: picture.data });
  const events = [];
  let gaveUp = false;
  try {
    for await (const { step, loss, gradientNorm, skipped = false } of trainer) {
      events.push({ step, loss, gradientNorm, skipped });
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
const curves = [];
for (const [setting, training, colour] of [
  ["16 samples, 4 damaged, 64 steps", FAILING, "#c8553d"],
  ["4 samples, 1 damaged, 128 steps", WORKING, colours.accent],
]) {
  for (const learningRate of [2e-3, 5e-3]) {
    const steps = 1000;
    const outcome = await train({ ...training, learningRate }, steps);
    tell(setting, "none", learningRate, steps, outcome);
    const dash = learningRate === 2e-3 ? [] : [4, 3];
    curves.push({
      ...outcome,
      name: `${setting.replace(" samples, ", "/").replace(" damaged, ", "/").replace(" steps", "")}, ${learningRate}`,
      colour,
      dash,
    });
  }
}
for (const [remedy, change] of Object.entries(REMEDIES)) {
  for (const learningRate of SWEEP) {
    const steps = 300;
    const outcome = await train({ ...FAILING, ...change, learningRate }, steps);
    tell("16 samples, 4 damaged, 64 steps", remedy, learningRate, steps, outcome);
  }
}
await engine.dispose();
if (options.json) console.log(JSON.stringify(report, null, 2));
if (options.curves) {
  const panels = [
    panel("Loss", "of every training step", "loss"),
    panel("Norm of the gradient", "gaps are steps that were skipped", "gradientNorm"),
  ];
  writeFileSync(options.curves, chart(panels));
}

/** One measure of all curves over the training steps. */
function panel(title, subtitle, key) {
  return {
    legend: curves,
    plot: {
      height: 380,
      marginTop: 88,
      marginRight: 196,
      marginBottom: 64,
      marginLeft: 72,
      x: { domain: [0, 1000] },
      y: { type: "log" },
      marks: [
        Plot.gridY({ stroke: colours.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({ tickSize: 0, tickPadding: 12, ticks: 5, label: null }),
        Plot.axisX({ tickSize: 0, tickPadding: 12, ticks: 6, tickFormat: wholeNumber, label: null }),
        ...headings(title, subtitle),
        Plot.text(["training step"], { frameAnchor: "bottom-right", dy: 46 }),
        ...curves.map(({ events, colour, dash }) => {
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
