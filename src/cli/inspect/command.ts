import { Command } from "commander";
import { explain, type Explanation, rarely } from "../help.ts";
import { damageKinds } from "../../edit/damage.ts";
import { engineOption } from "../engineOption.ts";
import { goalOption } from "../goalOption.ts";
import { cellPlace, type InspectOptions } from "./options.ts";
import {
  anyText,
  argument,
  damageAt,
  filePath,
  folderPath,
  MAX_SEED,
  MODEL,
  option,
  repeatable,
  whole,
} from "../values.ts";

/** `neoblast inspect`: looks into an automaton while it runs. */
export function inspectCommand(): Command {
  return explain(new Command("inspect"), HELP)
    .description(
      "Runs a trained automaton from the seed and draws what happens inside: channels of chosen cells over time, perception, fire masks, living cells, every channel, hidden units.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addArgument(
      argument(
        "[target]",
        "what the model draws, if its file does not say so: an emoji or a picture",
        anyText,
      ),
    )
    .addOption(
      option(
        "--out <folder>",
        "a new or empty folder, or one that this command wrote before",
        folderPath,
      ).makeOptionMandatory(),
    )
    .addOption(goalOption())
    .addOption(
      repeatable(
        "--at <row,column>",
        "a cell whose channels are drawn, repeatable (default: in the middle of the pattern, at its left edge, and between)",
        cellPlace,
      ),
    )
    .addOption(option("--steps <n>", "steps to run", whole(1, 10_000)).default(200))
    .addOption(
      repeatable(
        "--damage <kind@step>",
        `damages the pattern after a step, repeatable: ${damageKinds.join(", ")}`,
        damageAt,
      ),
    )
    .addOption(rarely(option("--seed <n>", "seed of all random numbers", whole(0, MAX_SEED))).default(0))
    .addOption(option("--size <cells>", "longest side of the target (default: as trained)", whole(4, 512)))
    .addOption(
      rarely(
        option("--padding <cells>", "empty cells around the target (default: as trained)", whole(0, 256)),
      ),
    )
    .addOption(engineOption())
    .action(async (model: string, target: string | undefined, options: InspectOptions) => {
      const { inspect } = await import("./action.ts");
      await inspect(model, target, options);
    });
}

const HELP: Explanation = {
  notes:
    "The folder receives report.html, which holds everything and opens from disk, and its parts: traces-ROW-COLUMN.svg, traces.csv and traces.npy (steps + 1, cells, channels), counts.svg, sobel.png, fire.png, cells.png, channels.png and hidden.png. The paths written go to standard output, all else to standard error.",
  examples: [
    ["neoblast inspect runs/lizard-1 --out inside"],
    ["neoblast inspect runs/lizard-1 --damage half-left@100 --out healing"],
    ["neoblast inspect model.safetensors 🦋 --at 36,36 --at 36,20 --out inside"],
  ],
};
