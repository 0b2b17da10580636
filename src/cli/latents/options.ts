/** The options that the commands share that draw pictures from latent vectors. */
import type { Option } from "commander";
import { type EngineChoice, engineOption } from "../engineOption.ts";
import { filePath, MAX_SEED, option, repeatable, whole } from "../values.ts";

export type DrawOptions = Readonly<{
  out?: readonly string[];
  seed: number;
  scale: number;
  engine?: EngineChoice;
  /** Standard output is for one JSON object. */
  json?: true;
}>;

/** What `--help-all` says of these. */
export const DRAW_NOTES =
  "With --out -, a PNG goes to standard output; with -.webp and so on, other kinds. Files that exist are replaced.";

/** Most samples that one command draws at once. */
export const MAX_DRAWN = 1024;

/** @param picture the file that is written where none is named. @param film what a film shows. */
export function drawOptions(picture: string, film: string): Option[] {
  return [
    repeatable(
      "--out <file>",
      `what to write, repeatable: a .png (the sheet), .gif, .webp or .mp4 (a film of ${film}), or - for standard output (default: ${picture})`,
      filePath,
    ),
    option("--seed <n>", "seed of all random numbers", whole(0, MAX_SEED)).default(0),
    option("--scale <n>", "width and height of a cell in pixels", whole(1, 64)).default(4),
    engineOption(),
  ];
}
