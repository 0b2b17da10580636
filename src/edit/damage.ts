/** Damage: cells set to zero, so that an automaton can learn, or show, how to regrow them. */
import type { Edit } from "../engine/unroll.ts";
import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import { type Draw, STREAM, uniform } from "../random.ts";
import { type Grid, planeOf, relativePosition } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { emptyCell } from "./channels.ts";

/**
 * `circle`: of random centre and radius; `half`: one side of a random line; `band`: between two random parallels;
 * `half-...`: that half of the grid; `hole`: a centred disc; `core`: a large disc near the centre, which leaves little but the
 * rim.
 */
export const damageKinds = [
  "circle",
  "half",
  "band",
  "half-left",
  "half-right",
  "half-top",
  "half-bottom",
  "hole",
  "core",
] as const;
/**
 * Which cells are zeroed. `circle`: of random centre and radius; `half`: one side of a random line; `band`: between two
 * random parallels; `half-...`: that half of the grid; `hole`: a centred disc; `core`: a large disc near the centre, which
 * leaves little but the rim.
 */
export type DamageKind = (typeof damageKinds)[number];

/** Damage of a kind, and the step after which it is dealt. */
export type DamageAt = Readonly<{ kind: DamageKind; step: number }>;

/** Radius of `hole`, as a fraction of half the grid. */
const HOLE_RADIUS = 0.3;

/**
 * Zeroes the damaged cells of a state, in place: on three axes in every slice the same, on one as in a single row.
 *
 * @param state shape (...grid, C).
 * @param draw needed by `circle`: its centre is uniform in [-0.5, 0.5] and its radius in [0.1, 0.4], in units of
 * half the grid's height and width (`make_circle_masks` of Mordvintsev et al., Distill 2020). Needed by `half`: the
 * line has any direction and passes the centre at up to 0.25 of the same unit. Needed by `band`: its middle is such a
 * line, at up to 0.3, and its width 0.2 to 0.5. Needed by `core`: its centre is uniform in [-0.2, 0.2] and its radius in
 * [0.3, 0.42].
 * @param kept channels that are left as they are (`placeChannels`); default none.
 *
 * @example
 * ```ts
 * import { applyDamage } from "neoblast";
 *
 * const state = new Float32Array(4 * 4 * 2).fill(1);
 * applyDamage(state, [4, 4], 2, "half-top", [0, 0, 0]);
 * console.log(state.reduce((sum, number) => sum + number)); // 16
 * ```
 */
export function applyDamage(
  state: Float32Array,
  grid: Grid,
  channels: number,
  kind: DamageKind,
  draw: Draw,
  kept: readonly number[] = [],
): void {
  const [rows, width] = planeOf(grid);
  const height = grid.length === 1 ? 1 : grid[grid.length - 2];
  const isDamaged = damagedArea(kind, draw);
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x++) {
      if (!isDamaged(relativePosition(row % height, height), relativePosition(x, width))) continue;
      emptyCell(state, (row * width + x) * channels, channels, kept);
    }
  }
}

/** {@link applyDamage} as an edit of a rollout, after a step. Damage of another `index` is drawn anew. */
export function damageEdit(
  kind: DamageKind,
  step: number,
  {
    rule,
    grid,
    seed,
    index = 0,
    kept,
  }: Readonly<{ rule: Rule; grid: Grid; seed: number; index?: number; kept?: readonly number[] }>,
): Edit {
  return {
    step,
    apply: (state) => applyDamage(state, grid, rule.channels, kind, [seed, step, index], kept),
  };
}

/** A damage kind out of several, drawn from the same numbers as the damage. */
export function drawDamageKind(kinds: readonly DamageKind[], [seed, step, index]: Draw): DamageKind {
  return kinds[Math.floor(uniform(seed, STREAM.damage, step, 4 * index) * kinds.length)];
}

function disc(centreY: number, centreX: number, radius: number) {
  return (y: number, x: number) =>
    (y - centreY) * (y - centreY) + (x - centreX) * (x - centreX) < radius * radius;
}

/** How far positions lie in a direction. */
function distanceAlong(degrees: number) {
  const [x0, y0] = [cosineOfDegrees(degrees), sineOfDegrees(degrees)];
  return (y: number, x: number) => x * x0 + y * y0;
}

/** Whether a position is damaged. */
function damagedArea(kind: DamageKind, [seed, step, index]: Draw): (y: number, x: number) => boolean {
  const draw = (word: number) => uniform(seed, STREAM.damage, step, 4 * index + word);
  switch (kind) {
    case "circle":
      return disc(draw(1) - 0.5, draw(2) - 0.5, 0.1 + 0.3 * draw(3));
    case "half": {
      const along = distanceAlong(360 * draw(1));
      const offset = 0.5 * draw(2) - 0.25;
      return (y, x) => along(y, x) > offset;
    }
    case "band": {
      const along = distanceAlong(360 * draw(1));
      const middle = 0.6 * draw(2) - 0.3;
      const reach = 0.1 + 0.15 * draw(3);
      return (y, x) => Math.abs(along(y, x) - middle) < reach;
    }
    case "half-left":
      return (_, x) => x < 0;
    case "half-right":
      return (_, x) => x > 0;
    case "half-top":
      return (y) => y < 0;
    case "half-bottom":
      return (y) => y > 0;
    case "hole":
      return disc(0, 0, HOLE_RADIUS);
    case "core":
      return disc(0.4 * draw(1) - 0.2, 0.4 * draw(2) - 0.2, 0.3 + 0.12 * draw(3));
    default:
      return kind satisfies never;
  }
}
