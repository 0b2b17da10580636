/** What cells are shown of a puzzle: the colours of the examples as a few learned numbers each, and those of the question. */
import { type RowPuzzle, SYMBOLS } from "../../data/rowPuzzles.ts";
import type { Readout } from "../../model/readout.ts";
import { STREAM, uniform } from "../../random.ts";
import { layoutTable } from "../../rule/parameters.ts";
import type { Starter } from "../../train/goals.ts";
import { HERE, SHOWN } from "./config.ts";

/** The tensor of the embedded colours, shape (10, E): that of a model's `networks`. */
export const TENSOR = "symbols.weight";

/** What decides how a puzzle becomes a state. */
export type Layout = Readonly<{ embedding: number; rule: Readonly<{ channels: number; image: Readout }> }>;

/** The rows that cells are shown, in order: the input and the output of each example. */
function shownRows({ examples }: RowPuzzle): Uint8Array[] {
  return examples.flatMap(({ input, output }) => [input, output]).slice(0, SHOWN);
}

/**
 * The state that a puzzle begins as, shape (W, C): 1, the embedded colours of the rows that are shown, zeros, and 1 for the
 * colour of the question among the scores.
 *
 * @param embedded shape (10, E).
 */
export function puzzleState(puzzle: RowPuzzle, embedded: Float32Array, layout: Layout): Float32Array {
  const { embedding, rule } = layout;
  const { channels, image } = rule;
  const width = puzzle.question.input.length;
  const state = new Float32Array(width * channels);
  const rows = shownRows(puzzle);
  for (let cell = 0; cell < width; cell++) {
    const at = cell * channels;
    state[at + HERE] = 1;
    for (const [row, symbols] of rows.entries()) {
      const from = symbols[cell] * embedding;
      state.set(embedded.subarray(from, from + embedding), at + HERE + 1 + row * embedding);
    }
    state[at + image.classes!.offset + puzzle.question.input[cell]] = 1;
  }
  return state;
}

/** What gives puzzles their states, by an embedding that is learned along. @param puzzle by number. */
export function embeddingStarter(
  layout: Layout,
  puzzle: (index: number) => RowPuzzle,
  seed: number,
): Starter {
  const { embedding, rule } = layout;
  const table = layoutTable([{ name: TENSOR, shape: [SYMBOLS, embedding] }]);
  const initial = Float32Array.from(
    { length: SYMBOLS * embedding },
    (_, i) => 2 * uniform(seed, STREAM.encoder, 0, i) - 1,
  );
  return {
    network: { table, initial },
    start: (goal, network) => puzzleState(puzzle(goal), network, layout),
    pullback(goal, cotangent, gradient) {
      for (const [row, symbols] of shownRows(puzzle(goal)).entries()) {
        const first = HERE + 1 + row * embedding;
        for (const [cell, symbol] of symbols.entries()) {
          for (let e = 0; e < embedding; e++) {
            gradient[symbol * embedding + e] += cotangent[cell * rule.channels + first + e];
          }
        }
      }
    },
  };
}
