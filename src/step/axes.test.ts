/** The step on grids of one, two and three axes, held against one another. */
import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { drawing, randomArray, randomParameters } from "../conformance/scenario.ts";
import { type Grid, cellCount, cellNumber, isGrid, positionOf } from "../rule/grid.ts";
import { depthwiseOffsets } from "../rule/parts/depthwise.ts";
import type { Kernel, Rule, Tap } from "../rule/rule.ts";
import { kernelTaps } from "../rule/kernels.ts";
import type { Floats } from "./floats.ts";
import { stepForward } from "./step.ts";

type State = Readonly<{ grid: Grid; cells: Floats }>;

const CHANNELS = 3;
const draw = drawing(3);
const numbers = (length: number) => new Float64Array(randomArray(length, draw));

function next(rule: Rule, { grid, cells }: State, parameters: Floats): State {
  const everywhere = new Uint8Array(cellCount(grid)).fill(1);
  return { grid, cells: stepForward({ rule, grid, parameters }, cells, everywhere).next };
}

/** The same state with its axes in another order: axis i of the result is axis `order[i]` of the state. */
function permuted({ grid, cells }: State, order: readonly number[]): State {
  const sizes = order.map((axis) => grid[axis]);
  if (!isGrid(sizes, 3)) throw new RangeError("three axes were meant");
  const turned = sizes;
  const moved = new Float64Array(cells.length);
  for (let n = 0; n < cellCount(turned); n++) {
    const place = positionOf(turned, n);
    const from = cellNumber(
      grid,
      order.map((_, axis) => place[order.indexOf(axis)]),
    );
    moved.set(cells.subarray(from * CHANNELS, (from + 1) * CHANNELS), n * CHANNELS);
  }
  return { grid: turned, cells: moved };
}

function expectClose(actual: Floats, expected: Floats): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-12));
}

const alive = { mask: "both", channel: 1, threshold: 0.4 } as const;
const taps: readonly Tap[] = [
  { offset: [1, -2], weight: 0.5 },
  { offset: [0, 1], weight: -0.75 },
];

describe.each(["zero", "wrap"] as const)("axes, boundary %s", (boundary) => {
  const base = smallRule({ channels: CHANNELS, boundary, alive });

  it("a grid with an axis of one cell computes what the grid without it does", () => {
    const plane: Rule = { ...base, kernels: ["identity", { taps }] };
    const parameters = new Float64Array(randomParameters(plane, draw));
    const cells = numbers(5 * 4 * CHANNELS);
    const expected = next(plane, { grid: [5, 4], cells }, parameters).cells;
    for (const axis of [0, 1, 2]) {
      const thick: Rule = {
        ...plane,
        axes: 3,
        kernels: [
          "identity",
          { taps: taps.map(({ offset, weight }) => ({ offset: offset.toSpliced(axis, 0, 0), weight })) },
        ],
      };
      const grid = [5, 4].toSpliced(axis, 0, 1);
      if (!isGrid(grid, 3)) throw new RangeError("three axes were meant");
      expect(next(thick, { grid, cells }, parameters).cells).toEqual(expected);
    }
    const line: Rule = { ...base, axes: 1, kernels: ["identity", { taps: [{ offset: [-2], weight: 0.3 }] }] };
    const flat: Rule = { ...base, kernels: ["identity", { taps: [{ offset: [0, -2], weight: 0.3 }] }] };
    expect(next(line, { grid: [20], cells }, parameters).cells).toEqual(
      next(flat, { grid: [1, 20], cells }, parameters).cells,
    );
  });

  it("axes may change places with their kernels", () => {
    const space: Rule = {
      ...base,
      axes: 3,
      kernels: ["identity", "sobelX", "sobelY", "sobelZ", "laplacian"],
    };
    const parameters = new Float64Array(randomParameters(space, draw));
    const state = { grid: [3, 4, 5] as const, cells: numbers(60 * CHANNELS) };
    const expected = next(space, state, parameters);
    for (const [order, kernels] of [
      [
        [1, 0, 2],
        ["identity", "sobelX", "sobelZ", "sobelY", "laplacian"],
      ],
      [
        [2, 0, 1],
        ["identity", "sobelZ", "sobelX", "sobelY", "laplacian"],
      ],
    ] as const) {
      const turned = next({ ...space, kernels: [...kernels] }, permuted(state, order), parameters);
      expectClose(turned.cells, permuted(expected, order).cells);
    }
  });

  it.each([1, 2, 3] as const)("depthwise kernels are taps of each channel's own, on %d axes", (axes) => {
    const trained: Rule = { ...base, axes, perceive: { kind: "depthwise", size: 3, kernels: 2 } };
    const offsets = depthwiseOffsets(trained);
    const network = smallRule({
      channels: CHANNELS,
      boundary,
      alive,
      axes,
      kernels: ["identity", "laplacian"],
    });
    const own = new Float64Array(randomParameters(network, draw));
    // The weights of both kernels, the same for all channels.
    const weights = ["identity", "laplacian"] as const;
    const stack = weights.flatMap((name: Kernel) =>
      offsets.flatMap((offset) => {
        const tap = kernelTaps(name, axes).find((each) => each.offset.join() === offset.join());
        return Array<number>(CHANNELS).fill(tap?.weight ?? 0);
      }),
    );
    const grid = ([[30], [5, 6], [3, 2, 5]] as const)[axes - 1];
    const cells = numbers(30 * CHANNELS);
    expectClose(
      next(trained, { grid, cells }, Float64Array.from([...stack, ...own])).cells,
      next(network, { grid, cells }, own).cells,
    );
  });
});
