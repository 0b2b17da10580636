import { Command } from "commander";
import { kernelChoices } from "../engine.ts";
import type { EvaluateOptions } from "./options.ts";
import { goalOption } from "../goalOption.ts";
import {
  argument,
  filePath,
  listOf,
  MODEL,
  MAX_SEED,
  number,
  oneOf,
  option,
  orAuto,
  pictureSource,
  whole,
} from "../values.ts";

/** `neoblast evaluate`: measures how well an automaton grows, stays and heals. */
export function evaluateCommand(): Command {
  return new Command("evaluate")
    .summary("measure how well a trained automaton grows, keeps and heals its picture")
    .description(
      "Measures how far a trained automaton is from its picture as it grows, long after, and after damage; upright and turned.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addArgument(
      argument(
        "[target]",
        "what it should draw: an emoji, its name, a picture file, or - for standard input (default: what it was trained for)",
        pictureSource,
      ),
    )
    .addOption(goalOption())
    .addOption(option("--size <cells>", "longest side of the target (default: as trained)", whole(4, 512)))
    .addOption(
      option("--padding <cells>", "empty cells around the target (default: as trained)", whole(0, 256)),
    )
    .addOption(
      option("--steps <list>", "steps at which growth is measured", listOf(whole(0, 1e6))).default(
        [96, 200, 1000, 10000],
        "96,200,1000,10000",
      ),
    )
    .addOption(
      option(
        "--angles <list>",
        "degrees by which the directions in which cells perceive are turned",
        listOf(number(-360, 360)),
      ).default([0, 30, 90], "0,30,90"),
    )
    .addOption(option("--runs <n>", "runs from the seed cell at each angle", whole(1, 1000)).default(8))
    .addOption(
      option("--seeds <n>", "as --runs, by its former name", whole(1, 1000)).hideHelp().conflicts("runs"),
    )
    .addOption(
      option(
        "--seed <n>",
        "seed of all random numbers: the same seed, the same report",
        whole(0, MAX_SEED),
      ).default(0),
    )
    .addOption(
      option(
        "--kernels <build>",
        "strict (the same bits on every machine), relaxed (faster) or auto (relaxed where the machine has it)",
        oneOf(kernelChoices),
      ).default("auto"),
    )
    .addOption(
      option(
        "--threads <n>",
        "worker threads; any number gives the same bits",
        orAuto(whole(1, 256)),
      ).default("auto", "one per processor"),
    )
    .addOption(
      option(
        "--out <file>",
        "PNG file of a drawing of how damage heals (default: evaluation.png in the folder of the run, or else in this folder); - for standard output, where the report goes to standard error; a file that exists is replaced",
        filePath,
      ),
    )
    .option("--json", "print one JSON object instead of tables")
    .addHelpText("after", HELP)
    .action(
      async (
        model: string,
        source: string | undefined,
        { seeds, ...options }: EvaluateOptions & FormerOptions,
      ) => {
        const { evaluateModel } = await import("./action.ts");
        await evaluateModel(model, source, { ...options, runs: seeds ?? options.runs });
      },
    );
}

/** Hidden: former names. */
type FormerOptions = Readonly<{ seeds?: number }>;

const HELP = `
The error is the mean squared error over all cells and image channels, 0 to 1.
After 200 steps, damage empties half of the grid, a disc in its middle or a random
circle; "ratio" compares the error 200 steps later with that of the same runs
without damage. A run has died when no cell lives, is overgrown when more than
twice as many cells live as the target has, and has diverged when its error
exceeds 100. Of a texture (neoblast texture), the error is relative: that of other
directions than training looked along, of which the target's own patches have 0%
and one even colour 100%; angles do not count. The report goes to standard output, all else to standard error.

Examples:
  neoblast evaluate runs/lizard-1
  neoblast evaluate runs/lizard-1 --angles 0 --steps 200 --out healing.png
  neoblast evaluate runs/lizard-and-butterfly-1 --goal 🦋
  neoblast evaluate model.safetensors 🦋 --size 40 --padding 16 --json`;
