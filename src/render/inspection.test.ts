/** The sheets of an inspection: what is in their pictures. `test/inspectPictures.test.ts` has the pictures as a whole. */
import { describe, expect, it } from "vitest";
import { fireMask } from "../step/masks.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import type { Plane } from "../rule/grid.ts";
import { keySheet, stackSheets, textSheet } from "./compose.ts";
import { hiddenSheet, seriation } from "./hiddenSheet.ts";
import { perceptionSheet, statePicture } from "./perceptionSheet.ts";
import { diverging, sequential } from "./scale.ts";
import type { Sheet } from "./sheet.ts";
import { cellsSheet, channelsSheet, firedCells, fireSheet, stepHeadings } from "./stateSheets.ts";
import { stripOf } from "./strip.ts";
import { labelsWithRoom } from "./text.ts";

const layout = splitRule(picturePresets.distill);
const { rule } = layout;
/** The colour of a cell in the middle of its block. */
function colourAt({ pictures }: Sheet, picture: number, [height, width]: Plane, n: number): number[] {
  const { picture: raster } = pictures[picture];
  const [tall, wide] = [raster.height / height, raster.width / width];
  const y = Math.floor((Math.floor(n / width) + 0.5) * tall);
  const x = Math.floor(((n % width) + 0.5) * wide);
  return [...raster.data.subarray((y * raster.width + x) * 4, (y * raster.width + x) * 4 + 3)];
}

describe("fire", () => {
  it.each([0, 0.25, 0.5, 0.75, 1])("at rate %d is the engine's", (rate) => {
    const mask = fireMask({ ...rule, fireRate: rate }, [30, 40], 5, 0, 17);
    expect(firedCells([30, 40], rate, 5, 17)).toEqual([...mask].map(Boolean));
    const share = mask.reduce((sum, fires) => sum + fires, 0) / 1200;
    // Three standard deviations of 1,200 draws are at most 0.043.
    expect(Math.abs(share - rate)).toBeLessThan(0.043);
  });

  it("is painted over where there is none, and the shares are written", () => {
    const grid: Plane = [10, 12];
    const sheet = fireSheet(layout, grid, new Float32Array(1920), { seed: 5, step: 17, rates: [0.25, 0.75] });
    const fired = firedCells(grid, 0.75, 5, 17);
    expect(fired.some((fires) => !fires)).toBe(true);
    for (const [n, fires] of fired.entries()) {
      expect(colourAt(sheet, 1, grid, n)).toEqual(fires ? [245, 244, 240] : [74, 140, 216]);
    }
  });
});

describe("stepHeadings", () => {
  it("count from the last damage", () => {
    expect(stepHeadings([0, 10, 40, 100, 110, 140, 150, 200], [100, 150])).toEqual([
      "0",
      "10",
      "40",
      "damaged",
      "+10",
      "+40",
      "damaged",
      "200",
    ]);
    expect(stepHeadings([0, 5], [0])).toEqual(["damaged", "5"]);
  });
});

describe("cellsSheet", () => {
  it("has a colour for each kind of cell", () => {
    const looks = [{ heading: "0", state: new Float32Array(48) }];
    const sheet = cellsSheet(layout, [1, 3], looks, [Uint8Array.of(0, 1, 2)]);
    const colours = [0, 1, 2].map((n) => colourAt(sheet, 1, [1, 3], n));
    expect(colours).toEqual([
      [245, 244, 240],
      [236, 146, 106],
      [12, 92, 83],
    ]);
  });
});

describe("channelsSheet", () => {
  it("draws every channel in every state on its own scale", () => {
    const channels = 5;
    const small = { ...layout, rule: { ...rule, channels } };
    const states = [1, 2].map((factor) =>
      Float32Array.from({ length: 10 }, (_, i) => factor * (i % channels) * (i < channels ? 1 : -1)),
    );
    const sheet = channelsSheet(
      small,
      [1, 2],
      states.map((state) => ({ heading: "", state })),
    );
    expect(sheet.pictures.length).toBe(10);
    for (let channel = 1; channel < channels; channel++) {
      const seen = [0, 1].map((step) => [0, 1].map((n) => colourAt(sheet, channel * 2 + step, [1, 2], n)));
      expect(seen).toEqual([
        [diverging(0.5), diverging(-0.5)],
        [diverging(1), diverging(-1)],
      ]);
    }
    expect(colourAt(sheet, 0, [1, 2], 1)).toEqual(diverging(0));
  });
});

describe("perceptionSheet", () => {
  it("shows what the rule's kernels make of each channel", () => {
    const grid: Plane = [5, 5];
    const picture = new Float32Array(100);
    picture.set([0.5, 0, 0, 1], 12 * 4);
    const sheet = perceptionSheet(
      { ...layout, rule: { ...rule, kernels: ["identity", "sobelX", "laplacian"] } },
      grid,
      picture,
      "dot",
    );
    // Rows: dot, Sobel x, Laplacian; columns: colours or kernel, alpha, red, green, blue.
    expect(sheet.pictures.length).toBe(15);
    const at = (row: number, column: number, n: number) => colourAt(sheet, row * 5 + column, grid, n);
    expect([at(0, 1, 12), at(0, 2, 12), at(0, 3, 12)]).toEqual([diverging(1), diverging(0.5), diverging(0)]);
    // Cross-correlation: the cell left of the dot sees it on its right, with weight 2/8, the largest of all.
    expect([at(1, 1, 11), at(1, 1, 13)]).toEqual([diverging(1), diverging(-1)]);
    expect([at(1, 2, 6), at(1, 2, 8), at(1, 1, 12)]).toEqual([
      diverging(0.25),
      diverging(-0.25),
      diverging(0),
    ]);
    expect([at(2, 1, 12), at(2, 1, 11)]).toEqual([diverging(-1), diverging(1 / 6)]);
  });

  it("takes a grown picture as it is", () => {
    const state = Float32Array.from({ length: 32 }, (_, i) => i);
    expect([...statePicture(layout, state)]).toEqual([0, 1, 2, 3, 16, 17, 18, 19]);
    const readout = { offset: 2, channels: 1, premultiplied: false } as const;
    expect([...statePicture({ rule, readout }, state)]).toEqual([2, 2, 2, 1, 18, 18, 18, 1]);
    const colours = { offset: 4, channels: 3, premultiplied: false } as const;
    expect([...statePicture({ rule, readout: colours }, state)]).toEqual([4, 5, 6, 1, 20, 21, 22, 1]);
  });
});

describe("hiddenSheet", () => {
  it("puts units that answer alike beside each other, silent ones last", () => {
    const activities = [
      [0, 0, 0, 1],
      [0, 0, 0, 0],
      [5, 1, 0, 0],
      [0, 0, 2, 1],
      [1, 1, 0, 0],
      [0, 1, 4, 0],
    ].map((activity) => Float32Array.from(activity));
    // From the earliest on: alike are (5 1 0 0) and (1 1 0 0), then (0 1 4 0), (0 0 2 1), (0 0 0 1).
    expect(seriation(activities)).toEqual([2, 4, 5, 3, 0, 1]);
  });

  it("draws a heat map for each cell and a map for each unit", () => {
    // Two steps, two cells, two units: unit 0 answers in cell 0, unit 1 in cell 1.
    const activations = Float32Array.of(2, 0, 0, 1, 2, 0, 0, 1);
    const sheet = hiddenSheet({
      activations,
      steps: [0, 7],
      cells: [
        [0, 0],
        [0, 1],
      ],
      damagedAt: [7],
      grid: [1, 2],
      maps: [{ unit: 1, activations: Float32Array.of(0, 3) }],
    });
    expect(sheet.pictures.length).toBe(3);
    const heat = [0, 1].map((picture) => [0, 1, 2, 3].map((n) => colourAt(sheet, picture, [2, 2], n)));
    const [none, half, full] = [0, 0.5, 1].map((value) => [...sequential(value)]);
    expect(heat).toEqual([
      [full, full, none, none],
      [none, none, half, half],
    ]);
    expect([0, 1].map((n) => colourAt(sheet, 2, [1, 2], n))).toEqual([none, full]);
  });
});

describe("sheets", () => {
  it("stack without covering each other", () => {
    const line = textSheet("a line");
    const key = keySheet([{ colour: [1, 2, 3], text: "one" }]);
    const picture = { width: 10, height: 10, data: new Uint8ClampedArray(400) };
    const below: Sheet = { ...key, pictures: [{ left: 60, top: 60, picture }] };
    const { width, height, pictures, svg } = stackSheets([line, below]);
    expect(width).toBe(Math.max(line.width, key.width));
    const top = pictures[0].top - 60;
    expect(top).toBeGreaterThan(line.height / 2);
    expect(height).toBe(top + key.height);
    expect(svg).toContain(`<svg y="${top}" xmlns`);
  });

  it("put pictures into a strip row by row", () => {
    const pictures = [1, 2, 3].map((value) => ({
      width: 1,
      height: 2,
      data: new Uint8ClampedArray(8).fill(value),
    }));
    const { width, height, data } = stripOf(pictures, 2);
    expect([width, height]).toEqual([2, 4]);
    expect(Array.from({ length: 8 }, (_, i) => data[i * 4])).toEqual([1, 2, 1, 2, 3, 0, 3, 0]);
  });

  it("leave out labels that would run into others", () => {
    const labels = [30, 0, 33, 100, 60].map((x) => ({ x, text: "000" }));
    // "000" is about 19 pixels wide at size 10.
    expect(labelsWithRoom(labels, 10, [-20, 105]).map(({ x }) => x)).toEqual([0, 30, 60]);
  });
});
