/** How many rows a model completes rightly. */
import * as z from "zod/mini";
import { EXAMPLES, type RowPuzzles, SYMBOLS } from "../../data/rowPuzzles.ts";
import type { Engine } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { expandWindow } from "../../engine/window.ts";
import { UserError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import { type Classes, classOf } from "../../model/readout.ts";
import type { Grid } from "../../rule/grid.ts";
import { puzzleState, TENSOR } from "./embedding.ts";

/** Steps that cells have. */
export const STEPS = 40;
/** Puzzles that are asked, at most. */
export const COUNT = 1300;
/** That are rolled out at once. */
const BATCH = 50;

const shareSchema = z.number().check(z.minimum(0), z.maximum(1));

/** Plain JSON. */
export const arcReportSchema = z.object({
  /** Held-out puzzles that were asked. */
  puzzles: z.int(),
  /** Steps after which their rows were read. */
  step: z.int(),
  /** Of rows, those right in every cell; of cells, those that are right. */
  rows: shareSchema,
  cells: shareSchema,
  /** The same of each kind. */
  tasks: z.array(z.object({ name: z.string(), puzzles: z.int(), rows: shareSchema, cells: shareSchema })),
});
export type ArcReport = Readonly<z.infer<typeof arcReportSchema>>;

/** A model that answers puzzles. */
export type Solver = Pick<Model, "rule" | "parameters"> &
  Readonly<{ classes: Classes; embedded: Float32Array; embedding: number }>;

/** @throws UserError for a model that answers none. */
export function asSolver({ rule, parameters, readout, networks = {} }: Model): Solver {
  const embedded = networks[TENSOR];
  if (!readout?.classes || readout.classes.count !== SYMBOLS || embedded?.shape[0] !== SYMBOLS) {
    throw new UserError("this model answers no puzzles; train one with neoblast arc");
  }
  const [, embedding] = embedded.shape;
  if (1 + 2 * EXAMPLES * embedding > readout.classes.offset) {
    throw new UserError("this model has no channels for the embedded colours of three examples");
  }
  return { rule, parameters, classes: readout.classes, embedded: embedded.data, embedding };
}

/** The state that a puzzle begins as. */
export function startOf(
  { rule, classes, embedded, embedding }: Solver,
  puzzle: ReturnType<RowPuzzles["puzzle"]>,
): Float32Array {
  const image = { offset: 0, channels: 1, premultiplied: false, classes } as const;
  return puzzleState(puzzle, embedded, { embedding, rule: { channels: rule.channels, image } });
}

/** The symbol that each cell names; 255 where it names none. */
export function answerOf(state: Float32Array, { rule, classes }: Solver): Uint8Array {
  return Uint8Array.from({ length: state.length / rule.channels }, (_, cell) => {
    const named = classOf(state, cell * rule.channels, classes);
    return named < 0 ? 255 : named;
  });
}

/**
 * Asks the first so many of puzzles.
 *
 * @throws what `Engine.rollout` throws.
 */
export async function measurePuzzles({
  engine,
  solver,
  puzzles,
  count = COUNT,
  step = STEPS,
  seed,
  onProgress = () => {},
  signal,
}: Readonly<{
  engine: Engine;
  solver: Solver;
  puzzles: RowPuzzles;
  count?: number;
  step?: number;
  /** Of fire masks. */
  seed: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}>): Promise<ArcReport> {
  const total = Math.min(count, puzzles.count);
  const grid: Grid = [puzzles.width];
  const tallies = puzzles.tasks.map((name) => ({ name, puzzles: 0, rows: 0, cells: 0 }));
  for (let first = 0; first < total; first += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, total - first) }, (_, i) => first + i);
    const asked = ids.map((id) => puzzles.puzzle(id));
    const { final } = await engine.rollout({
      rule: solver.rule,
      grid,
      parameters: solver.parameters,
      states: asked.map((puzzle) => startOf(solver, puzzle)),
      steps: step,
      seed,
      sampleIds: ids,
      ...(signal && { signal }),
    });
    const windows = await engine.read(final);
    disposeStates(final);
    for (const [i, { task, question }] of asked.entries()) {
      const answer = answerOf(expandWindow(windows[i], grid, solver.rule.channels), solver);
      const right = answer.reduce((sum, symbol, cell) => sum + Number(symbol === question.output[cell]), 0);
      const tally = tallies[task];
      tally.puzzles++;
      tally.cells += right;
      tally.rows += Number(right === answer.length);
    }
    onProgress(first + ids.length, total);
  }
  const sum = (of: "puzzles" | "rows" | "cells") => tallies.reduce((all, tally) => all + tally[of], 0);
  const sharesOf = (all: number, rows: number, cells: number) => ({
    rows: all === 0 ? 1 : rows / all,
    cells: all === 0 ? 1 : cells / (all * puzzles.width),
  });
  return {
    puzzles: total,
    step,
    ...sharesOf(sum("puzzles"), sum("rows"), sum("cells")),
    tasks: tallies.map((tally) => ({
      name: tally.name,
      puzzles: tally.puzzles,
      ...sharesOf(tally.puzzles, tally.rows, tally.cells),
    })),
  };
}

/** What came out, as rows of words: kind, puzzles, shares. */
export function reportRows({ tasks, puzzles, rows, cells }: ArcReport): string[][] {
  return [
    ["", "puzzles", "rows right", "cells right"],
    ...[...tasks.filter((task) => task.puzzles > 0), { name: "all", puzzles, rows, cells }].map((task) => [
      task.name,
      String(task.puzzles),
      percent(task.rows),
      percent(task.cells),
    ]),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
