/** Gives all cells of one state what those of another have in some channels, in place. Both have shape (...grid, C). */
export function copyChannels(
  to: Float32Array,
  from: Float32Array,
  channels: number,
  which: readonly number[],
): void {
  for (let cell = 0; cell < to.length; cell += channels) {
    for (const channel of which) to[cell + channel] = from[cell + channel];
  }
}

/** Empties a cell, in place, but for some channels. @param at of its first number. */
export function emptyCell(state: Float32Array, at: number, channels: number, kept: readonly number[]): void {
  const numbers = kept.map((channel) => state[at + channel]);
  state.fill(0, at, at + channels);
  for (const [i, channel] of kept.entries()) state[at + channel] = numbers[i];
}
