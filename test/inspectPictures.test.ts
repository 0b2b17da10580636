/** Pictures of an inspection as a person approved of them, of states made from formulas. */
import { it } from "vitest";
import { cellKinds } from "../src/analysis/cells.ts";
import { encodeSheet } from "../src/node/encode.ts";
import { hiddenSheet } from "../src/render/hiddenSheet.ts";
import { perceptionSheet, statePicture } from "../src/render/perceptionSheet.ts";
import type { Sheet } from "../src/render/sheet.ts";
import { cellsSheet, channelsSheet, fireSheet } from "../src/render/stateSheets.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Plane } from "../src/rule/grid.ts";
import { expectApproved } from "./approved.ts";

const layout = splitRule({ ...picturePresets.distill, channels: 6, seed: { from: 3, to: 6 } });
const { rule } = layout;
const grid: Plane = [12, 14];

/** A disc of a radius in cells, green left and orange right; in hidden channels, waves. */
function discState(radius: number): Float32Array {
  const state = new Float32Array(grid[0] * grid[1] * rule.channels);
  for (let y = 0; y < grid[0]; y++) {
    for (let x = 0; x < grid[1]; x++) {
      const [dy, dx] = [y + 0.5 - grid[0] / 2, x + 0.5 - grid[1] / 2];
      const alpha = Math.min(1, radius - Math.hypot(dy, dx));
      if (alpha <= -0.5) continue;
      const [red, green] = dx < 0 ? [0.1, 0.7] : [0.9, 0.5];
      const hidden = [Math.sin(dx) * 3, dy * radius];
      const shown = Math.max(alpha, 0);
      state.set(
        [red * shown, green * shown, 0.2 * shown, alpha, ...hidden],
        (y * grid[1] + x) * rule.channels,
      );
    }
  }
  return state;
}

const looks = [1, 2.5, 4, 5.5].map((radius, i) => ({ heading: String(10 * i), state: discState(radius) }));
const last = looks[3].state;

/** 12 units at two cells over 24 steps: each answers for a while, later in the second cell. */
const activations = Float32Array.from({ length: 24 * 2 * 12 }, (_, i) => {
  const [step, cell, unit] = [Math.floor(i / 24), Math.floor(i / 12) % 2, i % 12];
  return Math.max(0, 1 - Math.abs(step - cell * 8 - ((unit * 5) % 12)) / 5);
});

it.each<[string, () => Sheet]>([
  ["perception", () => perceptionSheet(layout, grid, statePicture(layout, last), "a disc")],
  ["fire", () => fireSheet(layout, grid, last, { seed: 1, step: 5, rates: [0.25, 0.5, 0.75] })],
  [
    "cells",
    () =>
      cellsSheet(
        layout,
        grid,
        looks,
        looks.map(({ state }) => cellKinds(rule, grid, state)),
      ),
  ],
  ["channels", () => channelsSheet(layout, grid, looks)],
  [
    "hidden",
    () =>
      hiddenSheet({
        activations,
        steps: Array.from({ length: 24 }, (_, i) => i),
        cells: [
          [6, 7],
          [6, 2],
        ],
        damagedAt: [12],
        grid,
        maps: [0, 1].map((unit) => ({ unit, activations: last.filter((_, i) => i % 6 === 2 - unit) })),
      }),
  ],
])("draws %s", async (name, sheet) => {
  const png = await encodeSheet(sheet(), { palette: true });
  // Edges of letters and colours of the palette may come out a little otherwise in another version of sharp.
  await expectApproved(png, `inspect-${name}`, { level: 24, share: 0.002 });
});
