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
