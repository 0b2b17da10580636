// Trainings by the command line, each in a folder, and what their metrics say.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MetricsLog } from "../dist/node/metricsLog.js";

const bin = fileURLToPath(new URL("../bin/neoblast.js", import.meta.url));

/** Runs `neoblast grow` in a folder, whose progress is seen: begins it, goes on with it, or finds it finished. */
export async function trainIn(folder, args, { threads, stderr = "inherit" }) {
  const has = (file) => existsSync(join(folder, file));
  const run = (words) => grow([...words, "--threads", String(threads)], stderr);
  // The page is what a run writes last.
  if (has("config.json") && !has("player.html")) await run(["--resume", folder]);
  else if (!has("model.safetensors")) await run([...args, "--out", folder]);
}

function grow(args, stderr) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, "grow", ...args], { stdio: ["ignore", "ignore", stderr] });
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
