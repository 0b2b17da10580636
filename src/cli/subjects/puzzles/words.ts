import { DRAWN } from "../../../data/rowPuzzles.ts";
import { filePath, option } from "../../values.ts";
import { folderNamed, type SubjectWords } from "../subject.ts";

/** Puzzles of rows: drawn, or of a folder. */
export const puzzles: SubjectWords = {
  heading: "Puzzles and rule:",
  arguments: () => [],
  options: () => [
    option(
      "--data <folder>",
      `a folder of puzzles in the form of 1D-ARC, a subfolder for each kind; or ${DRAWN}: ones drawn by this program (default: ${DRAWN})`,
      filePath,
    ),
  ],
  sourceOf: (commandLine) => folderNamed(commandLine, DRAWN),
  files: async () => (await import("./files.ts")).puzzleFiles,
};
