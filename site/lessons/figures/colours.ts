/** Numbers as colours, for drawings on the page: blue below 0, red above, as the element's views have them. */

const BELOW = [37, 99, 170] as const;
const ABOVE = [200, 68, 52] as const;

/** Red, green, blue and opacity, 0 to 255, of a number from -1 to 1: the paper shows through what is near 0. */
export function signedColour(value: number): readonly [number, number, number, number] {
  const size = Math.min(1, Math.abs(value));
  const [red, green, blue] = value < 0 ? BELOW : ABOVE;
  return [red, green, blue, Math.round(255 * size ** 0.7)];
}

/** The same as CSS has it. */
export function cssColour(value: number): string {
  const [red, green, blue, opacity] = signedColour(value);
  return `rgb(${red} ${green} ${blue} / ${(opacity / 255).toFixed(3)})`;
}

/** A number in so many decimals, with a real minus sign. */
export function inWords(value: number, decimals = 2): string {
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** Draws a number a pixel. @param full the number whose colour is strongest. */
export function paintField(
  canvas: HTMLCanvasElement,
  field: ArrayLike<number>,
  width: number,
  full: number,
): void {
  paint(canvas, field.length, width, (n) => signedColour(field[n] / full));
}

const AMOUNT = [25, 140, 105] as const;

/** The same for numbers that are never negative, in green. @param full default: the greatest of them. */
export function paintAmounts(
  canvas: HTMLCanvasElement,
  amounts: Float32Array,
  width: number,
  full: number = amounts.reduce((most, amount) => Math.max(most, amount), 0) || 1,
): void {
  const opacity = (n: number) => Math.round(255 * Math.min(1, amounts[n] / full) ** 0.7);
  paint(canvas, amounts.length, width, (n) => [...AMOUNT, opacity(n)]);
}

/** Of the square in the middle of a larger one, which cell of that each of its cells is. Both sides even. */
export function middleOf(side: number, shown: number): (n: number) => number {
  const edge = (side - shown) / 2;
  return (n) => (Math.floor(n / shown) + edge) * side + (n % shown) + edge;
}

/** Draws a colour a pixel: red, green, blue and opacity, 0 to 255. */
export function paint(
  canvas: HTMLCanvasElement,
  count: number,
  width: number,
  colourOf: (n: number) => readonly number[],
): void {
  canvas.width = width;
  canvas.height = count / width;
  const image = new ImageData(width, count / width);
  for (let n = 0; n < count; n++) image.data.set(colourOf(n), 4 * n);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}
