// npm run bench:quality -- --set [--shelf] [--recipe NAME] [--quality draft|good|best] [--only NAME] [--out FOLDER]
// [--models FOLDER] [--threads N] [--parallel N] [--queue ADDRESS] [--json] [--quick]
//
// Trains and measures the pictures of set.mjs, each in FOLDER/NAME, and keeps a table (FOLDER/set.md), a contact sheet
// (set.png) and all figures (set.json). The same call again goes on where an earlier one ended, and repeats nothing.
// With --shelf, the pictures are the emoji that the playground offers, in the size that it trains them in.
// With --models, trainings are in that folder instead: what has a model there is measured as it is.
// With --parallel or --queue, those not trained yet are trained first, as one sweep (docs/sweep.md): so many at once on this
// machine, or by the workers of a queue.
// With --quick, it is measured in one run, which shows that it works.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../dist/cli/bench/machine.js";
import { growingRecipes } from "../../dist/experiments/growing/schema.js";
import { VERSION } from "../../dist/version.js";
import { formatMachine } from "../report.mjs";
import { check, otherChoices } from "../trainings.mjs";
import { runSet } from "./run.mjs";
import { set, shelf, shelfSize } from "./set.mjs";
import { tableOf } from "./table.mjs";

const QUALITIES = ["draft", "good", "best"];

/** @returns the exit status: 1 where something failed, 2 where the words are wrong. */
export async function setCommand(args) {
  let values;
  try {
    values = parse(args);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const { json, only, recipe, quality } = values;
  const pictures = values.shelf ? shelf : set;
  const threads = Number(values.threads);
  const how = ["parallel", "queue"].flatMap((name) => (values[name] ? [`--${name}`, values[name]] : []));
  const choices = {
    ...(values.shelf && { shelf: true }),
    ...(recipe && { recipe }),
    ...(quality && { quality }),
  };
  const out =
    values.out ??
    values.models ??
    join("runs", [values.shelf ? "shelf" : "set", recipe, quality].filter(Boolean).join("-"));
  const refused = otherChoices(out, "set.json", choices);
  if (refused) {
    process.stderr.write(`${refused}\n`);
    return 2;
  }

  const machine = describeMachine();
  const print = (text) => void (json || process.stdout.write(`${text}\n`));
  print(`Neoblast ${VERSION} on ${formatMachine(machine)}; ${threads} threads\n`);
  const results = await runSet({
    pictures,
    ...(only && { only }),
    choices: { ...(recipe && { recipe }), ...(quality && { quality }) },
    args: values.shelf ? ["--size", String(shelfSize.size), "--padding", String(shelfSize.padding)] : [],
    out,
    ...(values.models && { models: values.models }),
    threads,
    ...(how.length > 0 && { how }),
    ...(values.quick && { amounts: { runs: 1, damagedRuns: 1 } }),
    about: { version: VERSION, machine, threads, choices },
    say: (text) => void process.stderr.write(`${text}\n`),
  });
  print(tableOf(results));
  if (json) process.stdout.write(readFileSync(join(out, "set.json"), "utf8"));
  return results.some(({ failed }) => failed !== undefined) ? 1 : 0;
}

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      set: { type: "boolean" },
      shelf: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      recipe: { type: "string" },
      quality: { type: "string" },
      only: { type: "string", multiple: true },
      models: { type: "string" },
      out: { type: "string" },
      parallel: { type: "string" },
      queue: { type: "string" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  check("recipe", values.recipe, growingRecipes);
  check("quality", values.quality, QUALITIES);
  const names = (values.shelf ? shelf : set).map(({ name }) => name);
  for (const name of values.only ?? []) check("picture", name, names);
  return values;
}
