// The drawn pictures that are given cell by cell: straight RGBA of 40 x 40.
import { pcg4d } from "../../dist/random.js";

const SIZE = 40;
/** Points a cell and side that smooth edges are averaged from. */
const POINTS = 4;

const mix = (a, b, share) => a.map((value, i) => value + (b[i] - value) * share);
const clamp = (value) => Math.min(Math.max(value, 0), 1);
const smooth = (value) => value * value * (3 - 2 * value);
const opaque = (colour) => [...colour, 1];
const hexColour = (text) => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));

/** Smooth noise from 0 to 1: random numbers at whole coordinates, and between them something between. */
function noise(stream, x, y) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (dx, dy) => pcg4d(stream, left + dx, top + dy, 0) / 2 ** 32;
  const [across, down] = [smooth(x - left), smooth(y - top)];
  const upper = at(0, 0) + (at(1, 0) - at(0, 0)) * across;
  const lower = at(0, 1) + (at(1, 1) - at(0, 1)) * across;
  return upper + (lower - upper) * down;
}

/** Noise of several sizes, each half as strong and twice as fine as the one before. */
function texture(stream, x, y) {
  return (4 * noise(stream, x, y) + 2 * noise(stream, 2 * x, 2 * y) + noise(stream, 4 * x, 4 * y)) / 7;
}

/** The picture of `colourAt(x, y)`: red, green, blue from 0 to 255 and alpha from 0 to 1; averaged over each cell. */
function sampled(colourAt) {
  const data = new Uint8Array(SIZE * SIZE * 4);
  for (let cell = 0; cell < SIZE * SIZE; cell++) {
    const sum = [0, 0, 0, 0];
    for (let i = 0; i < POINTS * POINTS; i++) {
      const x = (cell % SIZE) + ((i % POINTS) + 0.5) / POINTS;
      const y = Math.floor(cell / SIZE) + (Math.floor(i / POINTS) + 0.5) / POINTS;
      const [red, green, blue, alpha] = colourAt(x, y);
      for (const [c, value] of [red, green, blue].entries()) sum[c] += value * alpha;
      sum[3] += alpha;
    }
    if (sum[3] === 0) continue;
    for (let c = 0; c < 3; c++) data[cell * 4 + c] = Math.round(sum[c] / sum[3]);
    data[cell * 4 + 3] = Math.round((sum[3] / POINTS ** 2) * 255);
  }
  return { width: SIZE, height: SIZE, data };
}

/** A full, opaque square, as of a photograph: evening over a valley. */
function landscape() {
  const [zenith, horizon, glow] = ["#3f6fb5", "#f3c9a0", "#fff3cf"].map(hexColour);
  const [far, near] = ["#5f6f95", "#3c5166"].map(hexColour);
  const [meadow, shade] = ["#8a9a45", "#2f4a2c"].map(hexColour);
  return sampled((x, y) => {
    const grain = 0.72 + 0.5 * texture(1, x / 2.5, y / 2.5);
    const field = 27 + 5 * noise(2, x / 14, 0) - x / 16;
    if (y > field) {
      const light = clamp(0.15 + 1.1 * texture(3, x / 3, y / 1.6) - (y - field) / 34);
      return opaque(mix(shade, meadow, light).map((value) => Math.min(255, value * grain)));
    }
    const hills = 23.5 - 6 * noise(4, x / 9, 0) + x / 14;
    if (y > hills) return opaque(mix(near, far, clamp((y - hills) / 12)).map((value) => value * grain));
    const mountains = 20 - 9 * texture(5, x / 11, 0);
    if (y > mountains) {
      const snow = y < mountains + 2.5 && mountains < 15 ? 0.55 : 0;
      return opaque(mix(far, glow, clamp(snow + (y - mountains) / 40) * (0.7 + 0.3 * noise(6, x, y))));
    }
    const sky = mix(zenith, horizon, smooth(clamp(y / 19)));
    const cloud = smooth(clamp((texture(7, x / 9, y / 3) - 0.52) * 4)) * clamp(1 - y / 20);
    const sun = Math.hypot(x - 29, y - 8.5);
    const shine = sun < 3.4 ? 1 : 0.6 * clamp(1 - (sun - 3.4) / 9) ** 2;
    return opaque(mix(mix(sky, [250, 236, 228], cloud * 0.8), glow, shine));
  });
}

/** Discs that let each other, and what is behind them, show through. */
function translucent() {
  const discs = [
    { x: 20, y: 13, radius: 13, colour: hexColour("#e8433f"), alpha: 0.55 },
    { x: 13, y: 27, radius: 13, colour: hexColour("#2f9e6e"), alpha: 0.7 },
    { x: 27, y: 27, radius: 13, colour: hexColour("#3b6fe0"), alpha: 0.4 },
  ];
  return sampled((x, y) => {
    let [colour, alpha] = [[0, 0, 0], 0];
    for (const disc of discs) {
      if (Math.hypot(x - disc.x, y - disc.y) > disc.radius) continue;
      const below = alpha * (1 - disc.alpha);
      colour = mix(disc.colour, colour, below / (below + disc.alpha));
      alpha = below + disc.alpha;
    }
    return [...colour, alpha];
  });
}

/** A robot whose rivets, lamps, glints and chequers are single cells. */
function robot() {
  const data = new Uint8Array(SIZE * SIZE * 4);
  const fill = (left, top, width, height, colour) => {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) data.set([...hexColour(colour), 255], (y * SIZE + x) * 4);
    }
  };
  const cell = (x, y, colour) => fill(x, y, 1, 1, colour);
  const [shell, edge, dark, light] = ["#5fb3bf", "#2f6f7e", "#17313b", "#e9f6f5"];

  fill(19, 1, 1, 6, edge);
  cell(19, 0, "#ff3b30");
  fill(1, 16, 3, 10, edge);
  fill(36, 16, 3, 10, edge);
  fill(4, 7, 32, 28, edge);
  fill(5, 8, 30, 26, shell);
  for (const x of [6, 33]) for (const y of [9, 32]) cell(x, y, dark);
  for (let x = 9; x < 32; x += 3) cell(x, 10, ["#ffd23f", "#ff5d5d", "#7be06a", "#ffffff"][(x / 3 + 1) % 4]);
  for (const x of [9, 23]) {
    fill(x, 13, 8, 8, dark);
    fill(x + 1, 14, 6, 6, light);
    fill(x + 3, 16, 3, 3, dark);
    cell(x + 3, 16, "#ffffff");
    cell(x + 5, 18, "#36d1ff");
  }
  cell(19, 22, dark);
  cell(20, 23, dark);
  for (let y = 26; y < 32; y++) {
    for (let x = 10; x < 30; x++) cell(x, y, (x + y) % 2 ? light : dark);
  }
  fill(13, 35, 3, 5, edge);
  fill(24, 35, 3, 5, edge);
  for (let y = 36; y < 40; y += 2) for (const x of [14, 25]) cell(x, y, light);
  return { width: SIZE, height: SIZE, data };
}

/** Pictures by name. */
export const rasters = { landscape, translucent, robot };
