import { Command } from "commander";
import { explain, type Explanation } from "../../help.ts";
import { dataOption } from "../../dataOption.ts";
import { DRAW_NOTES, drawOptions, MAX_DRAWN } from "../options.ts";
import type { ReconstructOptions } from "./options.ts";
import { argument, filePath, listOf, option, whole } from "../../values.ts";

/** `neoblast reconstruct`: draws pictures from what the encoder makes of them. */
export function reconstructCommand(): Command {
  const command = explain(new Command("reconstruct"), HELP)
    .description(
      "Encodes pictures, lets the automaton grow each from one cell and its latent vector alone, and measures the error. Pictures are those that are named, or else some that training has not seen.",
    )
    .addArgument(
      argument("<model>", "a model.safetensors, or the folder of a run of neoblast digits", filePath),
    )
    .argument("[images...]", "PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO files; - for standard input")
    .addOption(dataOption("the held-out part of those it was trained on"))
    .addOption(option("--count <n>", "number of held-out pictures", whole(1, MAX_DRAWN)).default(64))
    .addOption(
      option(
        "--steps <list>",
        "steps at which drawings are compared with the pictures",
        listOf(whole(0, 1e5)),
      ).default([64, 128], "64,128"),
    );
  for (const each of drawOptions("reconstruction.png", "their growth")) command.addOption(each);
  return command
    .option("--json", "print one JSON object instead of a table")
    .action(async (model: string, images: string[], options: ReconstructOptions) => {
      const { reconstruct } = await import("./action.ts");
      await reconstruct(model, images, options);
    });
}

const HELP: Explanation = {
  notes: `The error is the mean squared error over all cells and image channels, 0 to 1. Where pictures have labels, it also says how often the latent vector of a held-out picture is nearest to the mean of its own kind; training never sees labels.\n\n${DRAW_NOTES}`,
  examples: [
    ["neoblast reconstruct runs/digits-1"],
    ["neoblast reconstruct runs/digits-1 --data mnist --count 1000"],
    ["neoblast reconstruct runs/digits-1 seven.png --out seven.webp"],
  ],
};
