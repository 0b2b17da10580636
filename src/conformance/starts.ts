/** Initial states of the conformance cases, drawn on the rows that the cells of a grid lie in (`planeOf`). Living cells hold random numbers and an alpha well above the threshold. */
import { type Plane, planeOf, stateSize } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Random, StateMaker } from "./scenario.ts";

/** What a cell of an initial state is: strays are dead, but not empty. */
type Kind = "empty" | "alive" | "stray";

function cells(kindOf: (y: number, x: number, plane: Plane, draw: Random) => Kind): StateMaker {
  return (rule, grid, draw) => {
    const state = new Float32Array(stateSize(rule, grid));
    const plane = planeOf(grid);
    for (let y = 0; y < plane[0]; y++) {
      for (let x = 0; x < plane[1]; x++) {
        const kind = kindOf(y, x, plane, draw);
        if (kind === "empty") continue;
        const cell = (y * plane[1] + x) * rule.channels;
        for (let c = 0; c < rule.channels; c++) state[cell + c] = 2 * draw() - 1;
        state[cell + rule.alive.channel] = alphaOf(kind, rule, draw);
      }
    }
    return state;
  };
}

function alphaOf(kind: "alive" | "stray", { alive }: Rule, draw: Random): number {
  return alive.threshold + (kind === "alive" ? 0.1 + 0.7 * draw() : -0.1 - 0.4 * draw());
}

const where = (lives: (y: number, x: number, plane: Plane) => boolean) =>
  cells((y, x, plane) => (lives(y, x, plane) ? "alive" : "empty"));
const within = (radius: number, dy: number, dx: number) => dy * dy + dx * dx <= radius * radius;
const onEdge = (position: number, size: number) => position === 0 || position === size - 1;

export const empty = where(() => false);
export const full = where(() => true);
export const oneCell = where((y, x, [height, width]) => y === height >> 1 && x === width >> 1);
export const corners = where((y, x, [height, width]) => onEdge(y, height) && onEdge(x, width));
export const edges = where(
  (y, x, [height, width]) =>
    (onEdge(y, height) && x === width >> 1) || (onEdge(x, width) && y === height >> 1),
);
/** A disc two cells from the top left, and one two cells from the bottom right. */
export const colonies = where(
  (y, x, [height, width]) => within(2, y - 4, x - 4) || within(2, y - height + 5, x - width + 5),
);
/** A disc that fills most of the grid, and what is left of it where its right part was erased. */
export const disc = where((y, x, [height, width]) =>
  within(0.35 * Math.min(height, width), y - height / 2, x - width / 2),
);
export const damaged = where(
  (y, x, [height, width]) =>
    within(0.35 * Math.min(height, width), y - height / 2, x - width / 2) &&
    !within(0.3 * Math.min(height, width), y - height / 2, x - 0.8 * width),
);
export const scattered = cells((_y, _x, _plane, draw) => (draw() < 0.2 ? "alive" : "empty"));
/** A living cell in the middle, and one cell in four around it dead but not empty. */
export const strays = cells((y, x, [height, width], draw) => {
  if (y === height >> 1 && x === width >> 1) return "alive";
  return draw() < 0.25 ? "stray" : "empty";
});
export const mixed = cells(
  (_y, _x, _plane, draw) => (["empty", "alive", "stray"] as const)[Math.floor(3 * draw())],
);
/** One cell in the middle, 1 from the alive channel on. */
export const seed: StateMaker = ({ channels, alive }, grid) => {
  const [height, width] = planeOf(grid);
  const state = new Float32Array(height * width * channels);
  const cell = ((height >> 1) * width + (width >> 1)) * channels;
  return state.fill(1, cell + alive.channel, cell + channels);
};
