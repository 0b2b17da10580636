/** The pictures in the folder of a run of `neoblast digits`. */
import { planeOf } from "../../rule/grid.ts";
import type { Raster } from "../../data/image.ts";
import { isLabelled, type PictureSet } from "../../data/pictureSet.ts";
import { asDrawer, between, drawInputs, latentOf } from "../../analysis/latents.ts";
import { TRAINING_CHART } from "../../render/lossChart.ts";
import { pictureRaster, stateRaster } from "../../render/rgba.ts";
import { layoutTable } from "../../render/sheet.ts";
import { stripOf } from "../../render/strip.ts";
import type { Drawings, DrawRequest, Drawn } from "../drawings.ts";
import type { PictureSetSubject } from "../experiment.ts";
import type { DigitsConfig } from "./digits.ts";

/** Pictures of the sheet, and of the film. */
const COLUMNS = 10;
const SHEET_STEPS = [8, 16, 32, 64, 128, 1000];
const FILMED = 16;
const FILM_STEPS = Array.from({ length: 65 }, (_, i) => 2 * i);
/** From one picture to the other, both included; and how long each grows. */
const BETWEEN = 8;
const GROWTH = 64;
/** About how many pixels wide a film and a picture of a sheet become. */
const FILM_WIDTH = 400;
const PANEL_WIDTH = 112;
/** Pictures that the page offers: so many, and of kinds that are known so many each. */
const EXAMPLES = 20;
const OF_EACH = 2;

export const digitsDrawings: Drawings<DigitsConfig, PictureSetSubject, object> = {
  sheets: ["interpolation.png", "sheet.png"],
  film: true,
  chart: TRAINING_CHART,
  draw: digitsPictures,
  files: {
    "sheet.png": "pictures it has not seen, and what it draws of them",
    "interpolation.png": "what lies between two of them",
    "growth.webp": "their growth (growth.gif: the same)",
    "player.html": "the living automaton: open it in a browser, draw for it, move its latent vector",
    "model.safetensors": "the model, encoder included",
  },
  next: (folder) => `interpolate ${folder} --grid 8x8`,
};

/** Grows held-out pictures from their latent vectors, and what lies between the first two. */
async function digitsPictures({
  engine,
  model,
  subject: { name, test },
  signal,
}: DrawRequest<DigitsConfig, PictureSetSubject, object>): Promise<Drawn> {
  const drawer = asDrawer(model);
  const { provenance } = model;
  const { seed = 0 } = provenance;
  const grid = planeOf(provenance.grid);
  const { channels } = drawer.encoder.settings;
  const count = Math.min(FILMED, test.count);
  const pictures = Array.from({ length: count }, (_, i) => test.picture(i));
  const latents = pictures.map((picture) => latentOf(drawer, picture));
  const scale = Math.max(1, Math.round(PANEL_WIDTH / grid[1]));
  const filmScale = Math.max(1, Math.round(FILM_WIDTH / (4 * grid[1])));
  const columns = Math.min(COLUMNS, count);

  const film: Raster[] = [];
  const originals = pictures
    .slice(0, columns)
    .map((picture) => pictureRaster(picture, grid, channels, { scale }));
  const rows = [{ label: "picture", pictures: originals }];
  const stops = [...FILM_STEPS, ...SHEET_STEPS];
  for await (const { step, states } of drawInputs({ engine, model, inputs: latents, stops, seed, signal })) {
    const draw = (size: number, shown = states.length) =>
      states.slice(0, shown).map((state) => stateRaster(state, drawer, grid, { scale: size }));
    if (FILM_STEPS.includes(step)) film.push(stripOf(draw(filmScale), Math.min(4, count)));
    if (SHEET_STEPS.includes(step)) rows.push({ label: `${step} steps`, pictures: draw(scale, columns) });
  }
  const sheet = layoutTable(
    originals.map(() => ""),
    rows,
  );

  const [first, last = first] = latents;
  const path = Array.from({ length: BETWEEN }, (_, i) => between(first, last, i / (BETWEEN - 1)));
  const row: Raster[] = [];
  for await (const { states } of drawInputs({ engine, model, inputs: path, stops: [GROWTH], seed, signal })) {
    row.push(...states.map((state) => stateRaster(state, drawer, grid, { scale })));
  }
  const walk = layoutTable(
    ["A", ...path.map((_, i) => `${Math.round((100 * i) / (BETWEEN - 1))}%`), "B"],
    [{ label: "", pictures: [originals[0], ...row, originals[1] ?? originals[0]] }],
  );
  const examples = exampleNumbers(test).map((index) => test.picture(index));
  return {
    sheets: { "interpolation.png": walk, "sheet.png": sheet },
    film,
    page: { title: name, examples },
  };
}

/** Numbers of pictures that show what there is: of every kind alike where kinds are known. */
function exampleNumbers(pictures: PictureSet): number[] {
  const first = Array.from({ length: Math.min(pictures.count, 50 * EXAMPLES) }, (_, index) => index);
  if (!isLabelled(pictures)) return first.slice(0, EXAMPLES);
  const kinds = new Map<number, number[]>();
  for (const index of first) {
    const label = pictures.label(index);
    kinds.set(label, [...(kinds.get(label) ?? []), index]);
  }
  const sorted = [...kinds].toSorted(([a], [b]) => a - b).map(([, indices]) => indices);
  const rounds = Array.from({ length: OF_EACH }, (_, round) =>
    sorted.flatMap((indices) => indices[round] ?? []),
  );
  return rounds.flat().slice(0, EXAMPLES);
}
