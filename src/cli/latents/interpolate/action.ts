import { planeOf } from "../../../rule/grid.ts";
import type { Raster } from "../../../data/image.ts";
import { between, latentOf } from "../../../analysis/latents.ts";
import { unrollModel } from "../../../model/unroll.ts";
import { STREAM, sampleWithoutReplacement } from "../../../random.ts";
import { pictureRaster, stateRaster } from "../../../render/rgba.ts";
import { layoutTable, type Sheet } from "../../../render/sheet.ts";
import { stripOf } from "../../../render/strip.ts";
import { loadData } from "../../dataOption.ts";
import { checkFilmSize } from "../../pictureFiles.ts";
import { drawStops, drawWith, growthFilm, picturesOf, type DrawContext, FEWER_FRAMES } from "../draw.ts";
import type { InterpolateOptions } from "./options.ts";
import { ProgressBar } from "../../terminal/progressBar.ts";
import { checkFits } from "../reconstruct/action.ts";
import { loadNamedPicture } from "../../standardInput.ts";
import { trainedOn } from "../trainedOn.ts";
import { usageError } from "../../values.ts";

const PICTURE = "interpolation.png";
/** Steps of a walk: from one picture to the other, and at rest there. */
const WALK = 96;
const REST = 32;
/** The one picture of a walk is drawn so many times larger than those of a sheet. */
const WALK_SCALE = 2;

/** Draws what lies between pictures. */
export async function interpolate(path: string, options: InterpolateOptions): Promise<void> {
  const { between: files, grid, data, scale, grow, seed } = options;
  const corners = grid ? 4 : 2;
  if (files && files.length !== corners) {
    throw usageError(
      `--between names ${files.length} pictures; ${corners} are needed${grid ? " with --grid" : ""}`,
    );
  }
  if (files && data !== undefined) {
    throw usageError("--data names other pictures than --between; leave one of them out");
  }
  await drawWith(path, options, { picture: PICTURE, pictures: files }, async (context) => {
    const { model } = context;
    const pictures = files
      ? await named(context, files)
      : await heldOut(context, data ?? (await trainedOn(path)), corners, seed);
    const latents = pictures.map((picture) => latentOf(model, picture));
    const [rows, columns] = grid ?? [1, options.steps];
    const inputs = grid ? tableBetween(latents, rows, columns) : rowBetween(latents[0], latents[1], columns);
    const draw = async () =>
      picturesOf(model, (await drawStops(context, inputs, [grow], seed)).get(grow)!, scale);
    return {
      picture: async () =>
        grid ? stripOf(await draw(), columns) : rowSheet(context, pictures, await draw(), scale),
      film: () =>
        grid
          ? growthFilm(context, inputs, { steps: grow, columns, scale, seed })
          : walkFilm(context, latents, options),
    };
  });
}

async function named({ model }: DrawContext, files: readonly string[]): Promise<Float32Array[]> {
  const { grid, channels } = model.encoder.settings;
  return Promise.all(files.map((file) => loadNamedPicture(file, { grid, channels: channels === 4 ? 4 : 1 })));
}

async function heldOut(
  { model, signal }: DrawContext,
  source: string,
  count: number,
  seed: number,
): Promise<Float32Array[]> {
  const { test } = await loadData(source, { size: model.encoder.settings.grid[0], signal });
  checkFits(model, test, source);
  if (test.count < count) throw usageError(`${source} has ${test.count} pictures; ${count} are needed`);
  return sampleWithoutReplacement(count, test.count, seed, STREAM.data, 0).map((index) =>
    test.picture(index),
  );
}

function rowBetween(a: Float32Array, b: Float32Array, count: number): Float32Array[] {
  return Array.from({ length: count }, (_, i) => between(a, b, i / (count - 1)));
}

/** Between four corners: top left, top right, bottom left, bottom right. */
function tableBetween(corners: readonly Float32Array[], rows: number, columns: number): Float32Array[] {
  const [left, right] = [0, 1].map((side) => rowBetween(corners[side], corners[side + 2], rows));
  return left.flatMap((start, row) => rowBetween(start, right[row], columns));
}

function rowSheet(
  { model }: DrawContext,
  pictures: readonly Float32Array[],
  drawn: readonly Raster[],
  scale: number,
): Sheet {
  const { grid, channels } = model.encoder.settings;
  const [first, last] = pictures.map((picture) => pictureRaster(picture, grid, channels, { scale }));
  const headings = drawn.map((_, i) => `${Math.round((100 * i) / (drawn.length - 1))}%`);
  return layoutTable(["A", ...headings, "B"], [{ label: "", pictures: [first, ...drawn, last] }]);
}

/** Grows the first, walks to the second, rests, and walks back, the automaton running all the while. */
async function walkFilm(
  { engine, model, signal }: DrawContext,
  [a, b]: readonly Float32Array[],
  { grow, seed, scale }: InterpolateOptions,
): Promise<Raster[]> {
  const parts = [
    { steps: grow + REST, from: a, to: a },
    { steps: WALK, from: a, to: b },
    { steps: REST, from: b, to: b },
    { steps: WALK, from: b, to: a },
  ];
  const path = parts.flatMap(({ steps, from, to }) =>
    Array.from({ length: steps }, (_, i) => between(from, to, (i + 1) / steps)),
  );
  const grid = planeOf(model.provenance.grid);
  const size = WALK_SCALE * scale;
  checkFilmSize({ width: grid[1] * size, height: grid[0] * size, frames: path.length >> 1 }, FEWER_FRAMES);
  const bar = new ProgressBar(path.length);
  const frames: Raster[] = [];
  const states = unrollModel(engine, model, {
    seed,
    inputs: path.slice(0, 1),
    switches: path.map((input, step) => ({ step, input })),
    stops: path.flatMap((_, i) => (i % 2 === 1 ? i + 1 : [])),
    signal,
  });
  try {
    for await (const { step, state } of states) {
      bar.show(step);
      frames.push(stateRaster(state, model, grid, { scale: size }));
    }
    return frames;
  } finally {
    bar.clear();
  }
}
