// The drawn pictures that are shapes: SVG documents, in units of about a cell. Letters are paths, so no font is needed.

/** A drawing, made of elements on a canvas of so many units. */
const svg = (width, height, ...elements) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width * 10}" height="${height * 10}">\n${elements.map((element) => `  ${element}\n`).join("")}</svg>\n`;

const circle = (x, y, r, style) => `<circle cx="${x}" cy="${y}" r="${r}" ${style}/>`;
const path = (d, style) => `<path d="${d}" ${style}/>`;
const outline = (colour, width) =>
  `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"`;

/** A badge with a monogram, as companies have them. */
function logo() {
  return svg(
    40,
    40,
    '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#6d5dfc"/><stop offset="1" stop-color="#2b1a8f"/></linearGradient></defs>',
    '<rect width="40" height="40" rx="10" fill="url(#g)"/>',
    path("M7 31V9h5.5l9 13V9H27v22h-5.5l-9-13V31Z", 'fill="#fff"'),
    circle(32, 28.3, 2.8, 'fill="#ffb020"'),
  );
}

/** Three letters: as many separate parts. */
function word() {
  const [thick, thin] = [3.4, 2.4].map((width) => `fill="none" stroke="#1456c8" stroke-width="${width}"`);
  return svg(
    42,
    14,
    path("M1.7 14V.4M1.7 14V7A3.8 4.7 0 0 1 9.3 7v7", thick),
    path("M24.7 7.9V7A5 5 0 1 0 22.9 10.8", thick),
    path("M15 7h9.7", thin),
    circle(35.1, 7, 5, thick),
  );
}

/** Thin lines and nothing else. */
function bicycle() {
  const line = outline("#24364b", 1.3);
  return svg(
    40,
    25,
    circle(8, 16.9, 7.3, line),
    circle(32, 16.9, 7.3, line),
    path("M8 16.9 13.5 6.5H27L19 16.9Z", line),
    path("M12 3.5 19 16.9", line),
    path("M9.5 3h5", line),
    path("M32 16.9 26 2.2c-.3-.8.3-1.2 1-1.2h3.8", line),
  );
}

/** The sea below a row of waves. */
function wave(y, height, fill) {
  const crests = `q5 ${-height} 10 0t10 0`.repeat(3);
  return path(`M0 ${y}${crests}V20H0Z`, `fill="${fill}"`);
}

/** Three times as wide as tall, and opaque to its edges. */
function banner() {
  return svg(
    60,
    20,
    '<rect width="60" height="20" fill="#fde8c8"/>',
    circle(45, 7, 4.8, 'fill="#f4793b"'),
    wave(10.5, 5, "#7cc6d6"),
    wave(13.5, 4, "#2a8fb0"),
    '<rect y="16" width="60" height="4" fill="#123a5c"/>',
  );
}

/** A stripe of a shaft that widens downwards. */
function stripe(top, bottom, fill) {
  const [upper, lower] = [top, bottom].map((y) => 2.7 + 0.057 * y);
  const corners = [
    [10 - upper, top],
    [10 + upper, top],
    [10 + lower, bottom],
    [10 - lower, bottom],
  ];
  return path(`M${corners.map(([x, y]) => `${x.toFixed(2)} ${y}`).join("L")}Z`, `fill="${fill}"`);
}

/** A lighthouse, three times as tall as wide. */
function tower() {
  return svg(
    20,
    60,
    path("M10 0 15.5 6h-11Z", 'fill="#b3261e"'),
    '<rect x="6" y="6" width="8" height="6" fill="#ffd54a"/>',
    '<rect x="9.2" y="6" width="1.6" height="6" fill="#5c4a12"/>',
    '<rect x="3.5" y="11.5" width="13" height="3" fill="#37474f"/>',
    ...[14.5, 22, 29.5, 37, 44.5].map((y, i) => stripe(y, y + 7.5, i % 2 ? "#d6342c" : "#f7f4ee")),
    path("M8 52v-4.5a2 2 0 0 1 4 0V52Z", 'fill="#37474f"'),
    path("M0 60c0-5 3-8.5 6-8.5h9c3 0 5 4 5 8.5Z", 'fill="#6d7a72"'),
  );
}

/** White on nothing; eyes and mouth are holes. */
function ghost() {
  return svg(
    34,
    40,
    path(
      "M17 0c9.4 0 17 7.6 17 17v23l-5.7-5-5.6 5-5.7-5-5.7 5-5.6-5-5.7 5V17C0 7.6 7.6 0 17 0ZM11 12.5a3 4 0 1 0 0 8 3 4 0 0 0 0-8ZM23 12.5a3 4 0 1 0 0 8 3 4 0 0 0 0-8ZM17 23a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4Z",
      'fill="#fff" fill-rule="evenodd"',
    ),
  );
}

/** Nearly black on nothing. */
function cat() {
  const black = "#15131a";
  return svg(
    34,
    40,
    path(
      "M5 0 11.5 4.6c2.2-.5 4.8-.5 7 0L25 0l-.5 11c0 3.5-1.7 6-4.3 7.5 4.3 3.5 6.8 8.5 6.8 14.5 0 2.6-.6 5-1.7 7H4.7C3.6 38 3 35.6 3 33c0-6 2.5-11 6.8-14.5C7.2 17 5.5 14.5 5.5 11Z",
      `fill="${black}"`,
    ),
    path("M24 37.5c5 1 8-1.5 8-5.5s-3.5-5-2.5-9", outline(black, 3.4)),
  );
}

/** Grey leaves on a disc that is hardly another grey. */
function leaf() {
  const vein = outline("#8b908d", 1.2);
  return svg(
    40,
    40,
    circle(20, 20, 20, 'fill="#9b9f9d"'),
    path("M20 35C9 29 8 16 20 4c12 12 11 25 0 31Z", 'fill="#abafad"'),
    path("M20 36V11M20 27l-5-5M20 27l5-5M20 20l-4-4M20 20l4-4", vein),
  );
}

/** An exclamation mark in two parts. */
const mark = (x) => [
  path(`M${x - 4.5} 4.5a4.5 4.5 0 0 1 9 0L${x + 2.5} 25a2.5 2.5 0 0 1-5 0Z`, 'fill="#e0352b"'),
  circle(x, 35.5, 4.5, 'fill="#e0352b"'),
];

/** Two of them, and nothing at the centre, where the seed is. */
function exclamation() {
  return svg(24, 40, ...mark(5), ...mark(19));
}

/** SVG documents by name. */
export const vectors = { logo, word, bicycle, banner, tower, ghost, cat, leaf, exclamation };
