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

/** Most samples that one command draws at once. */
export const MAX_DRAWN = 1024;

/** @param picture the file that is written where none is named. @param film what a film shows. */
export function drawOptions(picture: string, film: string): Option[] {
  return [
    repeatable(
      "--out <file>",
      `output file, repeatable: .png for the sheet; .gif, .webp or .mp4 for a film of ${film}; - for standard output, as PNG, or -.webp and so on; a file that exists is replaced (default: ${picture})`,
      filePath,
    ),
    option("--seed <n>", "seed of all random numbers", whole(0, MAX_SEED)).default(0),
    option("--scale <n>", "width and height of a cell in pixels", whole(1, 64)).default(4),
    engineOption(),
  ];
}
