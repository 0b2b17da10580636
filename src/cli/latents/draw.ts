/** What the commands share that draw pictures from latent vectors. */
import { planeOf } from "../../rule/grid.ts";
import type { Raster } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { asDrawer, type Drawer, drawInputs } from "../../analysis/latents.ts";
import { stateRaster } from "../../render/rgba.ts";
import { stripOf } from "../../render/strip.ts";
import { type DrawOptions, MAX_DRAWN } from "./options.ts";
import { engineFor } from "../engine.ts";
import { checkFilmSize, encodePicture, PICTURE_EXTENSIONS, type PictureOrFilm } from "../pictureFiles.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { placesOf, takesOutput, printerFor, writePlace } from "../place.ts";
import { print, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { loadNamedModel } from "../standardInput.ts";
import { usageError } from "../values.ts";

/**
 * Loads a model with an encoder, and writes what is drawn with it.
 *
 * @param files.picture for a sheet where no file is named; `pictures` are read.
 * @throws UserError for what cannot be read, drawn or written.
 */
export async function drawWith(
  path: string,
  { out, json, engine: choice }: DrawOptions,
  { picture, pictures = [] }: Readonly<{ picture: string; pictures?: readonly string[] | undefined }>,
  draw: (context: DrawContext) => Promise<PictureOrFilm>,
): Promise<void> {
  const places = await placesOf(out ?? [picture], {
    extensions: PICTURE_EXTENSIONS,
    inputs: [path, ...pictures],
  });
  if (json && takesOutput(places)) {
    throw usageError("--json and --out - both want standard output; give --out a file");
  }
  const model = await loadDrawer(path);
  await interruptible(async (signal) => {
    const { rule, provenance } = model;
    const engine = await engineFor(
      choice,
      { threads: "auto", kernels: "auto", samples: MAX_DRAWN },
      { rule, grid: provenance.grid, samples: USUALLY_DRAWN, need: {} },
      { say, done: "Drawn" },
    );
    try {
      const drawing = await draw({ engine, model, signal, print: takesOutput(places) ? say : print });
      for (const place of places) {
        const bytes = await unlessAborted(signal, encodePicture(place.extension, drawing));
        await writePlace(place, bytes, json ? say : printerFor(places));
      }
    } finally {
      await engine.dispose();
    }
  }, "Stopped before everything was drawn");
}

/** Samples that engines are compared by. */
const USUALLY_DRAWN = 8;

/** What drawing needs. */
export type DrawContext = Readonly<{
  engine: Engine;
  model: Drawer;
  signal: AbortSignal;
  /** Prints lines of a report, where standard output is not taken. */
  print: (...lines: readonly string[]) => void;
}>;

async function loadDrawer(path: string): Promise<Drawer> {
  const model = await loadNamedModel(path);
  try {
    return asDrawer(model);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** How a film gets fewer frames, as advice. */
export const FEWER_FRAMES = "fewer steps";

/** Steps between two updates of the progress bar. */
const SHOWN_EVERY = 32;

/** Draws inputs and shows the progress; at each stop, the states of all. */
export async function drawStops(
  { engine, model, signal }: DrawContext,
  inputs: readonly Float32Array[],
  stops: readonly number[],
  seed: number,
): Promise<Map<number, Float32Array[]>> {
  const last = Math.max(...stops);
  const bar = new ProgressBar(last);
  const drawn = new Map<number, Float32Array[]>();
  const shown = Array.from({ length: Math.ceil(last / SHOWN_EVERY) }, (_, i) => i * SHOWN_EVERY);
  try {
    for await (const { step, states } of drawInputs({
      engine,
      model,
      inputs,
      stops: [...stops, ...shown],
      seed,
      signal,
    })) {
      if (stops.includes(step)) drawn.set(step, states);
      bar.show(step);
    }
    return drawn;
  } finally {
    bar.clear();
  }
}

/** Pictures of states of one model. */
export function picturesOf(model: Drawer, states: readonly Float32Array[], scale: number): Raster[] {
  return states.map((state) => stateRaster(state, model, model.provenance.grid, { scale }));
}

/** A film of inputs that grow side by side, in rows of `columns`, a frame every other step. */
export async function growthFilm(
  context: DrawContext,
  inputs: readonly Float32Array[],
  { steps, columns, scale, seed }: Readonly<{ steps: number; columns: number; scale: number; seed: number }>,
): Promise<Raster[]> {
  const [height, width] = planeOf(context.model.provenance.grid);
  const stops = Array.from({ length: Math.ceil(steps / 2) + 1 }, (_, i) => Math.min(2 * i, steps));
  const rows = Math.ceil(inputs.length / columns);
  const size = { width: columns * width * scale, height: rows * height * scale };
  checkFilmSize({ ...size, frames: stops.length }, FEWER_FRAMES);
  const { engine, model, signal } = context;
  const bar = new ProgressBar(steps);
  const frames: Raster[] = [];
  try {
    for await (const { step, states } of drawInputs({ engine, model, inputs, stops, seed, signal })) {
      frames.push(stripOf(picturesOf(model, states, scale), columns));
      bar.show(step);
    }
    return frames;
  } finally {
    bar.clear();
  }
}
