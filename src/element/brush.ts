import type { Grid } from "../rule/rule.ts";

/** A place on the grid in cells, from its top left corner; the first cell's centre is (0.5, 0.5). */
export type Place = Readonly<{ x: number; y: number }>;

/**
 * Zeroes the cells under a round brush drawn along a line, in place: those whose centre lies within `radius` cells of
 * it. The line may begin and end beyond the grid.
 *
 * @param state shape (H, W, C).
 */
export function eraseStroke(
  state: Float32Array,
  [height, width]: Grid,
  channels: number,
  from: Place,
  to: Place,
  radius: number,
): void {
  const first = (a: number, b: number) => Math.max(0, Math.floor(Math.min(a, b) - radius));
  const end = (a: number, b: number, size: number) => Math.min(size, Math.ceil(Math.max(a, b) + radius));
  for (let y = first(from.y, to.y); y < end(from.y, to.y, height); y++) {
    for (let x = first(from.x, to.x); x < end(from.x, to.x, width); x++) {
      if (distanceToLine({ x: x + 0.5, y: y + 0.5 }, from, to) > radius) continue;
      const cell = (y * width + x) * channels;
      state.fill(0, cell, cell + channels);
    }
  }
}

function distanceToLine(place: Place, from: Place, to: Place): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const square = dx * dx + dy * dy;
  const along = square > 0 ? ((place.x - from.x) * dx + (place.y - from.y) * dy) / square : 0;
  const nearest = Math.min(1, Math.max(0, along));
  return Math.hypot(place.x - from.x - nearest * dx, place.y - from.y - nearest * dy);
}
