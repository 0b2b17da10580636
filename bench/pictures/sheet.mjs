// The contact sheet of the set: for each picture the target and one run at several steps, side by side.
import sharp from "sharp";
import { MARGIN, sheetOf } from "../../dist/render/sheet.js";
import { textOutline, textWidth } from "../../dist/render/text.js";
import { colours } from "../../dist/render/theme.js";
import { STEPS } from "./measure.mjs";
import { percent, relativeErrors, summaryOf, withinBounds } from "./table.mjs";

/** Width and height in pixels of the room for one state, and what lies between. */
const PANEL = 144;
const GAP = 10;
const GUTTER = 56;
const CAPTION = 40;
const LINE = 22;
const TEXT_SIZE = 20;
/** Width over height of a page that is looked at whole. */
const PROPORTION = 1.25;
/** Dark enough for white, and light enough for all else. */
const GROUND = "#dfddd6";
/** What misses a bound is said in this colour. */
const MISSED = "#b3261e";

const COUNT = 1 + STEPS.length;
const STRIP = { width: COUNT * PANEL + (COUNT - 1) * GAP, height: PANEL + CAPTION };

/**
 * @param results at least one, of pictures that were measured.
 * @param strips for each the path of its pictures.
 */
export async function layoutSet(results, strips) {
  const across = STRIP.width + GUTTER;
  const down = STRIP.height + LINE;
  const columns = Math.min(
    results.length,
    Math.max(1, Math.round(Math.sqrt((PROPORTION * results.length * down) / across))),
  );
  const rows = Math.ceil(results.length / columns);
  const titles = [
    { text: summaryOf(results), fill: colours.ink },
    { text: wordsFor(results[0]), fill: colours.muted },
  ];
  const titleWidth = Math.ceil(Math.max(...titles.map(({ text }) => textWidth(text, TEXT_SIZE))));
  const above = MARGIN + titles.length * (LINE + GAP) + LINE;
  const top = above + LINE + GAP;
  const headings = Array.from({ length: columns }, (_, column) =>
    ["target", ...STEPS.map((step) => step.toLocaleString("en-US"))].map((text, i) =>
      label(text, MARGIN + column * across + i * (PANEL + GAP), above + LINE - 4, colours.muted),
    ),
  ).flat();
  const drawings = [
    ...titles.map(({ text, fill }, line) =>
      textOutline(text, { x: MARGIN, y: MARGIN + LINE + line * (LINE + GAP), size: TEXT_SIZE, fill }),
    ),
    ...headings,
  ];
  const pictures = [];
  for (const [n, result] of results.entries()) {
    const x = MARGIN + (n % columns) * across;
    const y = top + Math.floor(n / columns) * down;
    const within = withinBounds(result);
    // An emoji stands there already, and the letters have none.
    const captions = [/\p{L}/u.test(result.name) ? result.name : "", ...relativeErrors(result).map(percent)];
    for (const [i, picture] of (await statesOf(result.grid, strips[n])).entries()) {
      const left = x + i * (PANEL + GAP);
      drawings.push(
        `<rect x="${left}" y="${y}" width="${PANEL}" height="${PANEL}" rx="8" fill="${GROUND}"/>`,
      );
      const colour = i === 0 ? colours.ink : within[i - 1] ? colours.muted : MISSED;
      drawings.push(label(captions[i], left, y + PANEL + CAPTION - 14, colour));
      pictures.push({
        left: left + ((PANEL - picture.width) >> 1),
        top: y + ((PANEL - picture.height) >> 1),
        picture,
      });
    }
  }
  const width = 2 * MARGIN + columns * across - GUTTER;
  const height = top + rows * down - LINE + MARGIN;
  return sheetOf(Math.max(width, 2 * MARGIN + titleWidth), height, drawings, pictures);
}

function wordsFor({ runs }) {
  return `Target, and one run by steps. Mean error of ${runs} runs over that of an empty grid, red where it misses its bound`;
}

/** Words centred below or above a state. */
function label(text, left, y, fill) {
  return textOutline(text, { x: left + PANEL / 2, y, size: TEXT_SIZE, fill, anchor: "middle" });
}

/** The states of a strip, as many pixels a cell as there is room for. */
async function statesOf([rows, cells], strip) {
  const scale = Math.max(1, Math.floor(PANEL / Math.max(rows, cells)));
  const size = { width: cells * scale, height: rows * scale };
  return Promise.all(
    Array.from({ length: COUNT }, async (_, i) => {
      const part = sharp(strip).extract({ left: i * cells, top: 0, width: cells, height: rows });
      const pixels = await part.ensureAlpha().png().toBuffer();
      const fitted = sharp(pixels).resize({ ...size, kernel: "nearest" });
      return { ...size, data: await fitted.raw().toBuffer() };
    }),
  );
}
