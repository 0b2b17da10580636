/** Puzzles that runs are trained for. */
import * as z from "zod/mini";
import { DRAWN, drawnPuzzleSets, type RowPuzzleSets } from "../../../data/rowPuzzles.ts";
import type { ExperimentConfig, PuzzleSubject } from "../../../experiments/experiment.ts";
import { loadPuzzles } from "../../../node/puzzleFolder.ts";
import type { SubjectFiles } from "./subject.ts";

const dataSchema = z.object({ data: z.object({ source: z.string(), width: z.int() }) });

/** Drawn puzzles, or those of a folder, which a run opens again. */
export const puzzleFiles: SubjectFiles<PuzzleSubject> = {
  load: subjectOf,
  keep: async () => {},
  recall: (_folder, config) => subjectOf(config),
};

async function subjectOf(config: ExperimentConfig): Promise<PuzzleSubject> {
  const { source, width } = dataSchema.parse(config).data;
  const sets = await puzzleSets(source, width);
  return { ...sets, grid: [width] };
}

/** @throws UserError for a folder whose puzzles cannot be read. */
export async function puzzleSets(source: string, width: number): Promise<RowPuzzleSets> {
  return source === DRAWN ? drawnPuzzleSets(width) : loadPuzzles(source, width);
}
