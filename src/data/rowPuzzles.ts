/**
 * Puzzles of rows of symbols: three examples of what becomes of a row, and a row of which the same is to become. Symbols are
 * colours 0 to 9, of which 0 is the ground. As in 1D-ARC: Xu, Li, Vaezipoor, Sanner and Khalil, "LLMs and the Abstraction and
 * Reasoning Corpus", 2023, https://github.com/khalil-research/1D-ARC.
 */
import { STREAM, uniform } from "../random.ts";
import { checkIndex } from "./pictureSet.ts";

/** Colours that a cell may have, the ground included. */
export const SYMBOLS = 10;
/** Examples that go before the question. */
export const EXAMPLES = 3;

/** A row, and what becomes of it: a symbol a cell. */
export type RowPair = Readonly<{ input: Uint8Array; output: Uint8Array }>;

/** Rows of one width. */
export type RowPuzzle = Readonly<{
  /** Its kind, by number. */
  task: number;
  /** Three of them. */
  examples: readonly RowPair[];
  question: RowPair;
}>;

/** Puzzles by number. */
export interface RowPuzzles {
  /** Cells of a row. */
  readonly width: number;
  readonly count: number;
  /** What kinds are called, by number. */
  readonly tasks: readonly string[];
  /** The same for the same index, always. RangeError beyond count. */
  puzzle(index: number): RowPuzzle;
}

/** Puzzles to learn from, and others of the same kinds, held out to judge by. */
export type RowPuzzleSets = Readonly<{
  train: RowPuzzles;
  test: RowPuzzles;
  /** Fit for a file name. */
  name: string;
  /** For people. */
  description: string;
}>;

/** A whole number from low to high, both included. */
type Pick = (low: number, high: number) => number;
type Make = (width: number, pick: Pick) => RowPair;

/** Rows that {@link drawnPuzzles} fill: the narrowest in which every kind has room. */
export const MIN_WIDTH = 16;

/** A row of ground. */
function ground(width: number): Uint8Array {
  return new Uint8Array(width);
}

/** A colour that is not the ground, nor one of others. */
function colour(pick: Pick, ...others: readonly number[]): number {
  const free = Array.from({ length: SYMBOLS - 1 }, (_, i) => i + 1).filter((each) => !others.includes(each));
  return free[pick(0, free.length - 1)];
}

/** Several blocks that do not touch, from the left on: where each begins, and how long it is. */
function blocks(
  width: number,
  pick: Pick,
  count: number,
  longest: number,
): { start: number; length: number }[] {
  const lengths = Array.from({ length: count }, () => pick(1, longest));
  let slack = width - lengths.reduce((sum, length) => sum + length, 0) - (count - 1);
  let at = 0;
  return lengths.map((length) => {
    const gap = pick(0, Math.max(0, Math.min(slack, 4)));
    slack -= gap;
    const start = at + gap;
    at = start + length + 1;
    return { start, length };
  });
}

/** A block moves to the right. */
const moved =
  (by: number): Make =>
  (width, pick) => {
    const length = pick(3, Math.floor(width / 3));
    const start = pick(0, width - length - by);
    const hue = colour(pick);
    return {
      input: ground(width).fill(hue, start, start + length),
      output: ground(width).fill(hue, start + by, start + by + length),
    };
  };

/** A block moves to the right until it meets a pixel of another colour. */
const movedUp: Make = (width, pick) => {
  const length = pick(2, Math.floor(width / 3));
  const start = pick(0, width - length - 3);
  const pivot = pick(start + length + 1, width - 1);
  const hue = colour(pick);
  const other = colour(pick, hue);
  const input = ground(width).fill(hue, start, start + length);
  const output = ground(width).fill(hue, pivot - length, pivot);
  input[pivot] = output[pivot] = other;
  return { input, output };
};

/** What lies between two pixels gets their colour. */
const filled: Make = (width, pick) => {
  const length = pick(4, width - 2);
  const start = pick(0, width - length);
  const hue = colour(pick);
  const input = ground(width);
  input[start] = input[start + length - 1] = hue;
  return { input, output: ground(width).fill(hue, start, start + length) };
};

/** Of a block, the two ends stay. */
const hollowed: Make = (width, pick) => {
  const { input, output } = filled(width, pick);
  return { input: output, output: input };
};

/** The first pixel of a block, of another colour, goes to its end. */
const flipped: Make = (width, pick) => {
  const length = pick(3, Math.floor(width / 2));
  const start = pick(0, width - length);
  const hue = colour(pick);
  const other = colour(pick, hue);
  const input = ground(width).fill(hue, start, start + length);
  const output = input.slice();
  input[start] = output[start + length - 1] = other;
  return { input, output };
};

/** A block goes to the other side of a pixel of another colour, as far from it as it was. */
const mirrored: Make = (width, pick) => {
  const length = pick(2, Math.floor(width / 4));
  const pivot = pick(length + 1, width - length - 2);
  const gap = pick(0, Math.min(pivot - length, width - 1 - pivot - length, 4));
  const hue = colour(pick);
  const other = colour(pick, hue);
  const input = ground(width).fill(hue, pivot - gap - length, pivot - gap);
  const output = ground(width).fill(hue, pivot + 1 + gap, pivot + 1 + gap + length);
  input[pivot] = output[pivot] = other;
  return { input, output };
};

/** Beside a block, pixels of its colour vanish. */
const denoised: Make = (width, pick) => {
  const length = pick(4, Math.floor(width / 2));
  const start = pick(0, width - length);
  const hue = colour(pick);
  const output = ground(width).fill(hue, start, start + length);
  const input = output.slice();
  for (let cell = 1; cell < width - 1; cell++) {
    const alone = input[cell - 1] === 0 && input[cell] === 0 && input[cell + 1] === 0;
    if (alone && pick(0, 3) === 0) input[cell] = hue;
  }
  return { input, output };
};

/** Pixels of other colours within a block get its colour. */
const cleaned: Make = (width, pick) => {
  const length = pick(6, width - 2);
  const start = pick(0, width - length);
  const hue = colour(pick);
  const output = ground(width).fill(hue, start, start + length);
  const input = output.slice();
  for (let cell = start + 1; cell < start + length - 1; cell++) {
    if (input[cell - 1] === hue && pick(0, 3) === 0) input[cell] = colour(pick, hue);
  }
  return { input, output };
};

/** Blocks of one colour get others, by what decides of their length. */
const recoloured =
  (longest: number, of: (length: number) => number): Make =>
  (width, pick) => {
    const input = ground(width);
    const output = ground(width);
    for (const { start, length } of blocks(
      width,
      pick,
      pick(2, Math.max(2, Math.floor(width / 8))),
      longest,
    )) {
      input.fill(5, start, start + length);
      output.fill(of(length), start, start + length);
    }
    return { input, output };
  };

/** A pixel on each side of which another appears: a pattern of three cells, shown once, takes the place of its middle. */
const copied: Make = (width, pick) => {
  const hue = colour(pick);
  const input = ground(width);
  const output = ground(width);
  for (let cell = pick(1, 3); cell < width - 1; cell += pick(4, 7)) {
    const whole = cell < 4;
    input.fill(hue, cell - Number(whole), cell + 1 + Number(whole));
    output.fill(hue, cell - 1, cell + 2);
  }
  return { input, output };
};

/** The kinds that are drawn, by the names that the dataset has for them. */
const kinds: Readonly<Record<string, Make>> = {
  move_1p: moved(1),
  move_2p: moved(2),
  move_3p: moved(3),
  move_dp: movedUp,
  fill: filled,
  hollow: hollowed,
  flip: flipped,
  mirror: mirrored,
  denoising_1c: denoised,
  denoising_mc: cleaned,
  recolor_oe: recoloured(6, (length) => (length % 2 === 0 ? 3 : 6)),
  recolor_cnt: recoloured(4, (length) => [1, 2, 3, 4][length - 1]),
  pcopy_1c: copied,
};

/** Names of the kinds that are drawn. */
export const drawnTasks: readonly string[] = Object.keys(kinds);

/**
 * Puzzles drawn from numbers, of all kinds in turn.
 *
 * @param seed different seeds give different puzzles; the same one the same, on every machine.
 * @param width cells of a row, from 16 on.
 */
export function drawnPuzzles({
  seed,
  count,
  width,
}: Readonly<{ seed: number; count: number; width: number }>): RowPuzzles {
  const makes = Object.values(kinds);
  return {
    width,
    count,
    tasks: drawnTasks,
    puzzle(index) {
      checkIndex(index, count);
      const task = index % makes.length;
      let drawn = 0;
      const pick: Pick = (low, high) =>
        low + Math.floor((high - low + 1) * uniform(seed, STREAM.puzzle, index, drawn++));
      const pairs = Array.from({ length: EXAMPLES + 1 }, () => makes[task](width, pick));
      return { task, examples: pairs.slice(0, EXAMPLES), question: pairs[EXAMPLES] };
    },
  };
}

/** What drawn puzzles are called where others are named by their folder. */
export const DRAWN = "drawn";

/** A million drawn puzzles to learn from, and 1,300 held out, of another seed. */
export function drawnPuzzleSets(width: number): RowPuzzleSets {
  return {
    train: drawnPuzzles({ seed: 1, count: 1_000_000, width }),
    test: drawnPuzzles({ seed: 2, count: 100 * drawnTasks.length, width }),
    name: "puzzles",
    description: `${drawnTasks.length} kinds of drawn puzzles of ${width} cells`,
  };
}

/** Ways in which {@link variedPuzzles} shows a puzzle. */
const VARIANTS = 1024;

/** The same puzzles, each with its colours exchanged for one another, and from the right to the left, in many ways. */
export function variedPuzzles(set: RowPuzzles, seed: number): RowPuzzles {
  return {
    ...set,
    count: set.count * VARIANTS,
    puzzle(index) {
      const { task, examples, question } = set.puzzle(index % set.count);
      const draw = (i: number) => uniform(seed, STREAM.puzzle, index, i);
      const colours = Array.from({ length: SYMBOLS }, (_, i) => i);
      for (let i = SYMBOLS - 1; i > 1; i--) {
        const other = 1 + Math.floor(i * draw(i));
        [colours[i], colours[other]] = [colours[other], colours[i]];
      }
      const turned = draw(0) < 0.5;
      const row = (symbols: Uint8Array) => {
        const changed = symbols.map((symbol) => colours[symbol]);
        return turned ? changed.toReversed() : changed;
      };
      const pair = ({ input, output }: RowPair) => ({ input: row(input), output: row(output) });
      return { task, examples: examples.map(pair), question: pair(question) };
    },
  };
}
