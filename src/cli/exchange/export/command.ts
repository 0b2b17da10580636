import { Command } from "commander";
import { shaderWeights } from "../../../exporters/shader/automaton.ts";
import { exportConventions, type ExportOptions, shaderTargets } from "./options.ts";
import { argument, filePath, MODEL, oneOf, option } from "../../values.ts";

/** `neoblast export`: writes an automaton as plain tensors for other programs. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("write a trained automaton for PyTorch, NumPy or as shaders")
    .description(
      "Writes a trained automaton as plain tensors, with its rule beside them as JSON, for other programs; or as shaders that run it where people make things.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addOption(
      option(
        "--out <file>",
        "output file: .safetensors or .npz, .html for webgl, .js for three, or - for standard output; a file that exists is replaced; for shadertoy a folder",
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
    .optionsGroup("As shaders:")
    .addOption(
      option(
        "--to <place>",
        "shadertoy (the texts of Common, its buffers and Image, ready to paste), webgl (a web page of one file, without Wasm) or three (a module with a texture for three.js)",
        oneOf(shaderTargets),
      ).conflicts("for"),
    )
    .addOption(
      option("--weights <format>", "i8 (8 bits) or f32, with --to (default: i8)", oneOf(shaderWeights)),
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
reads both kinds of files. docs/shaders.md says what shaders can express.

Examples:
  neoblast export runs/lizard-1 --out lizard.npz
  neoblast export runs/lizard-1 --out lizard-torch.safetensors
  neoblast export model.safetensors --out lizard.npz --for torch
  neoblast export model.safetensors --to webgl --out lizard.html
  neoblast export model.safetensors --to shadertoy --weights f32 --out lizard-shadertoy`;
