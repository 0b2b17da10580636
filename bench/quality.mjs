// Trains the recipes and presets, and measures how well they grow, stay and heal:
// npm run bench:quality [-- --json] [--only NAME] [--models FOLDER] [--threads N] [--quick]. Needs a build, and hours.
// With --models, what has a model in FOLDER/NAME is measured as it is; others are trained there, or resumed.
// With --set, the same for the pictures of bench/pictures (bench/pictures/command.mjs says how); with --textures, for the
// materials of the shelf (bench/textures.mjs).
// With --quick, in small, which shows that it works. Exit status 1 where something fails; a missed bound is only reported.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { modelTarget } from "../dist/cli/modelTarget.js";
import { evaluate } from "../dist/index.js";
import { createEngine, loadModel } from "../dist/node/index.js";
import { errorText, ratioText } from "../dist/render/evaluation.js";
import { VERSION } from "../dist/version.js";
import { setCommand } from "./pictures/command.mjs";
import { formatCase, formatMachine, lost, markdownTable, row } from "./report.mjs";
import { texturesCommand } from "./textures.mjs";
import { trainIn, trainingOf } from "./trainings.mjs";

if (process.argv.includes("--set")) process.exit(await setCommand(process.argv.slice(2)));
if (process.argv.includes("--textures")) process.exit(await texturesCommand(process.argv.slice(2)));

/** Minutes of training; how far the error may grow from step 200 to 10,000; how much of it damage may leave behind. */
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

/** Words that make a training small, and amounts that make a measurement so. */
const SMALL = "--size 8 --padding 4 --steps 2 --batch 4 --rollout 4..5".split(" ");
const FEW = { runs: 1, angles: [0, 30, 90] };

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: Object.keys(CASES) },
    models: { type: "string" },
    threads: { type: "string", default: String(availableParallelism()) },
    quick: { type: "boolean", default: false },
  },
});
const { json, only, models, quick } = values;
const threads = Number(values.threads);
const unknown = only.find((name) => !(name in CASES));
if (unknown !== undefined) {
  process.stderr.write(`no case ${unknown}; there are ${Object.keys(CASES).join(", ")}\n`);
  process.exit(2);
}

const say = (text) => void (process.stderr.isTTY && process.stderr.write(`  ... ${text}\n`));
const print = (text) => void (json || process.stdout.write(`${text}\n`));

async function evaluationOf(folder) {
  const model = await loadModel(folder);
  const { grid, data } = await modelTarget(folder, model, {});
  const { rule, readout, start, parameters } = model;
  const engine = await createEngine({ threads });
  try {
    return await evaluate({
      engine,
      rule,
      readout,
      start,
      parameters,
      grid,
      target: data,
      ...(quick && FEW),
    });
  } finally {
    await engine.dispose();
  }
}

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
    row("largest error after damage over that without", worst, "times", healed),
    row("runs that died, overgrew or diverged", 100 * lost(growth), "%"),
    row("the same after the worst damage", 100 * Math.max(...recovery.map(lost)), "%"),
  ];
}

/** All cases as a Markdown table: errors by step, ratios by damage, errors by angle. */
function markdown(cases) {
  const head = ["", "trained in", "96", "200", "1,000", "10,000"];
  const damage = ["left", "right", "top", "bottom", "hole", "circle"];
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
  return markdownTable([...head, ...damage, "30°", "90°"], lines);
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
      await trainIn(folder, quick ? [...train, ...SMALL] : train, { threads });
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
  print("\nMean squared error at steps; after damage, over that without; turned, at step 200\n");
  print(markdown(measured));
}
if (json) process.stdout.write(`${JSON.stringify({ version: VERSION, machine, threads, cases }, null, 2)}\n`);
