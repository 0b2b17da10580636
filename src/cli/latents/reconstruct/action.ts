import { basename } from "node:path";
import { isLabelled, type PictureSet } from "../../../data/pictureSet.ts";
import { UserError } from "../../../errors.ts";
import { type Drawer, drawingErrors, latentOf, nearestMeanAccuracy } from "../../../analysis/latents.ts";
import { pictureRaster } from "../../../render/rgba.ts";
import { layoutTable, type Sheet } from "../../../render/sheet.ts";
import { VERSION } from "../../../version.ts";
import { loadData } from "../../dataOption.ts";
import { drawStops, drawWith, growthFilm, picturesOf, type DrawContext } from "../draw.ts";
import { MAX_DRAWN } from "../options.ts";
import type { ReconstructOptions } from "./options.ts";
import { printJson } from "../../terminal/print.ts";
import { loadNamedPicture } from "../../standardInput.ts";
import { trainedOn } from "../trainedOn.ts";
import { usageError } from "../../values.ts";

const PICTURE = "reconstruction.png";
/** Columns of the sheet. */
const SHOWN = 12;

/** Draws pictures from their latent vectors, and says how near that comes. */
export async function reconstruct(
  path: string,
  images: readonly string[],
  options: ReconstructOptions,
): Promise<void> {
  if (images.length > 0 && options.data !== undefined) {
    throw usageError("--data names other pictures than those given; leave one of them out");
  }
  if (images.length > MAX_DRAWN) throw usageError(`at most ${MAX_DRAWN} pictures are drawn at once`);
  await drawWith(path, options, { picture: PICTURE, pictures: images }, async (context) => {
    const { model, signal } = context;
    const chosen = await choose(path, model, images, options, signal);
    const inputs = chosen.pictures.map((picture) => latentOf(model, picture));
    const stops = [...new Set(options.steps)].toSorted((a, b) => a - b);
    const drawn = await drawStops(context, inputs, stops, options.seed);
    const measured = stops.map((step) => {
      const errors = drawingErrors(model, drawn.get(step)!, chosen.pictures);
      return { step, mean: mean(errors), worst: Math.max(...errors) };
    });
    report(path, chosen, measured, inputs, options, context.print);
    return {
      picture: async () => sheetOf(context, chosen.pictures, drawn, options.scale),
      film: () =>
        growthFilm(context, inputs.slice(0, SHOWN), {
          steps: Math.max(...stops),
          columns: Math.min(inputs.length, 6),
          scale: options.scale,
          seed: options.seed,
        }),
    };
  });
}

type Chosen = Readonly<{
  description: string;
  names: readonly string[] | undefined;
  pictures: readonly Float32Array[];
  /** Share of latent vectors nearest to the mean of their own kind, where kinds are known. */
  accuracy: number | undefined;
}>;

async function choose(
  path: string,
  model: Drawer,
  images: readonly string[],
  { data, count }: ReconstructOptions,
  signal: AbortSignal,
): Promise<Chosen> {
  const { grid, channels } = model.encoder.settings;
  if (images.length > 0) {
    const pictures = await Promise.all(
      images.map((image) => loadNamedPicture(image, { grid, channels: channels === 4 ? 4 : 1 })),
    );
    const names = images.map((image) => basename(image));
    return { description: names.join(", "), names, pictures, accuracy: undefined };
  }
  const source = data ?? (await trainedOn(path));
  const { train, test, description } = await loadData(source, { size: grid[0], signal });
  checkFits(model, test, source);
  const size = Math.min(count, test.count);
  return {
    description: `${description}; ${size.toLocaleString("en")} drawn`,
    names: undefined,
    pictures: Array.from({ length: size }, (_, i) => test.picture(i)),
    accuracy: isLabelled(train) && isLabelled(test) ? nearestMeanAccuracy(model, train, test) : undefined,
  };
}

/** @throws UserError where the encoder takes other pictures. */
export function checkFits(
  { encoder: { settings } }: Drawer,
  { grid, channels }: PictureSet,
  source: string,
): void {
  if (grid.join() === settings.grid.join() && channels === settings.channels) return;
  throw new UserError(
    `${source} has pictures this model does not take: ${kindOf(grid[0], channels)}, not ${kindOf(settings.grid[0], settings.channels)}`,
  );
}

function kindOf(side: number, channels: number): string {
  return `${channels === 1 ? "grey" : "RGBA"} ones of ${side} x ${side} pixels`;
}

type Measure = Readonly<{ step: number; mean: number; worst: number }>;

function report(
  path: string,
  { description, names, accuracy }: Chosen,
  errors: readonly Measure[],
  latents: readonly Float32Array[],
  { json }: ReconstructOptions,
  print: DrawContext["print"],
): void {
  if (json) {
    const named = names && latents.map((latent, i) => ({ image: names[i], latent: [...latent] }));
    const result = { version: VERSION, model: path, pictures: description, errors, accuracy, latents: named };
    return printJson(result, 2);
  }
  print(
    description,
    "",
    `${"step".padStart(8)}${"mean error".padStart(12)}${"worst".padStart(12)}`,
    ...errors.map(
      (measure) =>
        `${String(measure.step).padStart(8)}${measure.mean.toFixed(4).padStart(12)}${measure.worst.toFixed(4).padStart(12)}`,
    ),
    ...(accuracy === undefined
      ? []
      : [
          "",
          `${(100 * accuracy).toFixed(1)}% of held-out latent vectors are nearest to the mean of their kind`,
        ]),
    "",
  );
}

function sheetOf(
  { model }: DrawContext,
  pictures: readonly Float32Array[],
  drawn: ReadonlyMap<number, readonly Float32Array[]>,
  scale: number,
): Sheet {
  const { grid, channels } = model.encoder.settings;
  const shown = pictures.slice(0, SHOWN);
  const rows = [...drawn].map(([step, states]) => ({
    label: `${step} steps`,
    pictures: picturesOf(model, states.slice(0, SHOWN), scale),
  }));
  const originals = shown.map((picture) => pictureRaster(picture, grid, channels, { scale }));
  return layoutTable(
    shown.map(() => ""),
    [{ label: "picture", pictures: originals }, ...rows],
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
