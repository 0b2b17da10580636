/**
 * Values of cells over time as CSV: a line for each step and cell, with a column for each channel. Numbers have the nine
 * digits that distinguish every float32 from its neighbours.
 *
 * @param traces shape (steps + 1, cells, channels).
 */
export function tracesCsv(
  traces: Float32Array,
  cells: readonly (readonly [row: number, column: number])[],
  channels: number,
): string {
  const names = Array.from({ length: channels }, (_, channel) => `channel ${channel}`);
  const lines = [["step", "row", "column", ...names].join()];
  for (let at = 0; at < traces.length; at += channels) {
    const line = at / channels;
    const values = Array.from(traces.subarray(at, at + channels), (value) => Number(value.toPrecision(9)));
    lines.push([Math.floor(line / cells.length), ...cells[line % cells.length], ...values].join());
  }
  return `${lines.join("\n")}\n`;
}
