import { Command } from "commander";
import { explain, type Explanation, rarely } from "../../help.ts";
import { featureOrders } from "../../../importers/perception.ts";
import { layouts } from "../../../exporters/interchange.ts";
import { picturePresets } from "../../../model/presets.ts";
import { importFormats, type ImportOptions } from "./options.ts";
import {
  anyText,
  argument,
  filePath,
  type Kind,
  listOf,
  number,
  oneOf,
  option,
  pictureSource,
  repeatable,
  whole,
} from "../../values.ts";

const tensorName: Kind<string> = { allowed: "a name", parse: (text) => text || undefined };

/** `neoblast import`: converts an automaton that was trained elsewhere. */
export function importCommand(): Command {
  return explain(new Command("import"), HELP)
    .description(
      "Turns an automaton that was trained elsewhere into a model file, and lists what became of each tensor.",
    )
    .addArgument(
      argument(
        "<file>",
        "a published JSON model, or tensors as .safetensors or .npz; - for standard input",
        filePath,
      ),
    )
    .addOption(
      option(
        "--from <format>",
        "distill (the JSON of the article on growing), textures (that on textures), torch (tensors of PyTorch, Keras or TensorFlow) or cax (CAX, Flax)",
        oneOf(importFormats),
      ).makeOptionMandatory(),
    )
    .addOption(
      option(
        "--out <file>",
        "a .safetensors to write (replaced if it exists), or - for standard output",
        filePath,
      ).makeOptionMandatory(),
    )
    .optionsGroup("What it draws:")
    .addOption(
      option(
        "--target <picture>",
        "an emoji, its name or a picture file (default: of distill, the emoji that ends the file's name, itself or its code)",
        pictureSource,
      ),
    )
    .addOption(option("--size <cells>", "longest side of the picture (default: the preset's)", whole(4, 512)))
    .addOption(
      rarely(
        option("--padding <cells>", "empty cells around it (default: the preset's)", whole(0, 256)),
      ).conflicts("grid"),
    )
    .addOption(
      rarely(
        option(
          "--grid <cells>",
          "sides of the grid, the picture in its middle (default: 72)",
          whole(1, 4096),
        ),
      ),
    )
    .optionsGroup("Rule:")
    .addOption(
      option(
        "--preset <name>",
        "conventions that the file does not state: distill, cax (up to 0.4.3), cax-2026 (its main branch since) or tutorial (default: distill; of cax, asked for)",
        oneOf(Object.keys(picturePresets)),
      ),
    )
    .addOption(
      repeatable("--set <name=value>", "any field of the rule, such as rule.fireRate=1, repeatable", anyText),
    )
    .addOption(
      rarely(
        option("--model <name>", "of textures: which of the file's models, by the end of its name", anyText),
      ),
    )
    .addOption(
      rarely(option("--dropout <x>", "of cax: its cell_dropout_rate (default: 0.5)", number(0, 0.99))),
    )
    .optionsGroup("Tensors, of torch and cax:")
    .addOption(
      option("--layers <names>", "the layers in their order, such as net.0,net.2", listOf(tensorName)),
    )
    .addOption(
      rarely(
        option(
          "--order <order>",
          "what the features of the perception are ordered by first: channel or kernel (default: as kernels in the file lie, or else the one that grows)",
          oneOf(featureOrders),
        ),
      ),
    )
    .addOption(
      rarely(
        option(
          "--layout <layout>",
          "layout of weights whose shape fits both: out-in or in-out (default: whichever fits)",
          oneOf(layouts),
        ),
      ),
    )
    .addOption(
      rarely(
        repeatable(
          "--ignore <name>",
          "a tensor that is no part of the automaton, or a module with all that is in it, repeatable",
          tensorName,
        ),
      ),
    )
    .action(async (file: string, options: ImportOptions) => {
      const { importModel } = await import("./action.ts");
      await importModel(file, options);
    });
}

const HELP: Explanation = {
  notes:
    "What became of each tensor and what was assumed is printed to standard error, the path written to standard output. What the file does not say is tried by growing it from a seed. The page on import of the documentation has the formats.",
  examples: [
    ["neoblast import ex3_1f98e.json --from distill --out lizard.safetensors"],
    ["neoblast import nca.npz --from torch --preset tutorial --out nca.safetensors"],
    ["neoblast import nca.npz --from torch --layers fc0,fc1 --out nca.safetensors"],
    ["neoblast import nca.npz --from cax --preset cax --ignore encoder --out nca.safetensors"],
  ],
};
