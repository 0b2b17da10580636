import { Command } from "commander";
import { explain, type Explanation } from "../../help.ts";
import { DRAW_NOTES, drawOptions } from "../options.ts";
import type { SampleOptions } from "./options.ts";
import { argument, filePath, oneOf, option, tableOf, whole } from "../../values.ts";

/** `neoblast sample`: draws pictures from random latent vectors. */
export function sampleCommand(): Command {
  const command = explain(new Command("sample"), HELP)
    .description("Lets an automaton draw pictures from random latent vectors.")
    .addArgument(
      argument("<model>", "a model.safetensors, or the folder of a run of neoblast digits", filePath),
    )
    .addOption(
      option("--grid <rows x columns>", "rows and columns of pictures", tableOf(1, 32)).default(
        [8, 8],
        "8x8",
      ),
    )
    .addOption(
      option(
        "--prior <name>",
        "where latent vectors come from: fitted (distributed as those of the training pictures) or normal (for models trained with --beta)",
        oneOf(["fitted", "normal"]),
      ).default("fitted", "fitted"),
    )
    .addOption(option("--grow <n>", "steps that each picture grows", whole(1, 1e5)).default(64));
  for (const each of drawOptions("samples.png", "their growth")) command.addOption(each);
  return command.action(async (model: string, options: SampleOptions) => {
    const { sample } = await import("./action.ts");
    await sample(model, options);
  });
}

const HELP: Explanation = {
  notes: DRAW_NOTES,
  examples: [
    ["neoblast sample runs/digits-1"],
    ["neoblast sample runs/digits-1 --seed 7 --grid 4x12 --out samples.webp"],
  ],
};
