import { Command } from "commander";
import { exportConventions, type ExportOptions } from "./options.ts";
import { argument, filePath, MODEL, oneOf, option } from "../../values.ts";

/** `neoblast export`: writes an automaton as plain tensors for other programs. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("write a trained automaton for PyTorch or NumPy")
    .description(
      "Writes a trained automaton as plain tensors, with its rule beside them as JSON, for other programs.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addOption(
      option(
        "--out <file>",
        "output file: .safetensors or .npz, or - for standard output; a file that exists is replaced",
        filePath,
      ).makeOptionMandatory(),
    )
    .addOption(
      option(
        "--for <library>",
        "torch (weights (out, in), kernels of a depthwise convolution) or numpy (weights (in, out), kernels (K, side, side)) (default: torch for .safetensors, numpy for .npz)",
        oneOf(exportConventions),
      ),
    )
    .addHelpText("after", HELP)
    .action(async (model: string, options: ExportOptions) => {
      const { exportFile } = await import("./action.ts");
      await exportFile(model, options);
    });
}

const HELP = `
Names and shapes go to standard error, the path written to standard output.
docs/import.md has loaders for PyTorch and NumPy. neoblast import --from torch
reads both kinds of files.

Examples:
  neoblast export runs/lizard-1 --out lizard.npz
  neoblast export runs/lizard-1 --out lizard-torch.safetensors
  neoblast export model.safetensors --out lizard.npz --for torch`;
