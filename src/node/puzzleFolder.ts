import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import {
  EXAMPLES,
  type RowPair,
  type RowPuzzle,
  type RowPuzzles,
  type RowPuzzleSets,
  SYMBOLS,
} from "../data/rowPuzzles.ts";
import { FormatError, UserError } from "../errors.ts";
import { describeFault } from "../config/schema.ts";
import { decodeFile, fileError } from "./files.ts";

const MAX_FILES = 100_000;
const MAX_BYTES = 2 ** 20;
/** Of so many puzzles of a kind, one is held out. */
const HELD_OUT = 5;

const rowSchema = z.tuple([
  z.array(z.int().check(z.minimum(0), z.maximum(SYMBOLS - 1))).check(z.minLength(1), z.maxLength(4096)),
]);
const pairSchema = z.object({ input: rowSchema, output: rowSchema });
const puzzleSchema = z.object({
  train: z.array(pairSchema).check(z.minLength(EXAMPLES)),
  test: z.array(pairSchema).check(z.minLength(1)),
});

/**
 * The puzzles of a folder in the form of 1D-ARC: JSON files, in a subfolder for each kind, each of at least three examples
 * (`train`) and a question (`test`), rows as lists of one list of colours 0 to 9. Shorter rows are continued by ground. Every
 * fifth of a kind, in the order of the files' names, is held out.
 *
 * @param width cells of a row.
 * @throws UserError, one sentence with the path, for a folder without puzzles or of too many, for a file that cannot be read,
 *   and for a row that is too long.
 */
export async function loadPuzzles(folder: string, width: number): Promise<RowPuzzleSets> {
  const files = await findPuzzles(folder);
  const tasks = [...new Set(files.map(({ task }) => task))];
  const train: RowPuzzle[] = [];
  const test: RowPuzzle[] = [];
  for (const [number, task] of tasks.entries()) {
    for (const [i, { path }] of files.filter((file) => file.task === task).entries()) {
      const puzzle = await readPuzzle(path, number, width);
      (i % HELD_OUT === HELD_OUT - 1 ? test : train).push(puzzle);
    }
  }
  if (train.length === 0 || test.length === 0) {
    throw new UserError(
      `${folder} has ${files.length} puzzles; ${HELD_OUT} of a kind are the fewest of which one can be held out`,
    );
  }
  const name = folder.split(/[\\/]/).findLast((part) => part !== "") ?? "puzzles";
  return {
    train: listed(train, tasks, width),
    test: listed(test, tasks, width),
    name,
    description: `${name}: ${tasks.length} kinds of puzzles of ${width} cells, ${train.length} to learn from and ${test.length} held out`,
  };
}

function listed(puzzles: readonly RowPuzzle[], tasks: readonly string[], width: number): RowPuzzles {
  return {
    width,
    count: puzzles.length,
    tasks,
    puzzle(index) {
      const found = puzzles.at(index);
      if (index >= 0 && found) return found;
      throw new RangeError(`there is no puzzle ${index} among ${puzzles.length}, which count from 0`);
    },
  };
}

/** Files in order, each with the kind of its puzzle: that of its subfolder. */
async function findPuzzles(folder: string): Promise<{ path: string; task: string }[]> {
  const collator = new Intl.Collator("en", { numeric: true });
  const found: { path: string; task: string }[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory()) continue;
    for (const file of await entriesOf(join(folder, entry.name))) {
      if (!file.isFile() || !/\.json$/i.test(file.name)) continue;
      found.push({ path: join(folder, entry.name, file.name), task: entry.name.replace(/^1d_/, "") });
    }
  }
  if (found.length === 0) {
    throw new UserError(`${folder} has no puzzles, which are JSON files in a subfolder for each kind`);
  }
  if (found.length > MAX_FILES) {
    throw new UserError(`${folder} has ${found.length} files; at most ${MAX_FILES} are read`);
  }
  return found.toSorted((a, b) => collator.compare(a.path, b.path));
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw fileError(error, "read", folder);
  }
}

function readPuzzle(path: string, task: number, width: number): Promise<RowPuzzle> {
  return decodeFile(path, MAX_BYTES, (bytes) => {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (cause) {
      throw new FormatError("not JSON", { cause });
    }
    const parsed = puzzleSchema.safeParse(value);
    if (!parsed.success) throw new FormatError(describeFault(parsed.error, value, "puzzle"));
    const { train, test } = parsed.data;
    const [question] = pairsOf(test, width);
    return { task, examples: pairsOf(train.slice(0, EXAMPLES), width), question };
  });
}

function pairsOf(pairs: readonly z.infer<typeof pairSchema>[], width: number): RowPair[] {
  return pairs.map(({ input: [input], output: [output] }) => ({
    input: rowOf(input, width),
    output: rowOf(output, width),
  }));
}

/** Symbols, continued by ground. @throws FormatError where there are more than the width. */
function rowOf(symbols: readonly number[], width: number): Uint8Array {
  if (symbols.length > width) {
    throw new FormatError(`a row has ${symbols.length} cells, and rows were to have at most ${width}`);
  }
  const row = new Uint8Array(width);
  row.set(symbols);
  return row;
}
