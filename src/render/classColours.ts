/** Red, green, blue: 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Told apart on black as on white. */
const FIRST: readonly Colour[] = [
  [76, 141, 255],
  [255, 157, 46],
  [240, 82, 79],
  [63, 208, 212],
  [63, 174, 73],
  [247, 216, 75],
  [163, 91, 214],
  [255, 138, 194],
  [169, 116, 79],
  [182, 227, 74],
];

/** Of a turn of the colour wheel: the golden section, by which no two of many hues come to lie side by side. */
const TURN = 0.618;

/** The colour of a class, counted from 0: one of ten, and after those hues all around the wheel. */
export function classColour(index: number): Colour {
  if (index < FIRST.length) return FIRST[index];
  const hue = (6 * index * TURN) % 6;
  const channel = (from: number) => {
    const away = Math.abs(((hue + from) % 6) - 3) - 1;
    return Math.round(255 * (0.25 + 0.7 * Math.min(1, Math.max(0, away))));
  };
  return [channel(0), channel(4), channel(2)];
}
