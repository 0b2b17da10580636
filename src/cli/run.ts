import { Command, Option } from "commander";
import { dirname, extname } from "node:path";
import type { Raster } from "../data/image.ts";
import { FormatError, UserError } from "../errors.ts";
import type { Model } from "../io/model.ts";
import { decodeNpyState, encodeNpy } from "../io/npy.ts";
import { encodeGif, encodeMp4, encodePng, encodeWebp } from "../node/encode.ts";
import { decodeFile, isFolder, writeFileAtomic } from "../node/files.ts";
import { loadModel } from "../node/models.ts";
import { stateRaster } from "../render/rgba.ts";
import { turnedRule } from "../rule/kernels.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import { seedState } from "../rule/seed.ts";
import { damageKinds } from "../train/damage.ts";
import { openEngine } from "./engine.ts";
import { FILM_BACKGROUND, filmOf, MAX_FILM_PIXELS } from "./film.ts";
import { Interruption, interruptible } from "./interrupt.ts";
import { LiveArea } from "./liveArea.ts";
import { progressLine } from "./liveReport.ts";
import { clockTime, duration, Pace } from "./pace.ts";
import { unroll } from "./unroll.ts";
import { type DamageAt, damageAt, number, option, repeatable, usageError, whole } from "./values.ts";

type RunOptions = Readonly<{
  steps: number;
  seed: number;
  state?: string;
  size?: number;
  fireRate?: number;
  stepSize?: number;
  angle?: number;
  damage?: readonly DamageAt[];
  scale: number;
  every?: number;
  out?: readonly string[];
}>;

/** What an output shows: the last state, or all frames. */
const FORMATS = {
  ".npy": "state",
  ".png": "picture",
  ".gif": "film",
  ".webp": "film",
  ".mp4": "film",
} as const;
type Extension = keyof typeof FORMATS;
type Output = Readonly<{ path: string; extension: Extension }>;

const MAX_STATE_BYTES = 2 ** 30;
/** Most numbers of a state: 512 MiB. */
const MAX_NUMBERS = 2 ** 27;
/** Frames of a film, unless told otherwise. */
const FRAMES = 200;
/** Parts of a rollout between which progress is shown. */
const PARTS = 100;
/** Milliseconds before progress is shown. */
const PATIENCE = 1000;

/** `neoblast run`: rolls a trained automaton out. */
export function runCommand(): Command {
  return new Command("run")
    .summary("run a trained automaton and save what it becomes")
    .description(
      "Runs a trained automaton from the seed, or from a state, and saves states, pictures and films.",
    )
    .argument("<model>", "a model.safetensors, or the folder of a run")
    .addOption(
      repeatable(
        "--out <file>",
        "where to, repeatable: .npy for the last state (H, W, C) in float32; .png for its picture; .gif, .webp or .mp4 for a film; a file that exists is replaced",
        String,
      ),
    )
    .addOption(option("--steps <n>", "steps to run", whole("--steps", 1, 1e6)).default(200))
    .addOption(option("--seed <n>", "of everything random", whole("--seed", 0, 2 ** 32 - 1)).default(0))
    .option(
      "--state <file>",
      "a .npy to start from: (H, W, C), or (T, H, W, C) of which the last (default: the seed)",
    )
    .addOption(
      option("--size <cells>", "sides of the grid (default: as trained)", whole("--size", 1, 4096)).conflicts(
        "state",
      ),
    )
    .addOption(
      option(
        "--fire-rate <x>",
        "probability that a cell updates in a step (default: the model's)",
        number("--fire-rate", 0, 1),
      ),
    )
    .addOption(
      option("--step-size <x>", "factor on updates (default: the model's)", number("--step-size", -100, 100)),
    )
    .addOption(
      option(
        "--angle <degrees>",
        "turns the cells' sense of direction, and so the pattern",
        number("--angle", -360, 360),
      ),
    )
    .addOption(
      repeatable(
        "--damage <kind@step>",
        `wounds the pattern after a step, repeatable: ${damageKinds.join(", ")}`,
        damageAt("--damage"),
      ),
    )
    .addOption(option("--scale <n>", "pixels a cell and side", whole("--scale", 1, 64)).default(4))
    .addOption(
      option(
        "--every <n>",
        `steps from frame to frame (default: for ${FRAMES} frames or fewer)`,
        whole("--every", 1, 1e6),
      ),
    )
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
The paths written go to standard output, all else to standard error.

Examples:
  neoblast run runs/lizard-1 --out lizard.png
  neoblast run runs/lizard-1 --steps 1000 --damage half-left@200 --damage circle@600 --out healing.webp
  neoblast run runs/lizard-1 --steps 500 --out state.npy
  neoblast run runs/lizard-1 --state state.npy --angle 90 --out turned.gif
  neoblast run model.safetensors --size 128 --fire-rate 0.1 --out slow.mp4 --every 8`;

async function run(path: string, options: RunOptions): Promise<void> {
  const { out = [], damage = [] } = options;
  const outputs = await Promise.all(out.map(parseOutput));
  if (outputs.length === 0)
    throw usageError("there is nothing to write to; name a file, such as --out grown.webp");
  const late = damage.find(({ step }) => step > options.steps);
  if (late) throw usageError(`--damage ${late.kind}@${late.step} is after the last step, ${options.steps}`);

  const model = await loadModel(path);
  const rule = changedRule(model, options);
  const { grid, start } = await startOf(model, options);
  const films = outputs.some(({ extension }) => FORMATS[extension] === "film");
  const every = options.every ?? Math.ceil(options.steps / FRAMES);
  const frames = films ? Math.ceil(options.steps / every) + 1 : 1;
  checkPixels(grid, options.scale, frames);

  await interruptible(async (signal) => {
    const began = performance.now();
    const rolled = await rollOut({
      ...options,
      model: { ...model, rule },
      grid,
      start,
      every: films ? every : undefined,
      signal,
    });
    process.stderr.write(
      `Ran ${options.steps} steps on ${grid[0]} x ${grid[1]} cells in ${duration((performance.now() - began) / 1000)}\n`,
    );
    if (!rolled.final.every(Number.isFinite)) {
      process.stderr.write(
        "The state holds numbers that are not finite: run like this, this automaton explodes\n",
      );
    }
    for (const output of outputs) {
      signal.throwIfAborted();
      await writeFileAtomic(output.path, await encode(output.extension, rolled, rule, grid, options.scale));
      process.stdout.write(`${output.path}\n`);
    }
  }).catch((error: unknown) => {
    if (error instanceof Interruption) process.stderr.write("Stopped; what was not written yet is not\n");
    throw error;
  });
}

type Rolled = Readonly<{ final: Float32Array; film: readonly Raster[] }>;

/** Runs the automaton, keeping a frame of every so many steps where a film is wanted. */
async function rollOut({
  model,
  grid,
  start,
  steps,
  every,
  scale,
  seed,
  damage,
  signal,
}: Pick<RunOptions, "steps" | "scale" | "seed" | "damage"> & {
  model: Model;
  grid: Grid;
  start: Float32Array;
  every: number | undefined;
  signal: AbortSignal;
}): Promise<Rolled> {
  const { engine } = await openEngine("wasm", { threads: 1, kernels: "auto", samples: 1 });
  const progress = new Progress(steps);
  try {
    const isFrame = (step: number) => every !== undefined && (step % every === 0 || step === steps);
    const stops = new Set([0, steps]);
    for (const stride of [every ?? steps, Math.ceil(steps / PARTS)]) {
      for (let step = 0; step < steps; step += stride) stops.add(step);
    }
    const film: Raster[] = [];
    let final = start;
    for await (const { step, state } of unroll({ engine, model, grid, start, seed, stops, damage, signal })) {
      if (isFrame(step))
        film.push(stateRaster(state, model.rule, grid, { scale, background: FILM_BACKGROUND }));
      final = state;
      progress.show(step);
    }
    return { final, film };
  } catch (error) {
    throw error instanceof RangeError
      ? new UserError(`cannot run this: ${error.message}`, { cause: error })
      : error;
  } finally {
    progress.end();
    await engine.dispose();
  }
}

function encode(
  extension: Extension,
  { final, film }: Rolled,
  rule: Rule,
  grid: Grid,
  scale: number,
): Promise<Uint8Array> | Uint8Array {
  switch (extension) {
    case ".npy":
      return encodeNpy({ shape: [...grid, rule.channels], data: final });
    case ".png":
      return encodePng(stateRaster(final, rule, grid, { scale }));
    case ".gif":
      return encodeGif(filmOf(film));
    case ".webp":
      return encodeWebp(filmOf(film));
    case ".mp4":
      return encodeMp4(filmOf(film));
    default:
      return extension satisfies never;
  }
}

/** @throws UserError before any work where the file could not be written. */
async function parseOutput(path: string): Promise<Output> {
  const extension = Object.keys(FORMATS).find((known) => known === extname(path).toLowerCase());
  if (extension === undefined) {
    throw usageError(
      `--out is ${JSON.stringify(path)}; its name must end in ${Object.keys(FORMATS).join(", ")}`,
    );
  }
  if (await isFolder(path)) throw new UserError(`cannot write ${path}: it is a folder`);
  if (!(await isFolder(dirname(path)))) {
    throw new UserError(`cannot write ${path}: its folder does not exist`);
  }
  return { path, extension: extension as Extension };
}

/** The model's rule with what the options change. */
function changedRule(
  { rule }: Model,
  { fireRate = rule.fireRate, stepSize = rule.stepSize, angle = 0 }: RunOptions,
): Rule {
  if (rule.inputSize > 0) {
    throw new UserError(
      `this automaton expects an input of ${rule.inputSize} numbers, which neoblast run does not give`,
    );
  }
  try {
    return turnedRule({ ...rule, fireRate, stepSize }, angle);
  } catch (error) {
    throw error instanceof RangeError
      ? new UserError(`--angle: ${error.message}`, { exitCode: 2, cause: error })
      : error;
  }
}

/** Grid and first state. */
async function startOf(
  { rule, provenance }: Model,
  { state: path, size }: RunOptions,
): Promise<{ grid: Grid; start: Float32Array }> {
  if (path !== undefined) {
    const { grid, state } = await decodeFile(path, MAX_STATE_BYTES, (bytes) => {
      const decoded = decodeNpyState(bytes, rule);
      const fault = decoded.state.find((value) => !Number.isFinite(value));
      if (fault !== undefined) throw new FormatError(`the state holds ${fault}; its numbers must be finite`);
      return decoded;
    });
    checkNumbers(grid, rule);
    return { grid, start: state };
  }
  const grid: Grid = size === undefined ? provenance.grid : [size, size];
  checkNumbers(grid, rule);
  return { grid, start: seedState(rule, grid) };
}

function checkNumbers([height, width]: Grid, { channels }: Rule): void {
  if (height * width * channels <= MAX_NUMBERS) return;
  const side = Math.floor(Math.sqrt(MAX_NUMBERS / channels));
  throw new UserError(
    `a grid of ${height} x ${width} cells is too large for this automaton of ${channels} channels; choose --size ${side} or less`,
  );
}

function checkPixels([height, width]: Grid, scale: number, frames: number): void {
  const pixels = height * width * scale * scale;
  if (pixels * frames <= MAX_FILM_PIXELS) return;
  throw usageError(
    `${frames} frames of ${width * scale} x ${height * scale} pixels are too many; choose a smaller --scale or a larger --every`,
  );
}

/** A bar on the terminal for rollouts that take a while. */
class Progress {
  readonly #total: number;
  readonly #area = process.stderr.isTTY ? new LiveArea(process.stderr) : undefined;
  readonly #pace = new Pace();
  readonly #began = performance.now();

  constructor(total: number) {
    this.#total = total;
  }

  show(step: number): void {
    const now = performance.now();
    this.#pace.mark(step, now);
    if (!this.#area || now - this.#began < PATIENCE) return;
    const { speed } = this.#pace;
    const words = [
      `${step}/${this.#total}`,
      ...(speed
        ? [`${speed.toPrecision(3)} steps/s`, `${clockTime((this.#total - step) / speed)} left`]
        : []),
    ];
    this.#area.draw([progressLine(step / this.#total, words, this.#area.columns - 1)]);
  }

  end(): void {
    this.#area?.clear();
  }
}
