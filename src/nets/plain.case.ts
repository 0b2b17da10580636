/** Layers in plain loops and double precision, and the arrays that jax-js holds: what the tests of networks share. */
import type { ParameterEntry } from "../rule/parameters.ts";

/** Parameters of a layer by the end of their names. */
export type Numbers = (name: string) => Readonly<{ shape: readonly number[]; values: readonly number[] }>;

/** Looks up the tensors of flat parameters. */
export function numbersOf(table: readonly ParameterEntry[], parameters: ArrayLike<number>): Numbers {
  return (name) => {
    const entry = table.find((tensor) => tensor.name === name)!;
    const values = Array.from({ length: entry.size }, (_, i) => parameters[entry.offset + i]);
    return { shape: entry.shape, values };
  };
}

export const relu = (x: readonly number[]) => x.map((value) => Math.max(0, value));

export function denseLoops(x: readonly number[], of: Numbers, name: string): number[] {
  const { values: weight } = of(`${name}.weight`);
  const { values: bias } = of(`${name}.bias`);
  return bias.map((b, j) => x.reduce((sum, value, i) => sum + value * weight[i * bias.length + j], b));
}

/** A picture (H, W, in) as a function of row, column and feature: 0 outside. */
type Picture = Readonly<{ height: number; width: number; features: number; values: readonly number[] }>;

function at({ height, width, features, values }: Picture, row: number, column: number, feature: number) {
  const inside = row >= 0 && row < height && column >= 0 && column < width;
  return inside ? values[(row * width + column) * features + feature] : 0;
}

/** Correlates with a weight (3, 3, in, out); output cell (r, c) has its window's first cell where `first` says. */
function correlate(
  x: Picture,
  [height, width]: readonly [number, number],
  first: (row: number, column: number) => readonly [number, number],
  of: Numbers,
  name: string,
): Picture {
  const { values: weight } = of(`${name}.weight`);
  const { values: bias } = of(`${name}.bias`);
  const values: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [top, left] = first(row, column);
      for (const [j, b] of bias.entries()) {
        let sum = b;
        for (let tap = 0; tap < 9; tap++) {
          for (let i = 0; i < x.features; i++) {
            const seen = at(x, top + Math.floor(tap / 3), left + (tap % 3), i);
            sum += seen * weight[(tap * x.features + i) * bias.length + j];
          }
        }
        values.push(sum);
      }
    }
  }
  return { height, width, features: bias.length, values };
}

/** Every other cell; "same" padding puts the odd cell of it, if there is one, at the end. */
export function convolveLoops(x: Picture, of: Numbers, name: string): Picture {
  const [height, width] = [Math.ceil(x.height / 2), Math.ceil(x.width / 2)];
  // Padding of 1 in all for an even side, which goes to the end, and of 2 for an odd one.
  const [above, before] = [x.height % 2, x.width % 2];
  return correlate(x, [height, width], (row, column) => [2 * row - above, 2 * column - before], of, name);
}

/** A picture with zeros after each row and column and 2 before: correlated to twice the size. */
export function transposedLoops(x: Picture, of: Numbers, name: string): Picture {
  const [height, width] = [2 * x.height, 2 * x.width];
  const values: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let i = 0; i < x.features; i++) {
        values.push(row % 2 === 0 && column % 2 === 0 ? at(x, row / 2, column / 2, i) : 0);
      }
    }
  }
  const dilated = { height, width, features: x.features, values };
  return correlate(dilated, [height, width], (row, column) => [row - 2, column - 2], of, name);
}

/** Central difference of `f` at the numbers in `x`, along number `i`. */
export function slope(f: (x: readonly number[]) => number, x: ArrayLike<number>, i: number): number {
  const moved = (by: number) => f(Array.from(x, (number, j) => (j === i ? number + by : number)));
  return (moved(1e-5) - moved(-1e-5)) / 2e-5;
}

/** The arrays that jax-js holds. It does not tell; but each has an entry { ptr, size, ref } in a map of its backend. */
export function watchArrays() {
  const held = new Set<unknown>();
  const [set, remove] = [Reflect.get(Map.prototype, "set"), Reflect.get(Map.prototype, "delete")];
  Object.assign(Map.prototype, {
    set(this: Map<unknown, unknown>, key: unknown, value: unknown) {
      if (typeof value === "object" && value !== null && "ptr" in value && "ref" in value) held.add(value);
      return set.call(this, key, value);
    },
    delete(this: Map<unknown, unknown>, key: unknown) {
      held.delete(this.get(key));
      return remove.call(this, key);
    },
  });
  return { held, stop: () => Object.assign(Map.prototype, { set, delete: remove }) };
}
