import { describe, expect, it } from "vitest";
import { rulePresets } from "../../rule/presets.ts";
import type { Plane } from "../../rule/grid.ts";
import { pcg4d } from "../../random.ts";
import type { CotangentSink } from "./loss.ts";
import { cotangentOf } from "./loss.case.ts";
import { pyramid, pyramidBackward } from "./pyramid.ts";
import { textureLevels, textureLoss, textureSettings } from "./texture.ts";
import { PADDING, patchesFor } from "./patches.ts";
import { transport } from "./transport.ts";

const numbers = (length: number, salt: number) =>
  Float32Array.from({ length }, (_, i) => pcg4d(salt, i, 0, 0) / 2 ** 32);

const settings = { ...textureSettings, directions: 4 };
const sample = { goal: 0, trainingStep: 3 };

/** The loss of states of two channels before the colours and one after them. */
function lossOf(
  grid: Plane,
  target: { grid: Plane; data: Float32Array; wraps: boolean },
  { boundary = "wrap", ...more }: Partial<typeof settings> & { boundary?: "wrap" | "zero" } = {},
) {
  const layout = {
    rule: { ...rulePresets.distill, boundary, channels: 6 },
    readout: { offset: 2, channels: 3, premultiplied: false },
  } as const;
  const loss = textureLoss(layout, grid, target, { ...settings, ...more }, 7);
  return (data: Float32Array, sink?: CotangentSink, trainingStep = 3) =>
    loss({ top: 0, left: 0, height: grid[0], width: grid[1], data }, { goal: 0, trainingStep }, sink);
}

/** A state that shows a picture (H, W, 3), other channels at random. */
function stateOf(picture: Float32Array): Float32Array {
  const state = numbers(2 * picture.length, 5);
  for (let i = 0; i < picture.length; i++) state[Math.floor(i / 3) * 6 + 2 + (i % 3)] = picture[i];
  return state;
}

/** Places of numbers from the smallest on. */
function ascending(values: Float64Array): Uint32Array {
  const directions = new Float64Array(PADDING * PADDING);
  directions[0] = 1;
  const { patches, project, order } = patchesFor(values.length, PADDING, directions);
  patches.fill(0);
  values.forEach((value, n) => {
    patches[n * PADDING] = value;
  });
  project();
  return order(0).slice();
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Colours that rise to the right. */
const ramp = (g: Plane) =>
  Float32Array.from({ length: g[0] * g[1] * 3 }, (_, i) => (Math.floor(i / 3) % g[1]) / g[1]);

describe("transport", () => {
  it("is the mean squared difference of sorted sets of one size", () => {
    const x = Float64Array.of(3, -1, 0.5);
    expect([...ascending(x)]).toEqual([1, 2, 0]);
    expect(transport(x, ascending(x), Float64Array.of(0, 0, 5))).toBe((1 + 0.25 + 4) / 3);
  });

  it("splits what it moves between sets of different sizes", () => {
    // Of the two, each of mass 1/2: 1/3 and 1/6 go to 0 and 1; 1/6 and 1/3 to 1 and 4.
    const x = Float64Array.of(2, 1);
    const dx = new Float64Array(2);
    const y = Float64Array.of(0, 1, 4);
    expect(transport(x, ascending(x), y, dx)).toBeCloseTo((2 * 1 + 0 + 1 + 2 * 4) / 6, 14);
    expect(dx[1]).toBeCloseTo((2 * 2 * 1 + 0) / 6, 14);
    expect(dx[0]).toBeCloseTo((2 * 1 - 2 * 2 * 2) / 6, 14);
  });

  it("orders negative, equal and tiny numbers", () => {
    expect([...ascending(Float64Array.of(-0.5, 1e-40, -2, 0, 0, 7))]).toEqual([2, 0, 3, 4, 1, 5]);
  });
});

describe("pyramid", () => {
  const shape = { channels: 1, levels: 3, sharpness: 2 };

  it("keeps an even picture even, on every level", () => {
    for (const wraps of [true, false]) {
      const data = new Float64Array(12 * 8).fill(0.25);
      const levels = pyramid({ grid: [12, 8], data }, { ...shape, wraps });
      expect(levels.map(({ grid }) => grid)).toEqual([
        [12, 8],
        [6, 4],
        [3, 2],
      ]);
      for (const level of levels) expect(new Set(level.data)).toEqual(new Set([0.25]));
    }
  });

  it("has its adjoint: <pyramid(x), y> = <x, pyramidBackward(y)>", () => {
    for (const wraps of [true, false]) {
      const x = Float64Array.from(numbers(11 * 8, 1));
      const levels = pyramid({ grid: [11, 8], data: x }, { ...shape, wraps });
      const y = levels.map(({ grid, data }, l) => ({
        grid,
        data: Float64Array.from(numbers(data.length, 9 + l)),
      }));
      const forward = levels.reduce((sum, { data }, l) => sum + dot(data, y[l].data), 0);
      expect(forward).toBeCloseTo(dot(x, pyramidBackward(y, { ...shape, wraps })), 10);
    }
  });
});

describe("textureLoss", () => {
  const grid: Plane = [16, 24];
  const picture = numbers(16 * 24 * 3, 2);

  it("is 0 for a picture and itself, on a torus, on a bounded grid, and of a lattice of its patches", () => {
    for (const [wraps, boundary] of [
      [true, "wrap"],
      [false, "zero"],
    ] as const) {
      for (const patches of [1024, 50]) {
        const loss = lossOf(grid, { grid, data: picture, wraps }, { boundary, patches });
        expect(loss(stateOf(picture))).toBe(0);
        expect(loss(stateOf(numbers(picture.length, 3)))).toBeGreaterThan(1e-4);
      }
    }
  });

  it("is 0 for a picture that is shifted around the torus", () => {
    const shifted = Float32Array.from(picture, (_, i) => {
      const [y, x, k] = [Math.floor(i / 72), Math.floor(i / 3) % 24, i % 3];
      return picture[(((y + 4) % 16) * 24 + ((x + 8) % 24)) * 3 + k];
    });
    expect(lossOf(grid, { grid, data: picture, wraps: true })(stateOf(shifted))).toBeLessThan(1e-15);
  });

  it("takes no patch across the edges of a target that does not wrap", () => {
    // Every patch inside is one colour down its columns; across the edge, none would be.
    const inside = lossOf(grid, { grid, data: ramp(grid), wraps: false }, { boundary: "zero" });
    const around = lossOf(grid, { grid, data: ramp(grid), wraps: true }, { boundary: "zero" });
    expect(inside(stateOf(ramp(grid)))).toBe(0);
    expect(around(stateOf(ramp(grid)))).toBeGreaterThan(1e-3);
  });

  it("has the gradient of finite differences, with targets of another size and boundary", () => {
    const target = { grid: [13, 17] as const, data: numbers(13 * 17 * 4, 4), wraps: false };
    for (const boundary of ["wrap", "zero"] as const) {
      for (const patches of [1024, 40]) {
        const loss = lossOf([9, 11], target, { boundary, patches });
        const state = numbers(9 * 11 * 6, 6);
        const cotangent = cotangentOf((sink) => loss(state, sink), state.length);
        const step = 2 ** -13;
        const slopes = Array.from(state, (value, i) => {
          const [low, high] = [Math.fround(value - step), Math.fround(value + step)];
          return (loss(state.with(i, high)) - loss(state.with(i, low))) / (high - low);
        });
        const largest = Math.max(...slopes.map(Math.abs));
        // Where two patches change places between the two ends, the slope has a corner.
        slopes.forEach((slope, i) => expect(Math.abs(cotangent[i] - slope)).toBeLessThan(0.01 * largest));
        expect(cotangent.filter((_, i) => i % 6 < 2 || i % 6 === 5).every((value) => value === 0)).toBe(true);
      }
    }
  });

  it("draws other directions for another training step, and the same for the same", () => {
    const loss = lossOf(grid, { grid, data: picture, wraps: true });
    const state = stateOf(numbers(picture.length, 3));
    const first = loss(state);
    expect(loss(state, undefined, 4)).not.toBe(first);
    expect(loss(state)).toBe(first);
  });

  it("takes the cells outside a window for zeros, and gives no cotangent there", () => {
    const layout = {
      rule: { ...rulePresets.distill, channels: 4 },
      readout: { offset: 0, channels: 3, premultiplied: false },
    } as const;
    const loss = textureLoss(layout, [16, 16], { grid, data: picture, wraps: true }, settings, 7);
    const data = numbers(4 * 3 * 4, 8);
    const whole = new Float32Array(16 * 16 * 4);
    for (let y = 0; y < 4; y++) whole.set(data.subarray(y * 12, (y + 1) * 12), ((2 + y) * 16 + 5) * 4);
    const sink = { data: new Float32Array(data.length), scale: 1 };
    const window = { top: 2, left: 5, height: 4, width: 3, data };
    expect(loss(window, sample, sink)).toBe(
      loss({ top: 0, left: 0, height: 16, width: 16, data: whole }, sample),
    );
    expect(sink.data.some((value) => value !== 0)).toBe(true);
    const empty = { top: 0, left: 0, height: 0, width: 0, data: new Float32Array(0) };
    expect(loss(empty, sample)).toBe(
      loss({ top: 0, left: 0, height: 16, width: 16, data: new Float32Array(16 * 16 * 4) }, sample),
    );
  });

  it("is NaN where the state is", () => {
    const loss = lossOf(grid, { grid, data: picture, wraps: true });
    expect(loss(stateOf(picture).with(3, NaN))).toBeNaN();
  });

  it("refuses what memory does not hold, before it takes any", () => {
    const large: Plane = [512, 512];
    const wide = { grid: large, data: new Float32Array(512 * 512 * 3), wraps: true };
    expect(() => lossOf(large, wide, { patches: 2 ** 18, directions: 1024 })).toThrow(
      "262144 patches of 75 numbers along 1024 directions need more than 4 GiB of memory; ask for fewer patches or directions",
    );
  });

  it("has as many levels as pictures have sides of 8 for, and refuses what has none", () => {
    expect(textureLevels([[64, 64]], 5)).toBe(4);
    expect(
      textureLevels(
        [
          [64, 64],
          [300, 17],
        ],
        5,
      ),
    ).toBe(2);
    expect(() => lossOf([7, 64], { grid, data: picture, wraps: true })).toThrow(
      "textures have at least 8 pixels a side; the target has 16x24, the grid 7x64",
    );
    expect(() => lossOf(grid, { grid, data: picture.subarray(3), wraps: true })).toThrow(
      "numbers, not 3 or more",
    );
  });
});
