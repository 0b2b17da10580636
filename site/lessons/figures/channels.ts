/** The sixteen numbers of a cell. */
import type { Model } from "neoblast";

const PICTURE = ["red", "green", "blue", "alpha"] as const;

/** Of a cell whose picture comes first: red, green, blue and alpha, then hidden 4 and so on. */
export function channelNames(count: number): string[] {
  return Array.from({ length: count }, (_, channel) => PICTURE[channel] ?? `hidden ${channel}`);
}

/**
 * How well a channel tells which end of the lizard a cell is in: the correlation, over mature cells, of its value with how
 * far the cell lies from the top left, the head's corner, towards the tail's. -1 to 1; 0 where nothing lives.
 *
 * @param state shape (H, W, C).
 */
export function headToTail(
  { rule }: Pick<Model, "rule">,
  width: number,
  state: Float32Array,
  channel: number,
): number {
  const { channels: C, alive } = rule;
  let [n, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let cell = 0; cell < state.length / C; cell++) {
    if (!(state[cell * C + alive.channel] > alive.threshold)) continue;
    const place = (cell % width) + Math.floor(cell / width);
    const value = state[cell * C + channel];
    n++;
    x += place;
    y += value;
    xx += place * place;
    yy += value * value;
    xy += place * value;
  }
  const spread = Math.sqrt((n * xx - x * x) * (n * yy - y * y));
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}
