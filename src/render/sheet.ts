import type { Raster } from "../data/image.ts";
import { textOutline, textWidth } from "./text.ts";
import { colours } from "./theme.ts";

/** One picture of a sheet, at its final size in pixels, and the words below it. */
export type SheetPanel = Readonly<{ caption: string; picture: Raster; emphasis?: boolean }>;

/** A contact sheet: a drawing, and where the pictures go on it. */
export type Sheet = Readonly<{
  width: number;
  height: number;
  /** SVG document of the background, the frames and the captions. */
  svg: string;
  pictures: readonly Readonly<{ left: number; top: number; picture: Raster }>[];
}>;

/** Blank space around a sheet. */
export const MARGIN = 56;
const GAP = 28;
const CAPTION_SIZE = 22;
const CAPTION_HEIGHT = 46;
const NOTE_SIZE = 18;
const LINE_HEIGHT = 28;
const MAX_COLUMNS = 6;

/**
 * Lays pictures out in rows of equal length, each in a frame with its caption below.
 *
 * @param panels at least one; pictures may have alpha. `emphasis` marks the one the others are compared with.
 * @param columns default: at most six.
 */
export function layoutSheet(
  panels: readonly SheetPanel[],
  columns = Math.ceil(panels.length / Math.ceil(panels.length / MAX_COLUMNS)),
): Sheet {
  const rows = Math.ceil(panels.length / columns);
  const cellWidth = Math.max(...panels.map(({ picture }) => picture.width));
  const cellHeight = Math.max(...panels.map(({ picture }) => picture.height));
  const width = 2 * MARGIN + columns * cellWidth + (columns - 1) * GAP;
  const rowHeight = cellHeight + CAPTION_HEIGHT;
  const height = 2 * MARGIN + rows * rowHeight + (rows - 1) * GAP;

  const placed = panels.map((panel, index) => ({
    ...panel,
    left: MARGIN + (index % columns) * (cellWidth + GAP),
    top: MARGIN + Math.floor(index / columns) * (rowHeight + GAP),
  }));
  const drawings = placed.map(({ caption, emphasis = false, left, top }) => {
    const frame = frameAround({ left, top, width: cellWidth, height: cellHeight }, emphasis);
    const label = textOutline(caption, {
      x: left + cellWidth / 2,
      y: top + cellHeight + CAPTION_HEIGHT - 10,
      size: CAPTION_SIZE,
      fill: emphasis ? colours.ink : colours.muted,
      anchor: "middle",
    });
    return frame + label;
  });
  return sheetOf(
    width,
    height,
    drawings,
    placed.map(({ left, top, picture }) => ({
      left: left + ((cellWidth - picture.width) >> 1),
      top: top + ((cellHeight - picture.height) >> 1),
      picture,
    })),
  );
}

/** A row of a table of pictures: its name, a line or two of notes below that, and a picture for each column. */
export type TableRow = Readonly<{ label: string; notes?: readonly string[]; pictures: readonly Raster[] }>;

/**
 * Lays pictures out in rows and columns, all of one size, with the rows' names to the left and the columns' above.
 *
 * @param columns a heading for each column, which may be empty.
 * @param rows at least one, each of as many pictures as there are columns.
 * @param others rows of tables that are to line up with this one.
 */
export function layoutTable(
  columns: readonly string[],
  rows: readonly TableRow[],
  others: readonly TableRow[] = [],
): Sheet {
  const [{ width: cellWidth, height: cellHeight }] = rows[0].pictures;
  const gap = Math.min(GAP, Math.max(6, Math.round(cellWidth / 10)));
  const labelWidth = Math.max(
    ...[...rows, ...others].flatMap(({ label, notes = [] }) => [
      textWidth(label, CAPTION_SIZE),
      ...notes.map((note) => textWidth(note, NOTE_SIZE)),
    ]),
  );
  const left = MARGIN + Math.ceil(labelWidth) + GAP;
  const top = MARGIN + (columns.some((heading) => heading !== "") ? CAPTION_SIZE + 16 : 0);
  const across = (column: number) => left + column * (cellWidth + gap);
  const down = (row: number) => top + row * (cellHeight + gap);

  const headings = columns.map((heading, column) =>
    textOutline(heading, {
      x: across(column) + cellWidth / 2,
      y: MARGIN + CAPTION_SIZE - 4,
      size: CAPTION_SIZE,
      fill: colours.muted,
      anchor: "middle",
    }),
  );
  const labels = rows.flatMap(({ label, notes = [] }, row) => {
    const lines = [
      { text: label, size: CAPTION_SIZE, fill: colours.ink },
      ...notes.map((text) => ({ text, size: NOTE_SIZE, fill: colours.muted })),
    ];
    const first = down(row) + cellHeight / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2 + CAPTION_SIZE / 3;
    return lines.map(({ text, ...style }, line) =>
      textOutline(text, { ...style, x: left - GAP, y: first + line * LINE_HEIGHT, anchor: "end" }),
    );
  });
  const pictures = rows.flatMap((row, y) =>
    row.pictures.map((picture, x) => ({ left: across(x), top: down(y), picture })),
  );
  const frames = pictures.map(({ picture: { width, height }, ...place }) =>
    frameAround({ ...place, width, height }, false),
  );
  return sheetOf(
    across(columns.length) - gap + MARGIN,
    down(rows.length) - gap + MARGIN,
    [...headings, ...labels, ...frames],
    pictures,
  );
}

type Place = Readonly<{ left: number; top: number; width: number; height: number }>;

function frameAround({ left, top, width, height }: Place, emphasis: boolean): string {
  const fill = emphasis ? colours.paper : colours.panel;
  const stroke = emphasis ? colours.frame : colours.panel;
  const radius = Math.min(10, Math.round(width / 12));
  return `<rect x="${left - 1}" y="${top - 1}" width="${width + 2}" height="${height + 2}" rx="${radius}" fill="${fill}" stroke="${stroke}" stroke-width="2"/>`;
}

/** A sheet of drawings, each an SVG element, and of pictures. */
export function sheetOf(
  width: number,
  height: number,
  drawings: readonly string[],
  pictures: Sheet["pictures"] = [],
): Sheet {
  const paper = `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`;
  return {
    width,
    height,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paper}${drawings.join("")}</svg>`,
    pictures,
  };
}
