import type { Raster } from "../data/image.ts";
import { textOutline } from "./text.ts";
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

const MARGIN = 56;
const GAP = 28;
const CAPTION_SIZE = 22;
const CAPTION_HEIGHT = 46;
const MAX_COLUMNS = 6;

/**
 * Lays pictures out in rows of equal length, each in a frame with its caption below.
 *
 * @param panels at least one; pictures may have alpha. `emphasis` marks the one the others are compared with.
 */
export function layoutSheet(panels: readonly SheetPanel[]): Sheet {
  const rows = Math.ceil(panels.length / MAX_COLUMNS);
  const columns = Math.ceil(panels.length / rows);
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
    const fill = emphasis ? colours.paper : colours.panel;
    const stroke = emphasis ? colours.frame : colours.panel;
    const frame = `<rect x="${left - 1}" y="${top - 1}" width="${cellWidth + 2}" height="${cellHeight + 2}" rx="10" fill="${fill}" stroke="${stroke}" stroke-width="2"/>`;
    const label = textOutline(caption, {
      x: left + cellWidth / 2,
      y: top + cellHeight + CAPTION_HEIGHT - 10,
      size: CAPTION_SIZE,
      fill: emphasis ? colours.ink : colours.muted,
      anchor: "middle",
    });
    return frame + label;
  });
  const paper = `<rect width="${width}" height="${height}" fill="${colours.paper}"/>`;
  return {
    width,
    height,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paper}${drawings.join("")}</svg>`,
    pictures: placed.map(({ left, top, picture }) => ({
      left: left + ((cellWidth - picture.width) >> 1),
      top: top + ((cellHeight - picture.height) >> 1),
      picture,
    })),
  };
}
