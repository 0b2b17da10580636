/** Small pictures to learn, drawn in letters. */

const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  r: [0.87, 0.2, 0.27],
  p: [1, 0.78, 0.8],
  y: [0.98, 0.78, 0.2],
  k: [0.22, 0.16, 0.14],
  s: [0.96, 0.86, 0.72],
  w: [1, 1, 1],
};

const ROWS = {
  heart: [
    "..rr....rr..",
    ".rrrr..rrrr.",
    "rrpprrrrrrrr",
    "rpprrrrrrrrr",
    "rrprrrrrrrrr",
    "rrrrrrrrrrrr",
    ".rrrrrrrrrr.",
    "..rrrrrrrr..",
    "...rrrrrr...",
    "....rrrr....",
    ".....rr.....",
    "............",
  ],
  smile: [
    "...yyyyyy...",
    ".yyyyyyyyyy.",
    ".yyyyyyyyyy.",
    "yyykyyyykyyy",
    "yyykyyyykyyy",
    "yyyyyyyyyyyy",
    "yykyyyyyykyy",
    "yykkyyyykkyy",
    "yyykkkkkkyyy",
    ".yyyykkyyyy.",
    ".yyyyyyyyyy.",
    "...yyyyyy...",
  ],
  mushroom: [
    "....rrrr....",
    "..rrrrwwrr..",
    ".rwwrrwwrrr.",
    ".rwwrrrrrwr.",
    "rrrrrrrrrwwr",
    "rrrrwwrrrrrr",
    ".rrrwwrrrrr.",
    "...ssssss...",
    "...sksskss..",
    "...sksskss..",
    "...ssssss...",
    "....ssss....",
  ],
} as const;

export type PictureName = keyof typeof ROWS;
export const pictureNames = ["heart", "smile", "mushroom"] as const satisfies PictureName[];

/** Empty cells around a picture. */
const PADDING = 3;
/** Cells of the grid's side. */
export const SIDE = 12 + 2 * PADDING;
/** Steps of growth after which training looks at it: fewest and most. */
export const ROLLOUT = [16, 28] as const;

/** RGBA of a picture on its grid, 0 to 1, shape (SIDE, SIDE, 4). */
export function drawn(name: PictureName): Float32Array {
  const data = new Float32Array(SIDE * SIDE * 4);
  ROWS[name].forEach((letters, row) => {
    letters.split("").forEach((letter, column) => {
      const colour = COLOURS[letter];
      if (colour) data.set([...colour, 1], ((row + PADDING) * SIDE + column + PADDING) * 4);
    });
  });
  return data;
}
