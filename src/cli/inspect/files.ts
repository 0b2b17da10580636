/** The files that `neoblast inspect` writes: what it draws, and the page that holds it all. */
import type { Raster } from "../../data/image.ts";
import { cutWindow } from "../../engine/window.ts";
import { type Cell, CELL_KIND, cellKinds, patternBox } from "../../analysis/cells.ts";
import { hiddenCount, mostActiveUnits } from "../../analysis/hiddenUnits.ts";
import { type Recording, sampledSteps } from "../../analysis/inspection.ts";
import type { DamageAt } from "../../edit/damage.ts";
import type { PictureModel } from "../../model/model.ts";
import { encodeNpy } from "../../formats/npy.ts";
import { type ReportPicture, reportHtml } from "../../report/document.ts";
import { tracesCsv } from "../../formats/traces.ts";
import { encodeSheet, encodeWebpPicture } from "../../node/encode.ts";
import { channelStyles } from "../../render/channels.ts";
import { hiddenSheet } from "../../render/hiddenSheet.ts";
import { perceptionSheet, statePicture } from "../../render/perceptionSheet.ts";
import type { Sheet } from "../../render/sheet.ts";
import { cellsSheet, channelsSheet, fireSheet, stepHeadings } from "../../render/stateSheets.ts";
import { stripOf } from "../../render/strip.ts";
import { colours } from "../../render/theme.ts";
import { cellChart, countsChart } from "../../render/traces.ts";
import type { Plane } from "../../rule/grid.ts";

/** A run that was looked into. */
export type Inspection = Readonly<{
  model: PictureModel;
  /** What the model draws, in words. */
  name: string;
  grid: Plane;
  steps: number;
  seed: number;
  damage: readonly DamageAt[];
  cells: readonly Cell[];
  recording: Recording;
  /** What the model draws, of shape (H, W, 4), where that is known. */
  target: Float32Array | undefined;
  /** A state without damage, and the step it is of. */
  grown: Readonly<{ step: number; state: Float32Array }>;
  film: Readonly<{ steps: readonly number[]; pictures: readonly Raster[] }>;
}>;

export type InspectionFile = Readonly<{ name: string; draw(): Promise<Uint8Array | string> }>;

const FIRE_RATES = [0.25, 0.5, 0.75];
/** Hidden units whose activations are drawn in space: three rows of a sheet. */
const MAPS = 18;
/** Most steps at which the charts of the page have values. */
const CHART_STEPS = 2000;

/** Every file in the order in which it is to be written; the page, which completes the folder, comes last. */
export function filesOf(inspection: Inspection): InspectionFile[] {
  const { model, cells, damage, recording } = inspection;
  const { channels } = model.rule;
  const styles = channelStyles(model);
  const pictures: ReportPicture[] = [];
  const sheets = sheetsOf(inspection);
  return [
    ...cells.map((cell, i) => ({
      name: `traces-${cell.join("-")}.svg`,
      draw: async () => cellChart(cell, cellTrace(inspection, i), styles, damage),
    })),
    { name: "traces.csv", draw: async () => tracesCsv(recording.traces, cells, channels) },
    {
      name: "traces.npy",
      draw: async () =>
        encodeNpy({ shape: [inspection.steps + 1, cells.length, channels], data: recording.traces }),
    },
    { name: "counts.svg", draw: async () => countsChart(recording, damage) },
    ...sheets.map(({ name, title, text, sheet }) => ({
      name,
      draw: async () => {
        const png = await encodeSheet(sheet(), { palette: true });
        pictures.push({ title, text, png });
        return png;
      },
    })),
    { name: "report.html", draw: () => pageOf(inspection, pictures) },
  ];
}

type NamedSheet = Readonly<{ name: string; title: string; text: string; sheet: () => Sheet }>;

function sheetsOf(inspection: Inspection): NamedSheet[] {
  const { model, grid, damage, seed, grown, recording, target } = inspection;
  const { rule, parameters } = model;
  const { moments } = recording;
  const box = patternBox(
    moments.map(({ state }) => cellKinds(rule, grid, state)),
    grid,
  );
  const shown: Plane = [box.height, box.width];
  const headings = stepHeadings(
    moments.map(({ step }) => step),
    damage.map(({ step }) => step),
  );
  const looks = moments.map(({ state }, i) => ({
    heading: headings[i],
    state: cutWindow(state, grid, rule.channels, box).data,
  }));
  const sheets: NamedSheet[] = [
    {
      name: "channels.png",
      title: "Every channel",
      text: "All channels of the state after the steps named above each column; + counts from the last damage. Blue is below 0, red above. Each row has a scale of its own; its name stands above its range.",
      sheet: () => channelsSheet(model, shown, looks),
    },
    {
      name: "cells.png",
      title: "Mature, growing and empty cells",
      text: "A mature cell's own alpha exceeds the threshold. A growing one lives by a neighbour that is mature. All others are emptied after each step.",
      sheet: () =>
        cellsSheet(
          model,
          shown,
          looks,
          looks.map(({ state }) => cellKinds(rule, shown, state)),
        ),
    },
    {
      name: "hidden.png",
      title: "Hidden units",
      text: "What the hidden units of the network answer in the chosen cells, time to the right and a row for each unit, with units that answer alike beside each other; and where in the last state the most active ones answer.",
      sheet: () => {
        const { state } = moments[moments.length - 1];
        const maps = mostActiveUnits(rule, parameters, grid, state, MAPS);
        return hiddenSheet({
          activations: recording.hidden,
          steps: sampledSteps(inspection.steps),
          cells: inspection.cells,
          damagedAt: damage.map(({ step }) => step),
          grid: shown,
          maps: maps.map(({ unit, activations }) => ({
            unit,
            activations: cutWindow(activations, grid, 1, box).data,
          })),
        });
      },
    },
    {
      name: "sobel.png",
      title: "Perception",
      text: `What cells see of their surroundings: the ${target ? "target" : "picture as it was grown"}, and what the rule's kernels, shown in front of each row, make of it.`,
      sheet: () => {
        const picture = target ?? statePicture(model, grown.state);
        const visible = Uint8Array.from({ length: grid[0] * grid[1] }, (_, n) =>
          picture[n * 4 + 3] > 0 ? CELL_KIND.mature : CELL_KIND.empty,
        );
        const part = patternBox([visible], grid);
        const { data } = cutWindow(picture, grid, 4, part);
        return perceptionSheet(model, [part.height, part.width], data, target ? "target" : "grown picture");
      },
    },
    {
      name: "fire.png",
      title: "Fire",
      text: `Cells that do not fire in step ${grown.step}, at several fire rates. A mask is a hash of the seed, the step and the cell: what fires at a low rate fires at a higher one, too. This automaton's own rate is ${rule.fireRate}.`,
      sheet: () => fireSheet(model, grid, grown.state, { seed, step: grown.step, rates: FIRE_RATES }),
    },
  ];
  // Kernels of each channel's own would need a picture each.
  return sheets.filter(
    ({ name }) =>
      (name !== "hidden.png" || hiddenCount(rule) > 0) && (name !== "sobel.png" || !rule.perceive),
  );
}

/** The traces of one cell, shape (steps + 1, C). */
function cellTrace({ recording, cells, model }: Inspection, cell: number): Float32Array {
  const { channels } = model.rule;
  return recording.traces.filter((_, i) => Math.floor(i / channels) % cells.length === cell);
}

async function pageOf(inspection: Inspection, pictures: readonly ReportPicture[]): Promise<string> {
  const { model, name, grid, steps, seed, damage, cells, recording, film } = inspection;
  const kept = new Set([...sampledSteps(steps, CHART_STEPS), ...damage.map(({ step }) => step)]);
  const shown = [...kept].toSorted((a, b) => a - b);
  const width = cells.length * model.rule.channels;
  const at = (values: ArrayLike<number>) => shown.map((step) => values[step]);
  const damages = damage.map(({ kind, step }) => `${kind} removed after step ${step}`);
  const columns = Math.ceil(Math.sqrt(film.pictures.length));
  return reportHtml({
    title: `Inside ${name}`,
    summary: `${[`${steps} steps on ${grid[0]} × ${grid[1]} cells from seed ${seed}`, ...damages].join("; ")}.`,
    run: {
      steps: shown,
      grid,
      cells,
      channels: channelStyles(model).map((style) => ({
        name: style.name,
        colour: style.colour === colours.ink ? undefined : style.colour,
        dash: style.dash,
      })),
      traces: recording.traces.filter((_, i) => kept.has(Math.floor(i / width))),
      counts: {
        mature: at(recording.mature),
        growing: at(recording.growing),
        norms: at(recording.norms),
      },
      damage,
    },
    film: {
      steps: film.steps,
      columns,
      webp: await encodeWebpPicture(stripOf(film.pictures, columns)),
    },
    pictures,
  });
}
