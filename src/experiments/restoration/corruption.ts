/** Pictures that are spoilt, for cells to restore. */
import { pcg4d, STREAM, type Draw, uniform, uniformInteger } from "../../random.ts";
import type { Plane } from "../../rule/grid.ts";

/**
 * How a picture is spoilt. `noise`: of level a, each number is (1 - a) of its own and a of a uniform one, as in "Diffusing
 * Neural Cellular Automata", notebook 43 of CAX (Faldor and Cully, 2024). `scattered`: of share a, each pixel is missing with
 * that probability. `block`: a rectangle of about that share of all pixels is missing.
 */
export const corruptionKinds = ["noise", "scattered", "block"] as const;
export type CorruptionKind = (typeof corruptionKinds)[number];

/** @property level 0: nothing is spoilt; 1: nothing is left. */
export type Corruption = Readonly<{ kind: CorruptionKind; level: number }>;

/** A spoilt picture: shape (H, W, K); and which pixels are known: shape (H, W), 1 or 0. */
export type Spoilt = Readonly<{ picture: Float32Array; known: Float32Array }>;

/** @param picture shape (H, W, K), values 0 to 1. @param draw what is random. */
export function corrupt(
  picture: Float32Array,
  grid: Plane,
  { kind, level }: Corruption,
  [seed, step, index]: Draw,
): Spoilt {
  const cells = grid[0] * grid[1];
  const channels = picture.length / cells;
  const stream = pcg4d(seed, STREAM.corruption, step, index);
  if (kind === "noise") {
    const noisy = picture.map(
      (value, i) => (1 - level) * value + level * uniform(stream, STREAM.corruption, 0, i),
    );
    return { picture: noisy, known: new Float32Array(cells).fill(1) };
  }
  const known =
    kind === "block"
      ? outsideBlock(grid, level, stream)
      : Float32Array.from({ length: cells }, (_, cell) =>
          uniform(stream, STREAM.corruption, 1, cell) < level ? 0 : 1,
        );
  return { picture: picture.map((value, i) => value * known[Math.floor(i / channels)]), known };
}

/** 0 in a rectangle of about a share of all cells, 1 outside. */
function outsideBlock([height, width]: Plane, level: number, stream: number): Float32Array {
  const area = level * height * width;
  const least = Math.min(height, Math.max(1, Math.ceil(area / width)));
  const rows = uniformInteger(least, height, stream, STREAM.corruption, 2, 0);
  const columns = Math.min(width, Math.round(area / rows));
  const top = uniformInteger(0, height - rows, stream, STREAM.corruption, 2, 1);
  const left = uniformInteger(0, width - columns, stream, STREAM.corruption, 2, 2);
  return Float32Array.from({ length: height * width }, (_, cell) => {
    const [y, x] = [Math.floor(cell / width) - top, (cell % width) - left];
    return y >= 0 && y < rows && x >= 0 && x < columns ? 0 : 1;
  });
}

/** What is spoilt in training: a kind by chance, to a level by chance. */
export function drawCorruption(
  { kinds, level }: Readonly<{ kinds: readonly CorruptionKind[]; level: readonly [number, number] }>,
  [seed, step, index]: Draw,
): Corruption {
  const stream = pcg4d(seed, STREAM.corruption, step, index);
  const [low, high] = level;
  return {
    kind: kinds[uniformInteger(0, kinds.length - 1, stream, STREAM.corruption, 3, 0)],
    level: low + (high - low) * uniform(stream, STREAM.corruption, 3, 1),
  };
}
