// Trains the recipes and presets, and measures how well they grow, stay and heal:
// npm run bench:quality [-- --json] [--only NAME] [--models FOLDER] [--threads N]. Needs a build, and hours.
// With --models, what has a model in FOLDER/NAME is measured as it is; others are trained there, or resumed.
// Exit status 1 where something fails; a missed bound is only reported.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { modelTarget } from "../dist/cli/modelTarget.js";
import { evaluate } from "../dist/index.js";
import { createEngine, loadModel } from "../dist/node/index.js";
import { MetricsLog } from "../dist/node/metricsLog.js";
import { errorText, ratioText } from "../dist/render/evaluation.js";
import { VERSION } from "../dist/version.js";
import { formatCase, formatMachine, row } from "./report.mjs";

/** Minutes of training; how far the error may grow from step 200 to 10,000; how much of it a cut may leave behind. */
const MINUTES = { atMost: 15 };
const HELD = { atMost: 2 };
const HEALED = { atMost: 3 };

/** What is trained (`neoblast grow`), and which bounds are its own. */
const CASES = {
  growing: { train: ["🦎", "--recipe", "growing"], minutes: MINUTES },
  persistent: { train: ["🦎", "--recipe", "persistent"], minutes: MINUTES, held: HELD },
  regenerating: { train: ["🦎", "--recipe", "regenerating"], minutes: MINUTES, healed: HEALED },
  "regenerating-butterfly": { train: ["🦋", "--recipe", "regenerating"], minutes: MINUTES, healed: HEALED },
  "regenerating-face": { train: ["😀", "--recipe", "regenerating"], minutes: MINUTES, healed: HEALED },
  "regenerating-fish": { train: ["🐠", "--recipe", "regenerating"], minutes: MINUTES, healed: HEALED },
  tutorial: { train: ["🦎", "--preset", "tutorial", "--steps", "1500"] },
  cax: { train: ["🦎", "--preset", "cax", "--steps", "1500"] },
};

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: Object.keys(CASES) },
    models: { type: "string" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const { json, only, models } = values;
const threads = Number(values.threads);
const unknown = only.find((name) => !(name in CASES));
if (unknown !== undefined) {
  process.stderr.write(`no case ${unknown}; there are ${Object.keys(CASES).join(", ")}\n`);
  process.exit(2);
}

const bin = fileURLToPath(new URL("../bin/neoblast.js", import.meta.url));
const say = (text) => void (process.stderr.isTTY && process.stderr.write(`  ... ${text}\n`));
const print = (text) => void (json || process.stdout.write(`${text}\n`));

/** Runs `neoblast grow`, whose progress is seen. */
function grow(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, "grow", ...args, "--threads", String(threads)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`training ended with ${signal ?? `exit status ${code}`}`)),
    );
  });
}

/** Steps and seconds of a training; how many steps were skipped because every cell died, and because numbers exploded. */
async function trainingOf(folder) {
  const metrics = await new MetricsLog(join(folder, "metrics.jsonl")).read();
  return {
    steps: metrics.length,
    seconds: metrics.reduce((sum, { seconds }) => sum + seconds, 0),
    dead: metrics.filter(({ skipped, gradientNorm }) => skipped && gradientNorm === 0).length,
    exploded: metrics.filter(({ skipped, gradientNorm }) => skipped && gradientNorm !== 0).length,
  };
}

async function evaluationOf(folder) {
  const model = await loadModel(folder);
  const { grid, data } = await modelTarget(folder, model, {});
  const { rule, parameters, start } = model;
  const engine = await createEngine({ threads });
  try {
    return await evaluate({ engine, rule, parameters, start, grid, target: data });
  } finally {
    await engine.dispose();
  }
}

/** Largest of the shares of runs that came to a bad end. */
const lost = ({ died, overgrown, diverged }) => Math.max(died ?? 0, overgrown ?? 0, diverged);
const errorAt = ({ growth }, step) => growth.errors.find((errors) => errors.step === step).mean;

/** What is bounded or worth a line. Numbers that a diverged run left without a value are NaN, and bounds missed. */
function rowsOf({ minutes, held, healed }, training, { angles: [straight] }) {
  const { growth, recovery } = straight;
  const held10000 = (errorAt(straight, 10_000) ?? NaN) / (errorAt(straight, 200) ?? NaN);
  const worst = Math.max(...recovery.map(({ ratio }) => ratio ?? NaN));
  return [
    ...(training.steps > 0
      ? [
          row("training", training.seconds / 60, "minutes", minutes),
          row("training steps that exploded", training.exploded, "", minutes && { atMost: 0 }),
          row("training steps in which every cell died", training.dead, ""),
        ]
      : []),
    row("error at step 10,000 over that at 200", held10000, "times", held),
    row("largest error after a cut over that without", worst, "times", healed),
    row("runs that died, overgrew or diverged", 100 * lost(growth), "%"),
    row("the same after the worst cut", 100 * Math.max(...recovery.map(lost)), "%"),
  ];
}

/** All cases as a Markdown table: errors by step, ratios by cut, errors by angle. */
function markdown(cases) {
  const head = ["", "trained in", "96", "200", "1,000", "10,000"];
  const cuts = ["left", "right", "top", "bottom", "hole", "circle"];
  const lines = cases.map(({ name, training, evaluation: { angles } }) => {
    const [straight, ...turned] = angles;
    return [
      name,
      training.steps > 0 ? `${(training.seconds / 60).toFixed(1)} min` : "",
      ...straight.growth.errors.map(({ mean }) => errorText(mean)),
      ...straight.recovery.map(({ ratio }) => (ratio === null ? "" : ratioText(ratio))),
      ...turned.map((angle) => errorText(errorAt(angle, 200))),
    ];
  });
  const table = [
    [...head, ...cuts, "30°", "90°"],
    Array.from({ length: 14 }, (_, i) => (i === 0 ? "---" : "--:")),
  ];
  return [...table, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const machine = describeMachine();
print(`Neoblast ${VERSION} on ${formatMachine(machine)}; ${threads} threads`);
const place = models ?? mkdtempSync(join(tmpdir(), "neoblast-quality-"));
const cases = [];
try {
  mkdirSync(place, { recursive: true });
  for (const name of only) {
    const { train, ...bounds } = CASES[name];
    const title = `${name}: neoblast grow ${train.join(" ")}`;
    const folder = join(place, name);
    try {
      const has = (file) => existsSync(join(folder, file));
      // The page is what a run writes last.
      if (has("config.json") && !has("player.html")) await grow(["--resume", folder]);
      else if (!has("model.safetensors")) await grow([...train, "--out", folder]);
      say(`measuring ${name}`);
      const training = await trainingOf(folder);
      const evaluation = await evaluationOf(folder);
      cases.push({ name, title, training, evaluation, rows: rowsOf(bounds, training, evaluation) });
    } catch (error) {
      cases.push({ name, title, failed: error.message });
      process.exitCode = 1;
    }
    print(formatCase(cases.at(-1)));
  }
} finally {
  if (models === undefined) rmSync(place, { recursive: true, force: true });
}
const measured = cases.filter(({ failed }) => failed === undefined);
if (measured.length > 0) {
  print("\nMean squared error at steps; after cuts, over that without; turned, at step 200\n");
  print(markdown(measured));
}
if (json) process.stdout.write(`${JSON.stringify({ version: VERSION, machine, threads, cases }, null, 2)}\n`);
