import { Command } from "commander";
import { explain, type Explanation, rarely } from "../help.ts";
import { kernelChoices } from "../engine.ts";
import { engineOption } from "../engineOption.ts";
import type { EvaluateOptions } from "./options.ts";
import { dataOption } from "../dataOption.ts";
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
  return explain(new Command("evaluate"), HELP)
    .description(
      "Measures how well a trained automaton does what it was trained for: how far it is from its picture as it grows, long after, after damage, and turned; or, of one that classifies, how many cells are right about pictures that it has not seen.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addArgument(
      argument(
        "[target]",
        "what it should draw: an emoji, its name, a picture file, or - for standard input (default: as trained)",
        pictureSource,
      ),
    )
    .addOption(goalOption())
    .addOption(option("--size <cells>", "longest side of the target (default: as trained)", whole(4, 512)))
    .addOption(
      rarely(
        option("--padding <cells>", "empty cells around the target (default: as trained)", whole(0, 256)),
      ),
    )
    .addOption(
      option(
        "--steps <list>",
        "steps at which it is measured (default: of a grown picture 96,200,1000,10000)",
        listOf(whole(0, 1e6)),
      ),
    )
    .addOption(
      rarely(
        option(
          "--angles <list>",
          "degrees by which the directions in which cells perceive are turned (default: 0,30,90)",
          listOf(number(-360, 360)),
        ),
      ),
    )
    .addOption(option("--runs <n>", "runs from the seed cell at each angle (default: 8)", whole(1, 1000)))
    .addOption(dataOption("the held-out part of those it was trained on"))
    .addOption(
      rarely(
        option(
          "--count <n>",
          "number of held-out pictures or puzzles (default: 1000; of restored pictures 100, of puzzles 1300)",
          whole(1, 1e6),
        ),
      ),
    )
    .addOption(
      option("--seeds <n>", "as --runs, by its former name", whole(1, 1000)).hideHelp().conflicts("runs"),
    )
    .addOption(
      option("--seed <n>", "seed of random numbers: same seed, same report", whole(0, MAX_SEED)).default(0),
    )
    .addOption(engineOption())
    .addOption(
      rarely(
        option(
          "--kernels <build>",
          "strict (the same bits on every machine), relaxed (faster) or auto (relaxed where the machine has it)",
          oneOf(kernelChoices),
        ),
      ).default("auto", "auto"),
    )
    .addOption(
      rarely(
        option("--threads <n>", "worker threads; any number gives the same bits", orAuto(whole(1, 256))),
      ).default("auto", "one per processor"),
    )
    .addOption(
      option(
        "--out <file>",
        "PNG file of a drawing of what was measured, or - for standard output (default: evaluation.png in the run's folder)",
        filePath,
      ),
    )
    .option("--json", "print one JSON object instead of tables")
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

const HELP: Explanation = {
  notes: `The error is the mean squared error over all cells and image channels, 0 to 1. After 200 steps, damage empties half of the grid, a disc in its middle or a random circle; "ratio" compares the error 200 steps later with that of the same runs without damage. A run has died when no cell lives, is overgrown when more than twice as many cells live as the target has, and has diverged when its error exceeds 100. Of a texture (neoblast texture), the error is relative: that of other directions than training looked along, of which the target's own patches have 0% and one even colour 100%; angles do not count.

Of a model whose cells name classes (neoblast classify), it shows held-out pictures, and after the last of the steps another in the place of each. "Cells right" is the share of living cells that name the right class, "all agree" that of pictures whose living cells all name one, "all rightly" that of those where it is the right one.

The report goes to standard output, all else to standard error.`,
  examples: [
    ["neoblast evaluate runs/lizard-1"],
    ["neoblast evaluate runs/lizard-1 --angles 0 --steps 200 --out healing.png"],
    ["neoblast evaluate runs/lizard-and-butterfly-1 --goal 🦋"],
    ["neoblast evaluate model.safetensors 🦋 --size 40 --padding 16 --json"],
    ["neoblast evaluate runs/handwriting-1 --count 100"],
    ["neoblast evaluate classifier.safetensors --data mnist"],
  ],
};
