import { Command } from "commander";
import { explain, type Explanation } from "../../help.ts";
import { dataOption } from "../../dataOption.ts";
import { DRAW_NOTES, drawOptions } from "../options.ts";
import type { InterpolateOptions } from "./options.ts";
import { argument, filePath, listOf, option, tableOf, whole } from "../../values.ts";

/** `neoblast interpolate`: draws what lies between pictures. */
export function interpolateCommand(): Command {
  const command = explain(new Command("interpolate"), HELP)
    .description(
      "Encodes two pictures and lets the automaton draw pictures from the latent vectors between theirs; or four, for a table with these at its corners.",
    )
    .addArgument(
      argument("<model>", "a model.safetensors, or the folder of a run of neoblast digits", filePath),
    )
    .addOption(
      option(
        "--between <files>",
        "two pictures A,B; with --grid four, row by row (default: held-out ones, chosen by --seed)",
        listOf(filePath),
      ),
    )
    .addOption(
      option("--steps <n>", "pictures from the first to the last, both included", whole(2, 64)).default(8),
    )
    .addOption(
      option(
        "--grid <rows x columns>",
        "a table between four corners, such as 8x8, in place of a row",
        tableOf(2, 32),
      ).conflicts("steps"),
    )
    .addOption(option("--grow <n>", "steps that each picture grows", whole(1, 1e5)).default(64))
    .addOption(dataOption("those it was trained on"));
  for (const each of drawOptions("interpolation.png", "the way there and back; with --grid, of growth")) {
    command.addOption(each);
  }
  return command.action(async (model: string, options: InterpolateOptions) => {
    const { interpolate } = await import("./action.ts");
    await interpolate(model, options);
  });
}

const HELP: Explanation = {
  notes: DRAW_NOTES,
  examples: [
    ["neoblast interpolate runs/digits-1"],
    ["neoblast interpolate runs/digits-1 --between three.png,eight.png --steps 10"],
    ["neoblast interpolate runs/digits-1 --grid 8x8 --out space.png"],
    ["neoblast interpolate runs/digits-1 --seed 3 --out walk.webp"],
  ],
};
