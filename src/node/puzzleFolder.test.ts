import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadPuzzles } from "./puzzleFolder.ts";

let place: string;
const at = (...names: string[]) => join(place, ...names);
const pair = (...rows: number[][]) => ({ input: [rows[0]], output: [rows[1] ?? rows[0]] });
const write = (folder: string, file: string, value: unknown) => {
  mkdirSync(at(folder), { recursive: true });
  writeFileSync(at(folder, file), typeof value === "string" ? value : JSON.stringify(value));
};
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "neoblast-puzzles-"));
  for (let i = 0; i < 12; i++) {
    const train = [1, 2, 3, 4].map((hue) => pair([hue, 0, i % 10], [0, hue, i % 10]));
    const puzzle = { train, test: [pair([5, 0, i % 10], [0, 5, i % 10])] };
    write(`set/1d_move_${i % 2}p`, `1d_move_${i % 2}p_${i}.json`, puzzle);
  }
});
afterAll(() => rmSync(place, { recursive: true }));

it("reads a subfolder for each kind, continues rows by ground, and holds every fifth out", async () => {
  const { train, test, name, description } = await loadPuzzles(at("set"), 5);
  expect([train.count, test.count, train.tasks]).toEqual([10, 2, ["move_0p", "move_1p"]]);
  expect(name).toBe("set");
  expect(description).toBe("set: 2 kinds of puzzles of 5 cells, 10 to learn from and 2 held out");
  // Numbers in names count as such: 0, 2, 4, 6, and then 8 is the fifth.
  expect(test.puzzle(0).question.input).toEqual(Uint8Array.of(5, 0, 8, 0, 0));
  const puzzle = train.puzzle(1);
  expect(puzzle).toMatchObject({ task: 0, question: { output: Uint8Array.of(0, 5, 2, 0, 0) } });
  expect(puzzle.examples.map(({ input }) => input[0])).toEqual([1, 2, 3]);
  expect(() => train.puzzle(-1)).toThrow(RangeError);
});

it.each([
  [
    "long",
    { train: [1, 2, 3].map(() => pair([0, 1, 2, 3, 4, 5])), test: [pair([1])] },
    /long.*a row has 6 cells, and rows were to have at most 5$/,
  ],
  ["few", { train: [pair([1])], test: [pair([1])] }, /few.*train/],
  ["odd", { train: [1, 2, 3].map(() => pair([12])), test: [pair([1])] }, /odd.*train\[0\]/],
  ["text", "{", /text.*not JSON$/],
])("names the file where a puzzle is %s", async (folder, value, error) => {
  write(`${folder}/kind`, "a.json", value);
  await expect(loadPuzzles(at(folder), 5)).rejects.toThrow(error);
});

it("says where there are none, or too few", async () => {
  mkdirSync(at("empty"));
  await expect(loadPuzzles(at("empty"), 5)).rejects.toThrow(
    /empty has no puzzles, which are JSON files in a subfolder for each kind$/,
  );
  await expect(loadPuzzles(at("missing"), 5)).rejects.toThrow(/^cannot read .*missing: it does not exist$/);
  write("one/kind", "a.json", { train: [1, 2, 3].map(() => pair([1])), test: [pair([1])] });
  await expect(loadPuzzles(at("one"), 5)).rejects.toThrow(/one has 1 puzzles; 5 of a kind are the fewest/);
});
