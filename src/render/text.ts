import { GLYPHS } from "./glyphs.ts";

/** Width of a line of text in pixels at a font size in pixels. */
export function textWidth(text: string, size: number): number {
  return glyphsOf(text).reduce((width, [advance]) => width + advance, 0) * (size / 1000);
}

/**
 * A line of text as SVG outlines, which need no font. Characters other than Latin letters, digits and common
 * punctuation are drawn as "-".
 *
 * @param x where it is anchored; `y` is its baseline.
 */
export function textOutline(
  text: string,
  {
    x,
    y,
    size,
    fill,
    anchor = "start",
  }: { x: number; y: number; size: number; fill: string; anchor?: "start" | "middle" | "end" },
): string {
  const scale = size / 1000;
  const shift = { start: 0, middle: 0.5, end: 1 }[anchor] * textWidth(text, size);
  let pen = 0;
  const outlines = glyphsOf(text).map(([advance, outline]) => {
    const glyph = outline && `<path transform="translate(${pen})" d="${outline}"/>`;
    pen += advance;
    return glyph;
  });
  return `<g fill="${fill}" transform="translate(${x - shift} ${y}) scale(${scale})">${outlines.join("")}</g>`;
}

/** Space between labels, in font sizes. */
const LABEL_GAP = 0.7;

/**
 * Those labels that can stand centred at their x without running into each other or beyond an end; the first ones
 * from the left win.
 */
export function labelsWithRoom<T extends Readonly<{ x: number; text: string }>>(
  labels: readonly T[],
  size: number,
  [from, to]: readonly [number, number],
): T[] {
  let free = from;
  return labels
    .toSorted((a, b) => a.x - b.x)
    .filter(({ x, text }) => {
      const reach = textWidth(text, size) / 2;
      const fits = x - reach >= free && x + reach <= to;
      if (fits) free = x + reach + LABEL_GAP * size;
      return fits;
    });
}

function glyphsOf(text: string) {
  return Array.from(text, (character) => GLYPHS[character] ?? GLYPHS["-"]);
}
