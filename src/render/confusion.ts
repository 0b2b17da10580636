/** What is taken for what: a matrix of shares, a field each. */
import type { Agreement } from "../analysis/classification.ts";
import { classColour } from "./classColours.ts";
import { MARGIN, type Sheet, sheetOf } from "./sheet.ts";
import { textOutline, textWidth } from "./text.ts";
import { colours } from "./theme.ts";

/** Of a field, in pixels, and what lies around all of them. */
const SIDE = 46;
const GAP = 2;
const SWATCH = 12;
const TITLE_SIZE = 22;
const LABEL_SIZE = 18;
const SHARE_SIZE = 15;
/** Shares below this are left blank. */
const LEAST = 0.005;
/** Colours of none of a row's cells, and of all of them. */
const PAPER = [245, 244, 240] as const;
const ACCENT = [12, 124, 102] as const;
const WRONG = [201, 74, 58] as const;

/**
 * The confusion of cells: a row for each class that they are part of, a column for each that they name, and in the field how many of the
 * row's cells do, in per cent; green where it is right, red where it is not.
 */
export function confusionSheet({ confusion, classes, ...moment }: Agreement, title: string): Sheet {
  const names = classes.map(({ name }) => name);
  const labelWidth = Math.max(...names.map((name) => textWidth(name, LABEL_SIZE)));
  const left = MARGIN + LABEL_SIZE + 14 + Math.ceil(labelWidth) + SWATCH + 20;
  const top = MARGIN + TITLE_SIZE + 2 * LABEL_SIZE + 44;
  const middle = at(names.length) / 2;
  const words = (text: string, x: number, y: number, size = LABEL_SIZE, fill: string = colours.muted) =>
    textOutline(text, { x, y, size, fill, anchor: "middle" });

  const fields = confusion.flatMap((row, actual) => {
    const all = row.reduce((sum, cells) => sum + cells, 0);
    return row.map((cells, named) => {
      const share = all === 0 ? 0 : cells / all;
      const [x, y] = [left + at(named), top + at(actual)];
      const fill = mix(PAPER, named === actual ? ACCENT : WRONG, share);
      const text = share < LEAST ? "" : (100 * share).toFixed(share < 0.0995 ? 1 : 0);
      const ink = share > 0.55 ? colours.paper : colours.ink;
      return (
        `<rect x="${x}" y="${y}" width="${SIDE}" height="${SIDE}" fill="${fill}"/>` +
        words(text, x + SIDE / 2, y + SIDE / 2 + SHARE_SIZE / 3, SHARE_SIZE, ink)
      );
    });
  });
  const labels = names.flatMap((name, index) => {
    const [x, y] = [left - 14, top + at(index) + SIDE / 2];
    return [
      swatch(index, x - SWATCH, y - SWATCH / 2),
      textOutline(name, {
        x: x - SWATCH - 8,
        y: y + LABEL_SIZE / 3,
        size: LABEL_SIZE,
        fill: colours.ink,
        anchor: "end",
      }),
      words(shortened(name), left + at(index) + SIDE / 2, top - 12, LABEL_SIZE, colours.ink),
    ];
  });
  const turned = `translate(${MARGIN + LABEL_SIZE} ${top + middle}) rotate(-90)`;
  const drawings = [
    textOutline(title, { x: left, y: MARGIN + TITLE_SIZE - 4, size: TITLE_SIZE, fill: colours.ink }),
    textOutline(`${(100 * moment.cells).toFixed(1)}% of cells right`, {
      x: left,
      y: MARGIN + TITLE_SIZE + LABEL_SIZE + 4,
      size: LABEL_SIZE,
      fill: colours.accent,
    }),
    ...fields,
    ...labels,
    `<g transform="${turned}">${words("part of", 0, 0)}</g>`,
    words("named", left + middle, top + at(names.length) + LABEL_SIZE + 12),
  ];
  return sheetOf(
    left + at(names.length) + MARGIN,
    top + at(names.length) + LABEL_SIZE + 20 + MARGIN,
    drawings,
  );
}

/** Where a row or a column begins. */
function at(index: number): number {
  return index * (SIDE + GAP);
}

function swatch(index: number, x: number, y: number): string {
  return `<rect x="${x}" y="${y}" width="${SWATCH}" height="${SWATCH}" rx="2" fill="rgb(${classColour(index).join()})"/>`;
}

/** As much of a name as fits above a column. */
function shortened(name: string): string {
  let text = name;
  while (text.length > 1 && textWidth(text, LABEL_SIZE) > SIDE) text = text.slice(0, -1);
  return text;
}

function mix(from: readonly number[], to: readonly number[], share: number): string {
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * Math.sqrt(share))).join()})`;
}
