// Measures the WebGPU engine on this machine's graphics card, beside its peers on the same card, through Python:
//
//     node bench/gpu.mjs [--json] [--only CASE ...] [--quick] [--seconds S] [--all] [--apart] [--loud] [--limit S]
//
// Needs a build, and a Python with PyTorch and JAX for CUDA, and with CAX, for what it is to be compared with; see
// docs/benchmarks.md. Each case verifies before it times, and sides take turns. Exit status 1 where our engine is wrong or does
// not answer; a peer that is missing or wrong is skipped, which is reported. Without an engine or a card, everything is skipped.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { spreadOf } from "../dist/cli/bench/timed.js";
import { VERSION } from "../dist/version.js";
import * as dense from "./gpu/dense.mjs";
import { formatAdapter, openDevice } from "./gpu/device.mjs";
import * as half from "./gpu/half.mjs";
import * as population from "./gpu/population.mjs";
import * as product from "./gpu/product.mjs";
import * as texture from "./gpu/texture.mjs";
import * as training from "./gpu/training.mjs";
import { digits, formatMachine, markdownTable } from "./report.mjs";

const CASES = { training, dense, half, population, texture, product };
/** Seconds after which a case is given up, beside what its turns take. */
const CASE_LIMIT = 180;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: Object.keys(CASES) },
    /** Everything in small, which shows that it works and says nothing about speed. */
    quick: { type: "boolean", default: false },
    /** Of each side of a comparison. */
    seconds: { type: "string", default: "4" },
    /** The optional peers and measurements, too: other forms, and products in fewer bits (TF32). */
    all: { type: "boolean", default: false },
    /** One peer after the other, for cards with little memory; else those of a case start together. */
    apart: { type: "boolean", default: false },
    /** Shows all that peers complain about. */
    loud: { type: "boolean", default: false },
    /** Seconds until a peer has to be started, checked and warm. */
    limit: { type: "string", default: "90" },
    /** Of the peers: "cuda" or "cpu"; "none" for no peers. With "wasm" and "cpu" the script can be tried without a card. */
    device: { type: "string", default: "cuda" },
    engine: { type: "string", default: "webgpu" },
  },
});
const { json, only, quick, all, apart, loud, device } = values;
const [seconds, limit] = [values.seconds, values.limit].map(Number);
complain(
  ...only
    .filter((name) => !(name in CASES))
    .map((name) => `no case ${name}; there are ${Object.keys(CASES).join(", ")}`),
  !(seconds >= 0 && limit > 0) && "--seconds and --limit want numbers of seconds",
  !["cuda", "cpu", "none"].includes(device) && "--device wants cuda, cpu or none",
  !["webgpu", "wasm"].includes(values.engine) && "--engine wants webgpu or wasm",
);

function complain(...faults) {
  const fault = faults.find(Boolean);
  if (!fault) return;
  process.stderr.write(`${fault}\n`);
  process.exit(2);
}

const began = performance.now();
const elapsed = () => Math.round((performance.now() - began) / 1000);
const say = (text) => void (process.stderr.isTTY && process.stderr.write(`  ... ${elapsed()} s: ${text}\n`));
const print = (text) => void (json || process.stdout.write(`${text}\n`));

const machine = describeMachine();
const threads = availableParallelism();
const { reason, adapter, ...card } = await openDevice(values.engine, threads);
print(
  `Neoblast ${VERSION} on ${reason ? "no graphics card" : formatAdapter(adapter)}; ${formatMachine(machine)}`,
);
if (reason) print(`\nEverything is skipped: ${reason}.`);

const scratch = mkdtempSync(join(tmpdir(), "neoblast-gpu-"));
/** Peers that run, and what did not answer in time before. */
const [peers, hung] = [new Set(), new Set()];
const settings = { quick, seconds: quick ? 0 : seconds, all, apart, loud, limit, device };
const context = { ...card, adapter, ...settings, threads, scratch, peers, hung, say };
const cases = [];
try {
  for (const name of only) {
    const { title } = CASES[name];
    const start = performance.now();
    const result = reason ? { skipped: [{ name: "Neoblast", reason }] } : await attempt(CASES[name]);
    cases.push({ name, title, ...summed(result), seconds: (performance.now() - start) / 1000 });
    if (!reason) print(formatCase(cases.at(-1)));
  }
} finally {
  for (const peer of peers) peer.close();
  rmSync(scratch, { recursive: true, force: true });
}
const report = { version: VERSION, machine, adapter, reason, ...settings, cases, total: elapsed() };
if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
else print(`\n${elapsed()} s in all`);
// A device or a worker that is still there must not hold the process up.
setTimeout(() => process.exit(), 3000).unref();

async function attempt({ title, run }) {
  say(title);
  let timer;
  const late = new Promise((_, reject) => {
    const fail = () => reject(new Error(`not done within ${CASE_LIMIT + 20 * seconds} seconds`));
    timer = setTimeout(fail, 1000 * (CASE_LIMIT + 20 * seconds));
  });
  try {
    return await Promise.race([run(context), late]);
  } catch (error) {
    process.exitCode = 1;
    return { failed: error.message };
  } finally {
    clearTimeout(timer);
    for (const peer of peers) peer.close();
    peers.clear();
  }
}

/** Of all turns of a side, the middle one, the lowest and the highest. */
function spreads({ name, seconds: turns, ratios }) {
  return { name, ...spreadOf(turns), ...(ratios && { faster: spreadOf(ratios) }) };
}

function summed({ measurements = [], ...result }) {
  return {
    ...result,
    measurements: measurements.map(({ what, sides }) => ({ what, sides: sides.map(spreads) })),
  };
}

function formatCase({ name, title, verified = [], measurements, rows = [], skipped = [], failed, ...rest }) {
  const lines = verified.map(
    ({ what, deviation }) => `- verified: ${what}${deviation ? ` within ${deviation.toExponential(1)}` : ""}`,
  );
  const tables = measurements.map(({ what, sides }) =>
    markdownTable(
      [what, "ms", "lowest", "highest", "Neoblast is faster by"],
      sides.map(({ name: side, median, low, high, faster }) => [
        side,
        ...[median, low, high].map((value) => digits(1000 * value)),
        faster ? `${digits(faster.median)} times (${digits(faster.low)} to ${digits(faster.high)})` : "",
      ]),
    ),
  );
  if (rows.length > 0) {
    const figures = rows.map(({ label, unit, value, low, high }) => [
      label,
      ...[value, low, high].map(digits),
      unit,
    ]);
    tables.push(markdownTable(["", "median", "lowest", "highest", "unit"], figures));
  }
  const excuses = skipped.map((each) => `- ${each.name} skipped: ${each.reason}`);
  if (failed) excuses.push(`- FAILED: ${failed}`);
  const parts = [`\n## ${name}`, title, lines.join("\n"), ...tables, excuses.join("\n")];
  return [...parts, `${digits(rest.seconds)} s`].filter(Boolean).join("\n\n");
}
