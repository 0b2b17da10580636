// When a critic pays. Three ways to train the automaton of `neoblast reinforce`, with everything else the same: by
// backpropagation through 64 to 96 steps; through the horizon only, without a critic; and with one. Then the latter two
// at several horizons and sizes. All runs of a comparison make the same number of automaton steps.
// Usage: node bench/reinforcement.mjs [--out FOLDER] [--seeds N] [--at-once N] [--only arms|sweep] [--json] [--quick],
// or --draw FOLDER for the drawings and tables of what was measured before. Needs a build, and hours; with --quick, which
// only shows that it works, seconds. Runs that the folder has from the same machine, version and settings are kept; take
// another folder after a change of the sources. Exit status 1 where a run fails.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { spreadOf } from "../dist/cli/bench/timed.js";
import { resolveGrowingConfig, resolveReinforcementConfig } from "../dist/index.train.js";
import { writeFileAtomic } from "../dist/node/files.js";
import { loadTarget } from "../dist/node/index.js";
import { errorText } from "../dist/render/evaluation.js";
import { VERSION } from "../dist/version.js";
import { byArm, bySize, drawArms, drawSweep, sizeText } from "./reinforcementChart.mjs";

/** Steps of a rollout, fewest and most. */
const BPTT = [64, 96];
const SIZES = [
  { size: 16, padding: 6 },
  { size: 24, padding: 8 },
];
/** Automaton steps to train, summed over samples, and at how many moments, evenly spread over them, a model is measured. */
const AMOUNTS = {
  full: {
    arms: { budget: 256_000, moments: 16 },
    sweep: { budget: 64_000, moments: 2, horizons: [4, 8, 16, 32], sizes: SIZES },
  },
  quick: {
    arms: { budget: 640, moments: 1 },
    sweep: { budget: 64, moments: 1, horizons: [4], sizes: SIZES.slice(0, 1) },
  },
};
const EVALUATIONS = {
  full: { seed: 12345, samples: 8, steps: [96, 500] },
  quick: { seed: 12345, samples: 1, steps: [8, 16] },
};

const mse = (error) => errorText(Number.isFinite(error) ? error : null);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values) => spreadOf(values).median;
const say = (text) => void process.stderr.write(`${text}\n`);

const { values: options } = parseArgs({
  options: {
    out: { type: "string" },
    draw: { type: "string" },
    seeds: { type: "string" },
    "at-once": { type: "string", default: "2" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});
const { quick, draw, only } = options;
const seeds = wholeNumber("--seeds", options.seeds ?? (quick ? "1" : "3"));
const atOnce = wholeNumber("--at-once", options["at-once"]);
const amounts = AMOUNTS[quick ? "quick" : "full"];
const evaluation = EVALUATIONS[quick ? "quick" : "full"];
const folder = draw ?? options.out ?? `runs/reinforcement${quick ? "-quick" : ""}`;
const print = (text) => void (options.json || console.log(text));

const PARTS = {
  arms: { plan: planArms, drawing: drawArms, table: armsTable },
  sweep: { plan: planSweep, drawing: drawSweep, table: sweepTable },
};
if (only !== undefined && !(only in PARTS)) refuse(`--only must be arms or sweep, not "${only}"`);
const reports = {};
for (const [part, { plan, drawing, table }] of Object.entries(PARTS)) {
  if (only !== undefined && only !== part) continue;
  const file = join(folder, `${part}.json`);
  const report = draw === undefined ? await measure(file, plan(amounts[part])) : reportIn(file);
  const runs = report?.runs.filter(({ points }) => points) ?? [];
  if (runs.length === 0) continue;
  reports[part] = report;
  await writeFileAtomic(join(folder, `${part}.svg`), drawing(runs, report));
  print(`${table(runs, report)}\n`);
}
if (Object.keys(reports).length === 0) refuse(`there is nothing to draw in ${folder}`, 1);
if (options.json) console.log(JSON.stringify(reports, null, 2));

/** The three ways, seed by seed, so that none meets a busier machine than another. */
function planArms({ budget, moments }) {
  const { horizon } = resolveReinforcementConfig().training;
  const plan = Array.from({ length: seeds }, (_, seed) => {
    const overrides = { seed, training: { steps: stepsFor(budget, horizon) } };
    return [
      { arm: "bptt", name: `BPTT, ${BPTT.join(" to ")} steps`, config: growing(seed, budget) },
      { arm: "truncated", name: `truncated, ${horizon} steps`, config: truncated(overrides) },
      { arm: "critic", name: `actor-critic, ${horizon} steps`, config: actorCritic(overrides) },
    ];
  }).flat();
  return { budget, moments, plan };
}

function planSweep({ budget, moments, horizons, sizes }) {
  const { every } = resolveReinforcementConfig().training;
  const plan = sizes.flatMap((target) =>
    horizons.flatMap((horizon) => {
      const judged = divisorOf(every, horizon);
      const training = { steps: stepsFor(budget, horizon), horizon, every: judged };
      return [
        { arm: "truncated", name: "truncated", config: truncated({ target, training }) },
        {
          arm: "critic",
          name: "actor-critic",
          config: actorCritic({ target, training }),
        },
      ];
    }),
  );
  return { budget, moments, plan };
}

function actorCritic(overrides) {
  return resolveReinforcementConfig({ overrides });
}

function truncated({ training, ...overrides }) {
  return actorCritic({ ...overrides, training: { ...training, critic: null, autoencoder: null } });
}

/** Backpropagation through whole rollouts, with the settings of the others and a pool as large as their memory. */
function growing(seed, budget) {
  const { target, rule, training } = resolveReinforcementConfig();
  const { size, reseed } = training.memory;
  const own = {
    steps: stepsFor(budget, mean(BPTT)),
    rollout: BPTT,
    pool: { size, reseed },
    work: null,
    validation: null,
  };
  const learned = { ...target, coordinates: "learned" };
  const overrides = {
    seed,
    target: learned,
    rule,
    initial: "random",
    training: { ...sharedOf(training), ...own },
  };
  return resolveGrowingConfig({ recipe: "persistent", overrides });
}

/** Settings that are the same in all ways of training. */
function sharedOf({ batch, learningRate, schedule, warmup, optimizer, gradient, average, loss }) {
  const { overflow } = loss;
  return {
    batch,
    learningRate,
    schedule,
    warmup,
    optimizer,
    gradient,
    average,
    loss: { overflow, coordinates: 0 },
  };
}

function batchSize() {
  const { batch } = resolveReinforcementConfig().training;
  demand(typeof batch === "number", "the default's batch changes in training, so that no budget can be told");
  return batch;
}

function stepsFor(budget, rollout) {
  return Math.max(1, Math.round(budget / (rollout * batchSize())));
}

/** Makes sure that nothing differs but what is compared. */
function verify({ budget, plan }) {
  const groups = new Map();
  for (const { name, config } of plan) {
    const { target: aim, rule, training } = config;
    // A field of growing's alone.
    const { coordinates = "learned", ...target } = aim;
    demand(coordinates === "learned", `${name} gives cells their coordinates`);
    const { batch, schedule } = training;
    const made = training.steps * batch * (training.rollout ? mean(training.rollout) : training.horizon);
    demand(Math.abs(made / budget - 1) < 0.01, `${name} makes ${made} automaton steps instead of ${budget}`);
    demand(
      schedule.over === undefined && schedule.at === undefined && schedule.kind !== "exponential",
      "the default's schedule counts training steps, of which not all make as many",
    );
    const shared = { target, rule, ...sharedOf(training) };
    const first = groups.get(target.size) ?? shared;
    demand(isDeepStrictEqual(shared, first), `${name} has settings that the first run has not`);
    groups.set(target.size, first);
  }
}

/** Makes all runs that the file does not have yet, and writes it after each. */
async function measure(file, { budget, moments, plan }) {
  verify({ budget, plan });
  mkdirSync(folder, { recursive: true });
  const machine = describeMachine();
  const conditions = { version: VERSION, machine, atOnce, budget, moments, evaluation };
  const before = reportIn(file);
  const { runs: earlier = [], ...under } = before ?? {};
  const known = isDeepStrictEqual(under, conditions) ? earlier.filter(({ points }) => points) : [];
  const runs = plan.map((run) => known.find(({ config }) => isDeepStrictEqual(config, run.config)) ?? run);
  const report = { ...conditions, runs };
  const waiting = [...runs.entries()].filter(([, { points }]) => !points);
  const kept = runs.length - waiting.length;
  if (kept > 0) say(`${kept} of ${runs.length} runs are kept from ${file}`);
  const starts = new Map();
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [i, run] = next;
      try {
        runs[i] = { ...run, ...(await train(run, moments, starts)) };
      } catch (error) {
        runs[i] = { ...run, failed: error.message };
        say(`${titleOf(run)} failed: ${error.message}`);
        process.exitCode = 1;
      }
      await writeFileAtomic(file, `${JSON.stringify(report, null, 1)}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return report;
}

/**
 * One run, in a process of its own, whose memory it is that is measured.
 *
 * @param starts errors of untrained automata, by seed and size: runs that have both in common begin with the same numbers
 * and are measured in the same way.
 */
async function train(run, moments, starts) {
  const script = fileURLToPath(new URL("reinforcementRun.mjs", import.meta.url));
  const { target, rule } = run.config;
  const picture = await loadTarget(target.source, { ...target, premultiplied: rule.image.premultiplied });
  const request = {
    config: run.config,
    target: { grid: picture.grid, data: [...picture.data] },
    moments,
    evaluation,
  };
  const child = spawn(process.execPath, ["--expose-gc", script]);
  child.stdin.on("error", () => {}).end(JSON.stringify(request));
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text) => void (complaint = (complaint + text).slice(-10_000)));
  const ended = new Promise((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (code, signal) => resolve(code === 0 ? null : (signal ?? `exit status ${code}`)));
  });
  const points = [];
  let outcome;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if (!told.errors) {
        outcome = told;
        continue;
      }
      points.push(told);
      if (told.step === 0) {
        const key = JSON.stringify([run.config.seed, run.config.target.size]);
        const start = starts.get(key) ?? told.errors;
        starts.set(key, start);
        if (!isDeepStrictEqual(told.errors, start)) {
          throw new Error(
            `untrained, its errors are ${told.errors.join(" and ")}; another's are ${start.join(" and ")}`,
          );
        }
      }
      const share = Math.round((100 * told.step) / run.config.training.steps);
      say(`${titleOf(run)}: ${share}%, MSE ${errorText(told.errors[0])} at step ${evaluation.steps[0]}`);
    }
  } catch (error) {
    child.kill();
    throw error;
  }
  const trouble = await ended;
  if (trouble !== null) throw new Error(/^\w*Error.*$/m.exec(complaint)?.[0] ?? `it ended with ${trouble}`);
  return { points, ...outcome };
}

function reportIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function armsTable(runs, { evaluation: { steps } }) {
  const [short, long] = steps;
  const lines = byArm(runs).map((own) => {
    const last = own.map(({ points }) => points.at(-1));
    const errors = (i) => {
      const each = last.map(({ errors: all }) => all[i] ?? Infinity);
      return each.length > 1 ? `${mse(median(each))} (${each.map(mse).join(", ")})` : mse(each[0]);
    };
    return [
      own[0].name,
      own[0].config.training.steps.toLocaleString("en-US"),
      (median(last.map(({ seconds }) => seconds)) / 60).toFixed(1),
      (median(last.map(({ cpuSeconds }) => cpuSeconds)) / 60).toFixed(1),
      (median(last.map(({ cellUpdates }) => cellUpdates)) / 1e6).toFixed(1),
      errors(0),
      errors(1),
      median(own.map(({ trainingMiB }) => trainingMiB)).toFixed(0),
      median(own.map(({ idleMiB }) => idleMiB)).toFixed(0),
      own.map(({ skipped, gaveUp }) => `${skipped}${gaveUp ? ", gave up" : ""}`).join("; "),
    ];
  });
  const head = ["", "training steps", "minutes", "CPU minutes", "million cell updates"];
  const errors = [`MSE at ${short}`, `MSE at ${long}`];
  return markdown([...head, ...errors, "peak MiB", "MiB before training", "skipped"], lines);
}

function sweepTable(runs, { evaluation: { steps } }) {
  const [short, long] = steps;
  const lines = bySize(runs).flatMap((sized) =>
    [...new Set(sized.map(({ config }) => config.training.horizon))].map((horizon) => {
      const errorsOf = (arm) => {
        const run = sized.find((each) => each.arm === arm && each.config.training.horizon === horizon);
        return run ? run.points.at(-1).errors.map(mse) : ["", ""];
      };
      return [sizeText(sized[0].config.target), horizon, ...errorsOf("truncated"), ...errorsOf("critic")];
    }),
  );
  const head = [
    "",
    "horizon",
    ...["truncated", "actor-critic"].flatMap((name) => [`${name}: MSE at ${short}`, `at ${long}`]),
  ];
  return markdown(head, lines);
}

function markdown(head, lines) {
  const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function titleOf({ name, config: { seed, target, training } }) {
  return `${name}${/\d/.test(name) ? "" : `, horizon ${training.horizon}, size ${target.size}`}, seed ${seed}`;
}

/** The greatest whole number that divides both. */
function divisorOf(one, other) {
  return one === 0 ? other : divisorOf(other % one, one);
}

function demand(held, otherwise) {
  if (!held) refuse(`these runs cannot be compared: ${otherwise}`, 1);
}

function wholeNumber(name, text) {
  if (!/^[1-9]\d{0,2}$/.test(text)) refuse(`${name} must be a whole number from 1 to 999, not "${text}"`);
  return Number(text);
}

function refuse(reason, status = 2) {
  process.stderr.write(`${reason}\n`);
  process.exit(status);
}
