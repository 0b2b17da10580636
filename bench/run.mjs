// Measures Neoblast and its peers: npm run bench [-- --json] [--all] [--only NAME] [--threads N] [--quick]. Needs a build.
// With --quick, everything is done in small, which shows that it works; its figures mean nothing.
// Each case first verifies what it measures. Exit status 1 where that fails; a missed target is only reported.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../dist/cli/bench/machine.js";
import { VERSION } from "../dist/version.js";
import * as attention from "./cases/attention.mjs";
import * as classify from "./cases/classify.mjs";
import * as digits from "./cases/digits.mjs";
import * as forward from "./cases/forward.mjs";
import * as livingCells from "./cases/livingCells.mjs";
import * as longRollout from "./cases/longRollout.mjs";
import * as peak from "./cases/peak.mjs";
import * as playground from "./cases/playground.mjs";
import * as population from "./cases/population.mjs";
import * as scaling from "./cases/scaling.mjs";
import * as texture from "./cases/texture.mjs";
import * as training from "./cases/training.mjs";
import { formatCase, formatMachine } from "./report.mjs";

const CASES = {
  training,
  population,
  digits,
  classify,
  attention,
  texture,
  peak,
  scaling,
  livingCells,
  longRollout,
  forward,
  playground,
};

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    /** The optional peers too. */
    all: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: Object.keys(CASES) },
    threads: { type: "string", default: String(availableParallelism()) },
    quick: { type: "boolean", default: false },
  },
});
const { json, all, only, quick } = values;
const threads = Number(values.threads);
const unknown = only.find((name) => !(name in CASES));
if (unknown !== undefined) {
  process.stderr.write(`no case ${unknown}; there are ${Object.keys(CASES).join(", ")}\n`);
  process.exit(2);
}

const say = (text) => void (process.stderr.isTTY && process.stderr.write(`  ... ${text}\n`));
const print = (text) => void (json || process.stdout.write(`${text}\n`));

const machine = describeMachine();
print(`Neoblast ${VERSION} on ${formatMachine(machine)}; ${threads} threads`);
const scratch = mkdtempSync(join(tmpdir(), "neoblast-bench-"));
const cases = [];
try {
  for (const name of only) {
    const { title, run } = CASES[name];
    say(title);
    const began = performance.now();
    let result;
    try {
      result = await run({ threads, scratch, all, quick, say });
    } catch (error) {
      result = { failed: error.message };
      process.exitCode = 1;
    }
    const seconds = (performance.now() - began) / 1000;
    cases.push({ name, title, ...result, seconds });
    print(formatCase(cases.at(-1)));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (json) process.stdout.write(`${JSON.stringify({ version: VERSION, machine, threads, cases }, null, 2)}\n`);
