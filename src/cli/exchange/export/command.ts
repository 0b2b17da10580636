import { Command } from "commander";
import { shaderWeights } from "../../../exporters/shader/automaton.ts";
import { exportConventions, type ExportOptions, exportTargets } from "./options.ts";
import { argument, filePath, type Kind, MODEL, oneOf, option } from "../../values.ts";

const pageAddress: Kind<string> = {
  allowed: "an address such as https://example.org/, without a #",
  parse: (text) => (/^https?:\/\/[^\s#]+$/.test(text) ? text : undefined),
};

/** `neoblast export`: writes an automaton as plain tensors for other programs. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("write a trained automaton for a page of yours, PyTorch, NumPy, as shaders or as a QR code")
    .description(
      "Writes a trained automaton as plain tensors, with its rule beside them as JSON, for other programs; or a web page of your own with it; or shaders that run it where people make things; or a link in a QR code.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addOption(
      option(
        "--out <file>",
        "output file: .safetensors or .npz, .html for webgl, .js for three, .svg or .png for qr, or - for standard output; a file that exists is replaced; for page and shadertoy a folder",
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
    .optionsGroup("On a page, as shaders, or as a link:")
    .addOption(
      option(
        "--to <place>",
        "page (a web page to change as you like, the script of <nca-canvas> and the model), shadertoy (the texts of Common, its buffers and Image, ready to paste), webgl (a web page of one file, without Wasm), three (a module with a texture for three.js) or qr (a QR code of a link that opens the playground with a small model)",
        oneOf(exportTargets),
      ).conflicts("for"),
    )
    .addOption(
      option("--weights <format>", "i8 (8 bits) or f32, with --to (default: i8)", oneOf(shaderWeights)),
    )
    .addOption(option("--page <address>", "of qr: the address of the playground", pageAddress))
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
  neoblast export runs/lizard-1 --to page --out page
  neoblast export model.safetensors --to webgl --out lizard.html
  neoblast export model.safetensors --to shadertoy --weights f32 --out lizard-shadertoy
  neoblast export runs/bark-1 --to qr --page https://example.org/ --out bark.svg`;
