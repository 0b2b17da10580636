// Trainings by the command line, each in a folder, and what their metrics say.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { MetricsLog } from "../dist/node/metricsLog.js";

const bin = fileURLToPath(new URL("../bin/neoblast.js", import.meta.url));

/** Runs a training in a folder, whose progress is seen: begins it, goes on with it, or finds it finished. @param args of the command. */
export async function trainIn(folder, args, { threads, command = "grow", stderr = "inherit" }) {
  const has = (file) => existsSync(join(folder, file));
  const run = (words) => neoblast([command, ...words, "--threads", String(threads)], stderr);
  // The page is what a run writes last.
  if (has("config.json") && !has("player.html")) await run(["--resume", folder]);
  else if (!has("model.safetensors")) await run([...args, "--out", folder]);
}

/**
 * Trains an automaton for each of several pictures by `neoblast sweep`, several at once or on other machines: begins it, goes on
 * with it, or finds it finished.
 *
 * @param args options of `neoblast grow`, each followed by its value.
 * @param how options of the sweep: `--parallel 4`, `--queue ADDRESS`.
 * @returns the folder of each picture, by its word; those whose training failed are left out.
 */
export async function sweepIn(folder, pictures, args, { threads, how, stderr = "inherit" }) {
  const settings = args.flatMap((word, i) => (i % 2 === 0 ? ["--set", `${word}=${args[i + 1]}`] : []));
  const record = join(folder, "sweep.json");
  const words = existsSync(record)
    ? ["--resume", folder]
    : ["grow", ...pictures, ...settings, "--out", folder];
  let failure;
  await neoblast(["sweep", ...words, ...how, "--threads", String(threads)], stderr).catch(
    // One whose numbers exploded does not matter to the others.
    (error) => (failure = error),
  );
  if (failure && !existsSync(record)) throw failure;
  const { runs } = JSON.parse(readFileSync(record, "utf8"));
  const places = runs.map(({ name, words: [picture] }) => [picture, join(folder, name)]);
  return new Map(places.filter(([, place]) => existsSync(join(place, "model.safetensors"))));
}

function neoblast(words, stderr) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...words], { stdio: ["ignore", "ignore", stderr] });
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`training ended with ${signal ?? `exit status ${code}`}`)),
    );
  });
}

/** Steps and seconds of a training; how many steps were skipped because every cell died, and because numbers exploded. */
export async function trainingOf(folder) {
  const metrics = await new MetricsLog(join(folder, "metrics.jsonl")).read();
  return {
    steps: metrics.length,
    seconds: metrics.reduce((sum, { seconds }) => sum + seconds, 0),
    dead: metrics.filter(({ skipped, gradientNorm }) => skipped && gradientNorm === 0).length,
    exploded: metrics.filter(({ skipped, gradientNorm }) => skipped && gradientNorm !== 0).length,
  };
}

/** @throws Error for a word that is none of those that are known. */
export function check(what, chosen, known) {
  if (chosen === undefined || known.includes(chosen)) return;
  throw new Error(`no ${what} ${chosen}; there are ${known.join(", ")}`);
}

/** Why a folder cannot take trainings of these choices: a file there has figures of others. Undefined where it can. */
export function otherChoices(folder, file, choices) {
  let earlier;
  try {
    earlier = JSON.parse(readFileSync(join(folder, file), "utf8")).choices;
  } catch {
    return undefined;
  }
  if (earlier === undefined || isDeepStrictEqual(earlier, choices)) return undefined;
  return `${folder} holds trainings of other choices, ${JSON.stringify(earlier)}; name another --out`;
}
