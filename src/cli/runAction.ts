import type { Raster } from "../data/image.ts";
import { unroll } from "../engine/unroll.ts";
import { UserError } from "../errors.ts";
import type { Model } from "../io/model.ts";
import { writeFileAtomic } from "../node/files.ts";
import { loadModel } from "../node/models.ts";
import { stateRaster } from "../render/rgba.ts";
import type { Grid } from "../rule/rule.ts";
import { wound } from "../train/damage.ts";
import { openEngine } from "./engine.ts";
import { FILM_BACKGROUND, MAX_FILM_PIXELS } from "./film.ts";
import { Interruption, interruptible } from "./interrupt.ts";
import { encodeOutput, isFilm, parseOutput, type Rolled } from "./outputs.ts";
import { duration } from "./pace.ts";
import { ProgressBar } from "./progressBar.ts";
import { FRAMES, type RunOptions } from "./runOptions.ts";
import { changedRule, startOf } from "./runInputs.ts";
import { usageError } from "./values.ts";

/** Parts of a rollout between which progress is shown. */
const PARTS = 200;

/** Rolls a model out and writes what was asked for. */
export async function run(path: string, options: RunOptions): Promise<void> {
  const { steps, scale, damage = [], out = [] } = options;
  const outputs = await Promise.all(out.map(parseOutput));
  if (outputs.length === 0) {
    throw usageError("there is nothing to write to; name a file, such as --out grown.webp");
  }
  const late = damage.find(({ step }) => step > steps);
  if (late) throw usageError(`--damage ${late.kind}@${late.step} comes after the last step, ${steps}`);
  const model = await loadModel(path);
  const rule = changedRule(model, options);
  const { grid, start } = await startOf(model, options);
  const every = outputs.some(isFilm) ? (options.every ?? Math.ceil(steps / FRAMES)) : undefined;
  checkPixels(grid, scale, every === undefined ? 1 : Math.ceil(steps / every) + 1);

  await interruptible(async (signal) => {
    const began = performance.now();
    const rolled = await rollOut({ ...model, rule }, grid, start, every, options, signal);
    const seconds = (performance.now() - began) / 1000;
    say(`Ran ${steps} steps on ${grid[0]} x ${grid[1]} cells in ${duration(seconds)}`);
    if (!rolled.final.every(Number.isFinite)) {
      say("The state holds numbers that are not finite: run like this, the automaton explodes");
    }
    for (const output of outputs) {
      signal.throwIfAborted();
      await writeFileAtomic(output.path, await encodeOutput(output, rolled, { rule, grid, scale }));
      process.stdout.write(`${output.path}\n`);
    }
  }).catch((error: unknown) => {
    if (error instanceof Interruption) say("Stopped before everything was written");
    throw error;
  });
}

/**
 * Runs the automaton.
 *
 * @param every steps from frame to frame of the film; undefined for none.
 */
async function rollOut(
  { rule, parameters }: Model,
  grid: Grid,
  start: Float32Array,
  every: number | undefined,
  { steps, scale, seed, damage = [] }: RunOptions,
  signal: AbortSignal,
): Promise<Rolled> {
  const { engine } = await openEngine("wasm", { threads: 1, kernels: "auto", samples: 1 });
  const bar = new ProgressBar(steps);
  const frames = every === undefined ? new Set<number>() : strides(steps, every);
  const stops = new Set([...frames, ...strides(steps, Math.ceil(steps / PARTS))]);
  const film: Raster[] = [];
  const edits = damage.map(({ kind, step }, index) => wound(kind, step, { rule, grid, seed, index }));
  let final = start;
  try {
    const request = { rule, parameters, grid, start, seed, stops, edits, signal };
    for await (const { step, state } of unroll({ engine, ...request })) {
      if (frames.has(step)) {
        film.push(stateRaster(state, rule, grid, { scale, background: FILM_BACKGROUND }));
      }
      final = state;
      bar.show(step);
    }
    return { final, film };
  } catch (error) {
    // So an engine says that there is not enough memory.
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`this cannot be run: ${error.message}`, { cause: error });
  } finally {
    bar.clear();
    await engine.dispose();
  }
}

/** 0, every so manieth step, and the last. */
function strides(steps: number, every: number): Set<number> {
  const inner = Array.from({ length: Math.ceil(steps / every) }, (_, i) => i * every);
  return new Set([...inner, steps]);
}

function checkPixels([height, width]: Grid, scale: number, frames: number): void {
  if (height * width * scale * scale * frames <= MAX_FILM_PIXELS) return;
  const size = `${width * scale} x ${height * scale} pixels`;
  throw usageError(
    frames > 1
      ? `${frames} frames of ${size} are too many; choose a smaller --scale or a larger --every`
      : `${size} are too many; choose a smaller --scale`,
  );
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
