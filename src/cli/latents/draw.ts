/** What the commands share that draw what an encoder's latent vectors call for. */
import type { Raster } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import { asDrawer, type Drawer, drawInputs } from "../../analysis/latents.ts";
import { encodeGif, encodeMp4, encodePng, encodeSheet, encodeWebp } from "../../node/encode.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Sheet } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import { type DrawingOptions, MAX_DRAWN } from "./options.ts";
import { openEngine } from "../engine.ts";
import { filmOf, MAX_FILM_PIXELS } from "../pictureFiles.ts";
import { interruptible, unlessAborted } from "../terminal/interrupt.ts";
import { placesOf, takesOutput, tellerOf, writePlace } from "../place.ts";
import { print, say } from "../terminal/print.ts";
import { ProgressBar } from "../terminal/progressBar.ts";
import { loadNamedModel } from "../standardInput.ts";
import { usageError } from "../values.ts";

const EXTENSIONS = [".png", ".gif", ".webp", ".mp4"] as const;
type Extension = (typeof EXTENSIONS)[number];

/** What a command draws. */
export type Drawing = Readonly<{
  sheet: () => Promise<Sheet | Raster>;
  /** Frames of one size. */
  film: () => Promise<Raster[]>;
}>;

/**
 * Loads a model with an encoder, and writes what is drawn with it.
 *
 * @param files.picture for a sheet where no file is named; `pictures` are read.
 * @throws UserError for what cannot be read, drawn or written.
 */
export async function drawWith(
  path: string,
  { out, json }: DrawingOptions,
  { picture, pictures = [] }: Readonly<{ picture: string; pictures?: readonly string[] | undefined }>,
  draw: (studio: Studio) => Promise<Drawing>,
): Promise<void> {
  const places = await placesOf(out ?? [picture], { extensions: EXTENSIONS, inputs: [path, ...pictures] });
  if (json && takesOutput(places)) {
    throw usageError("--json and --out - both want standard output; give --out a file");
  }
  const model = await loadDrawer(path);
  await interruptible(async (signal) => {
    const { engine } = await openEngine("wasm", { threads: "auto", kernels: "auto", samples: MAX_DRAWN });
    try {
      const drawing = await draw({ engine, model, signal, tell: takesOutput(places) ? say : print });
      for (const place of places) {
        const bytes = await unlessAborted(signal, encoded(drawing, place.extension));
        await writePlace(place, bytes, json ? say : tellerOf(places));
      }
    } finally {
      await engine.dispose();
    }
  }, "Stopped before everything was drawn");
}

/** What drawing needs. */
export type Studio = Readonly<{
  engine: Engine;
  model: Drawer;
  signal: AbortSignal;
  /** Prints lines of a report, where standard output is not taken. */
  tell: (...lines: readonly string[]) => void;
}>;

async function loadDrawer(path: string): Promise<Drawer> {
  const model = await loadNamedModel(path);
  try {
    return asDrawer(model);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** Steps between two looks at how far it is. */
const SHOWN_EVERY = 32;

/** Draws inputs and shows how far it is; at each stop, the states of all. */
export async function drawStops(
  { engine, model, signal }: Studio,
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
export function picturesOf(
  { rule, provenance }: Drawer,
  states: readonly Float32Array[],
  scale: number,
): Raster[] {
  return states.map((state) => stateRaster(state, rule, provenance.grid, { scale }));
}

/** A film of inputs that grow side by side, in rows of `columns`, a frame every other step. */
export async function growthFilm(
  studio: Studio,
  inputs: readonly Float32Array[],
  { steps, columns, scale, seed }: Readonly<{ steps: number; columns: number; scale: number; seed: number }>,
): Promise<Raster[]> {
  const [height, width] = studio.model.provenance.grid;
  const stops = Array.from({ length: Math.ceil(steps / 2) + 1 }, (_, i) => Math.min(2 * i, steps));
  const rows = Math.ceil(inputs.length / columns);
  checkFilm(stops.length, columns * width * scale, rows * height * scale);
  const { engine, model, signal } = studio;
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

/** @throws UserError (exit status 2) for a film that the encoders do not take. */
export function checkFilm(frames: number, width: number, height: number): void {
  if (frames * width * height <= MAX_FILM_PIXELS) return;
  throw usageError(
    `${frames} frames of ${width} x ${height} pixels are too many; choose a smaller --scale or fewer steps`,
  );
}

async function encoded({ sheet, film }: Drawing, extension: Extension): Promise<Uint8Array> {
  switch (extension) {
    case ".png": {
      const drawn = await sheet();
      return "svg" in drawn ? encodeSheet(drawn) : encodePng(drawn);
    }
    case ".gif":
      return encodeGif(filmOf(await film()));
    case ".webp":
      return encodeWebp(filmOf(await film()));
    case ".mp4":
      return encodeMp4(filmOf(await film()));
    default:
      return extension satisfies never;
  }
}
