import type { Raster } from "../data/image.ts";
import { perceive } from "../step/perception.ts";
import { kernelTaps } from "../rule/kernels.ts";
import type { PictureLayout } from "../model/readout.ts";
import { perceptionRadius } from "../rule/parts/perceive.ts";
import type { Plane } from "../rule/grid.ts";
import type { Kernel, Rule } from "../rule/rule.ts";
import { keySheet, scaleFor, stackSheets } from "./compose.ts";
import { kernelNames } from "./kernelNames.ts";
import { targetRaster } from "./rgba.ts";
import { diverging, gridRaster, magnitude, rangeInWords } from "./scale.ts";
import { layoutTable, type Sheet } from "./sheet.ts";

const CHANNELS = [
  ["alpha", 3],
  ["red", 0],
  ["green", 1],
  ["blue", 2],
] as const;

/**
 * A picture, its channels, and what cells that hold it would perceive of them: a row for each kernel of the rule but
 * the identity, with the kernel itself in front. Each row has a scale of its own.
 *
 * @param picture shape (H, W, 4). @param name of what it is, in a word or two.
 */
export function perceptionSheet(
  { rule, readout }: PictureLayout & Readonly<{ rule: Rule }>,
  grid: Plane,
  picture: Float32Array,
  name: string,
): Sheet {
  const cells = grid[0] * grid[1];
  const scale = scaleFor(grid, CHANNELS.length + 1);
  const row = (label: string, first: Raster, valueOf: (n: number, channel: number) => number) => {
    const fields = CHANNELS.map(([, channel]) =>
      Float32Array.from({ length: cells }, (_, n) => valueOf(n, channel)),
    );
    const values = fields.flatMap((field) => [...field]);
    const largest = magnitude(values, 0);
    const pictures = fields.map((field) => gridRaster(grid, (n) => diverging(field[n] / largest), scale));
    return { label, notes: [rangeInWords(values)], pictures: [first, ...pictures] };
  };

  const size = [grid[0] * scale, grid[1] * scale] as const;
  const { kernels } = rule;
  const names = kernelNames(rule);
  const seen = perceive({ ...rule, channels: 4, inputSize: 0 }, grid, picture, undefined);
  const rows = kernels.flatMap((kernel, k) => {
    if (kernel === "identity") return [];
    const valueOf = (n: number, channel: number) => seen[(n * 4 + channel) * kernels.length + k];
    return [row(names[k], kernelRaster(rule, kernel, size), valueOf)];
  });
  const colours = targetRaster(picture, grid, readout.premultiplied, { scale });
  const table = layoutTable(
    ["", ...CHANNELS.map(([channel]) => channel)],
    [row(name, colours, (n, channel) => picture[n * 4 + channel]), ...rows],
  );
  return stackSheets([table, keySheet([{ scale: diverging, low: -1, from: "below 0", to: "above 0" }])]);
}

/** The picture in a state as it is, colours unclamped: shape (H, W, 4); opaque where it has no alpha. */
export function statePicture(
  { rule: { channels }, readout }: PictureLayout,
  state: Float32Array,
): Float32Array {
  return Float32Array.from({ length: (4 * state.length) / channels }, (_, i) => {
    const [n, c] = [Math.floor(i / 4), i % 4];
    if (c === 3 && readout.channels < 4) return 1;
    return state[n * channels + readout.offset + (readout.channels === 1 ? 0 : c)];
  });
}

/** The weights of a kernel as squares, in the middle of a picture of the given size. */
function kernelRaster(rule: Rule, kernel: Kernel, [height, width]: Plane): Raster {
  const taps = kernelTaps(kernel);
  const radius = Math.max(1, perceptionRadius({ ...rule, kernels: [kernel] }));
  const side = 2 * radius + 1;
  const weights = new Float64Array(side * side);
  for (const { offset, weight } of taps) weights[(offset[0] + radius) * side + offset[1] + radius] += weight;
  const largest = magnitude(weights, 0);
  const pixels = Math.max(1, Math.floor((0.6 * Math.min(height, width)) / side));
  const gap = pixels > 8 ? 2 : 0;
  const [top, left] = [height, width].map((size) => (size - side * pixels) >> 1);
  return gridRaster([height, width], (n) => {
    const [y, x] = [Math.floor(n / width) - top, (n % width) - left];
    const [row, column] = [Math.floor(y / pixels), Math.floor(x / pixels)];
    const outside = row < 0 || row >= side || column < 0 || column >= side;
    if (outside || y % pixels < gap || x % pixels < gap) return diverging(0);
    return diverging((0.75 * weights[row * side + column]) / largest);
  });
}
