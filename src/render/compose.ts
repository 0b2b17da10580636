/** Sheets out of sheets: headings, keys, and one below the other. */
import type { Plane } from "../rule/grid.ts";
import type { Colour } from "./rgba.ts";
import type { ColourScale } from "./scale.ts";
import { MARGIN, type Sheet, sheetOf } from "./sheet.ts";
import { textOutline, textWidth } from "./text.ts";
import { colours } from "./theme.ts";

/** By how much sheets overlap, so that margins do not add up; frames reach a little into them. */
const OVERLAP = MARGIN - 8;
const TEXT_SIZE = 20;
/** A field of one colour and a bar of a scale, in pixels. */
const SWATCH = { width: 26, height: 20 };
const BAR = 130;
/** Between a colour and its words, and between entries. */
const GAP = 10;
const SPACE = 40;

/** Width in pixels that pictures beside each other share. */
const ROOM = 1100;

/** Pixels a cell and side at which so many pictures of a grid fit beside each other. */
export function scaleFor([, width]: Plane, columns: number): number {
  return Math.max(1, Math.round(ROOM / (columns * width)));
}

/** What a colour means: one colour and a word, or a scale of colours and the words at its ends. */
export type KeyEntry =
  | Readonly<{ colour: Colour; text: string }>
  | Readonly<{ scale: ColourScale; low: number; from: string; to: string }>;

/** One sheet of several, each below the one before. */
export function stackSheets(sheets: readonly Sheet[]): Sheet {
  let bottom = 0;
  const placed = sheets.map((sheet) => {
    const top = bottom;
    bottom += sheet.height - OVERLAP;
    return { ...sheet, top };
  });
  // From the last to the first: a sheet's blank margin may cover that of the next, not what is drawn above.
  const drawings = placed.map(({ svg, top }) => svg.replace("<svg ", `<svg y="${top}" `)).toReversed();
  return sheetOf(
    Math.max(...sheets.map(({ width }) => width)),
    bottom + OVERLAP,
    drawings,
    placed.flatMap(({ pictures, top }) =>
      pictures.map((picture) => ({ ...picture, top: picture.top + top })),
    ),
  );
}

/** A sheet of one line of words. */
export function textSheet(text: string): Sheet {
  const style = { x: MARGIN, y: MARGIN + TEXT_SIZE - 3, size: TEXT_SIZE, fill: colours.muted };
  const width = Math.ceil(textWidth(text, TEXT_SIZE));
  return sheetOf(2 * MARGIN + width, 2 * MARGIN + TEXT_SIZE, [textOutline(text, style)]);
}

/** A sheet that says what colours mean. */
export function keySheet(entries: readonly KeyEntry[]): Sheet {
  let x = MARGIN;
  const drawings: string[] = [];
  const write = (text: string) => {
    const style = { y: MARGIN + TEXT_SIZE - 3, size: TEXT_SIZE, fill: colours.muted };
    drawings.push(textOutline(text, { ...style, x }));
    x += Math.ceil(textWidth(text, TEXT_SIZE)) + GAP;
  };
  const field = (left: number, width: number, fill: string, stroke: string) =>
    drawings.push(
      `<rect x="${left}" y="${MARGIN}" width="${width}" height="${SWATCH.height}" fill="${fill}" stroke="${stroke}"/>`,
    );
  for (const entry of entries) {
    if ("colour" in entry) {
      field(x, SWATCH.width, rgb(entry.colour), colours.frame);
      x += SWATCH.width + GAP;
      write(entry.text);
    } else {
      write(entry.from);
      for (let i = 0; i < BAR; i++) {
        const value = entry.low + ((1 - entry.low) * (i + 0.5)) / BAR;
        field(x + i, 1, rgb(entry.scale(value)), "none");
      }
      field(x, BAR, "none", colours.frame);
      x += BAR + GAP;
      write(entry.to);
    }
    x += SPACE - GAP;
  }
  return sheetOf(x - SPACE + MARGIN, 2 * MARGIN + TEXT_SIZE, drawings);
}

const rgb = (colour: Colour) => `rgb(${colour.join()})`;
