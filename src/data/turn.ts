import { cosineOfDegrees, sineOfDegrees } from "../math.ts";
import type { Target } from "./image.ts";

/**
 * The target of an automaton whose cells' sense of direction is turned (`turnedRule`): turned alike, about the centre of
 * the cell [H >> 1, W >> 1] from which it grows. Multiples of 90 degrees are exact. Between them colours are
 * interpolated, premultiplied and bilinearly: to what turned automata grow, that is closer than Catmull-Rom splines.
 *
 * @param degrees any finite angle, counter-clockwise on screen.
 * @param premultiplied whether the target's colours are multiplied by alpha.
 * @returns shape (H, W, 4); what leaves the grid is lost, what enters it is empty.
 */
export function turnTarget(
  { grid: [height, width], data }: Target,
  degrees: number,
  premultiplied: boolean,
): Float32Array {
  const cos = cosineOfDegrees(degrees);
  const sin = sineOfDegrees(degrees);
  const [centreY, centreX] = [height >> 1, width >> 1];
  const turned = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [down, right] = [y - centreY, x - centreX];
      const fromY = centreY + sin * right + cos * down;
      const fromX = centreX + cos * right - sin * down;
      const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
      const pixel = [0, 0, 0, 0];
      for (const [row, rowShare] of shares(top, fromY)) {
        if (row < 0 || row >= height) continue;
        for (const [column, columnShare] of shares(left, fromX)) {
          if (column < 0 || column >= width) continue;
          const from = (row * width + column) * 4;
          const share = rowShare * columnShare;
          const colourShare = premultiplied ? share : share * data[from + 3];
          for (let c = 0; c < 3; c++) pixel[c] += colourShare * data[from + c];
          pixel[3] += share * data[from + 3];
        }
      }
      const straight = premultiplied || pixel[3] === 0 ? 1 : pixel[3];
      turned.set(
        [pixel[0] / straight, pixel[1] / straight, pixel[2] / straight, pixel[3]],
        (y * width + x) * 4,
      );
    }
  }
  return turned;
}

/** Two neighbouring rows or columns, and how much each counts at a place between them. */
function shares(first: number, place: number): [index: number, share: number][] {
  return [
    [first, first + 1 - place],
    [first + 1, place - first],
  ];
}
