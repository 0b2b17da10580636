/** The colour to paint with until another is chosen. */
export const FIRST_COLOUR = "#e8833a";

/** Red, green and blue of a colour as forms have it, "#rrggbb": 0 to 1. */
export function partsOf(colour: string): [number, number, number] {
  const part = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}
