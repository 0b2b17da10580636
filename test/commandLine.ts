/** Running the built command line, and short runs for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { main } from "../src/cli/main.ts";
import type { Experiment } from "../src/experiments/experiment.ts";
import { experiments } from "../src/experiments/registry.ts";

export const BIN = fileURLToPath(new URL("../bin/neoblast.js", import.meta.url));

/** A butterfly on 16 x 16 cells, twelve training steps, in which it comes to fill its grid. */
export const TINY = [
  ..."--size 8 --padding 4 --steps 12 --batch 4 --pool 8 --rollout 10..12".split(" "),
  ..."--set initial=random --set training.average=null".split(" "),
  ..."--set training.warmup=1 --set training.learningRate=0.01".split(" "),
];

/** What the folder of a finished run holds that learned one picture, in order. */
export const RUN_FILES = [
  "checkpoint",
  "config.json",
  "growth.gif",
  "growth.webp",
  "loss.svg",
  "metrics.jsonl",
  "model.safetensors",
  "player.html",
  "sheet.png",
];

export type Outcome = { code: number | null; signal: string | null; stdout: string; stderr: string };

export function start(
  args: readonly string[],
  cwd: string,
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, outcome };
}

/** Runs `neoblast` with the arguments in a folder, and waits for its end. */
export function neoblast(args: readonly string[], cwd: string): Promise<Outcome> {
  return start(args, cwd).outcome;
}

/** Runs `neoblast ... --json` and sends a signal as soon as an event has been printed that fits. */
export function signalAt(
  args: readonly string[],
  cwd: string,
  signal: NodeJS.Signals,
  fits: (event: Record<string, unknown>) => boolean,
): Promise<Outcome> {
  const { child, outcome } = start([...args, "--json"], cwd);
  createInterface({ input: child.stdout! }).on("line", (line) => {
    if (fits(JSON.parse(line))) child.kill(signal);
  });
  return outcome;
}

/** All of them, but that they draw nothing but the loss, for pictures take longer than a short training. */
const undrawn = experiments.map((experiment): Experiment => ({
  ...experiment,
  drawings: async () => ({
    ...(await experiment.drawings()),
    sheets: [],
    film: false,
    draw: async () => ({ sheets: {} }),
  }),
}));

/** Trains to the end in this process, as `grow` or `grow --resume`, but for the pictures. */
export async function train(args: readonly string[], cwd: string): Promise<void> {
  const home = process.cwd();
  process.chdir(cwd);
  try {
    const { code, stderr } = await call([...args], undrawn);
    if (code !== undefined) throw new Error(stderr);
  } finally {
    process.chdir(home);
  }
}

/** Runs the command line in this process, which is quick, for calls that end before any work, or soon after. @param known experiments. */
export async function call(
  args: string[],
  known?: readonly Experiment[],
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text, ...more: unknown[]) => {
      written[name] += String(text);
      const done = more.at(-1);
      if (typeof done === "function") done();
      return true;
    }),
  );
  try {
    await main(args, known);
    return { code: process.exitCode, ...written };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

export function modelBytes(...path: string[]): Buffer {
  return readFileSync(join(...path, "model.safetensors"));
}

/** The metrics of a run without what depends on the clock. */
export function metricsOf(...path: string[]): Record<string, unknown>[] {
  const lines = readFileSync(join(...path, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => {
    const { seconds, ...rest } = JSON.parse(line);
    if (typeof seconds !== "number") throw new Error(`no seconds in ${line}`);
    return rest;
  });
}
