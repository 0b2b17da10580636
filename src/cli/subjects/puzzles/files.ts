/** Puzzles that runs are trained for. */
import { resolve } from "node:path";
import * as z from "zod/mini";
import { DRAWN, drawnPuzzleSets, type RowPuzzleSets } from "../../../data/rowPuzzles.ts";
import type { ExperimentConfig, PuzzleSubject } from "../../../experiments/experiment.ts";
import { loadPuzzles } from "../../../node/puzzleFolder.ts";
import { trainedOn } from "../../latents/trainedOn.ts";
import { type Asked, checkNamed, type Measured, type SubjectFiles } from "../subject.ts";

const dataSchema = z.object({ data: z.object({ source: z.string(), width: z.int() }) });

/** Drawn puzzles, or those of a folder, which a run opens again. */
export const puzzleFiles: SubjectFiles<PuzzleSubject> = {
  load: subjectOf,
  keep: async () => {},
  recall: (_folder, config) => subjectOf(config),
  forModel,
};

async function subjectOf(config: ExperimentConfig): Promise<PuzzleSubject> {
  const { source, width } = dataSchema.parse(config).data;
  const sets = await puzzleSets(source, width);
  return { ...sets, grid: [width] };
}

/** @throws UserError for a folder whose puzzles cannot be read. */
async function puzzleSets(source: string, width: number): Promise<RowPuzzleSets> {
  return source === DRAWN ? drawnPuzzleSets(width) : loadPuzzles(source, width);
}

/** A model and puzzles that it has not seen, of its width. */
async function forModel(asked: Asked): Promise<Measured<PuzzleSubject>> {
  const { path, model, options } = asked;
  checkNamed(asked, "puzzles");
  const { data = await trainedOn(path, DRAWN) } = options;
  const { grid } = model.provenance;
  const sets = await puzzleSets(data === DRAWN ? data : resolve(data), grid[0]);
  return { model, subject: { ...sets, grid } };
}
