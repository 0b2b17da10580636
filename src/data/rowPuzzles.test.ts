import { describe, expect, it } from "vitest";
import { drawnPuzzles, drawnTasks, type RowPair, variedPuzzles } from "./rowPuzzles.ts";

const puzzles = drawnPuzzles({ seed: 3, count: 20 * drawnTasks.length, width: 20 });
/** All pairs of a kind, examples and questions. */
const pairsOf = (task: string): RowPair[] =>
  Array.from({ length: puzzles.count }, (_, i) => puzzles.puzzle(i))
    .filter((puzzle) => puzzles.tasks[puzzle.task] === task)
    .flatMap(({ examples, question }) => [...examples, question]);
/** Symbols as text, the ground as a point. */
const text = (row: Uint8Array) => [...row].map((symbol) => (symbol === 0 ? "." : String(symbol))).join("");
/** A row in letters, the first colour that occurs in it as a, the next as b. */
function pattern({ input, output }: RowPair): string {
  const letters = new Map<string, string>([[".", "."]]);
  return `${text(input)} ${text(output)}`
    .split("")
    .map((symbol) => {
      if (symbol === " ") return symbol;
      if (!letters.has(symbol)) letters.set(symbol, "abcdefgh"[letters.size - 1]);
      return letters.get(symbol);
    })
    .join("");
}

/** What every pair of a kind looks like. */
const looks: Readonly<Record<string, RegExp>> = {
  move_1p: /^(\.*)(a+)(\.*)\. \1\.\2\3$/,
  move_2p: /^(\.*)(a+)(\.*)\.\. \1\.\.\2\3$/,
  move_3p: /^(\.*)(a+)(\.*)\.\.\. \1\.\.\.\2\3$/,
  move_dp: /^(\.*)(a+)(\.*)b(\.*) \1\3\2b\4$/,
  fill: /^\.*a\.+a\.* \.*a+\.*$/,
  hollow: /^\.*a+\.* \.*a\.+a\.*$/,
  flip: /^(\.*)a(b+)(\.*) \1\2a\3$/,
  mirror: /^(\.*)(a+)(\.*)b\.* \.*b\3\2\.*$/,
  denoising_1c: /^[a.]+ \.*a+\.*$/,
  denoising_mc: /^\.*[a-h]+\.* \.*a+\.*$/,
  recolor_oe: /^[a.]+ [bc.]+$/,
  recolor_cnt: /^[a.]+ [a-f.]+$/,
  pcopy_1c: /^\.*aaa\.[a.]* [a.]+$/,
};

describe("drawn puzzles", () => {
  it("are the same for the same seed, whatever else is looked at", () => {
    const again = drawnPuzzles({ seed: 3, count: puzzles.count, width: 20 });
    expect(again.puzzle(17)).toEqual(puzzles.puzzle(17));
    expect(drawnPuzzles({ seed: 4, count: 20, width: 20 }).puzzle(17)).not.toEqual(puzzles.puzzle(17));
    expect(() => puzzles.puzzle(puzzles.count)).toThrow(RangeError);
  });

  it.each(drawnTasks)("of the kind %s do what it says, in rows of one width, and differ", (task) => {
    const pairs = pairsOf(task);
    expect(pairs).toHaveLength(80);
    for (const pair of pairs) {
      expect([pair.input.length, pair.output.length]).toEqual([20, 20]);
      expect(text(pair.input)).not.toBe("....................");
      expect(pattern(pair)).toMatch(looks[task]);
    }
    expect(new Set(pairs.map(pattern)).size).toBeGreaterThan(20);
  });

  it("keep lengths and places where a length decides the colour", () => {
    for (const { input, output } of [...pairsOf("recolor_oe"), ...pairsOf("recolor_cnt")]) {
      expect(text(output).replaceAll(/\d/g, "5")).toBe(text(input));
    }
    for (const { output } of pairsOf("recolor_cnt")) {
      for (const block of text(output).split(".").filter(Boolean)) {
        expect(block).toBe(String(block.length).repeat(block.length));
      }
    }
  });
});

describe("variedPuzzles", () => {
  it("exchanges colours for one another, the ground for itself, and turns some around", () => {
    const set = drawnPuzzles({ seed: 1, count: 13, width: 20 });
    const varied = variedPuzzles(set, 5);
    const known = pattern(set.puzzle(0).question);
    const seen = Array.from({ length: 40 }, (_, variant) => varied.puzzle(13 * variant).question);
    const straight = seen.filter((pair) => pattern(pair) === known);
    const turned = seen.filter(
      ({ input, output }) => pattern({ input: input.toReversed(), output: output.toReversed() }) === known,
    );
    expect(straight.length + turned.length).toBe(40);
    expect(Math.min(straight.length, turned.length)).toBeGreaterThan(10);
    const colours = new Set(straight.map(({ input }) => Math.max(...input)));
    expect(colours.size).toBeGreaterThan(5);
    expect(colours).not.toContain(0);
  });
});
