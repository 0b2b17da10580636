import { Command } from "commander";
import { explain, type Explanation } from "../../help.ts";
import { shaderWeights } from "../../../exporters/shader/automaton.ts";
import { exportConventions, type ExportOptions, exportTargets } from "./options.ts";
import { argument, filePath, type Kind, MODEL, oneOf, option } from "../../values.ts";

const pageAddress: Kind<string> = {
  allowed: "an address such as https://example.org/, without a #",
  parse: (text) => (/^https?:\/\/[^\s#]+$/.test(text) ? text : undefined),
};

/** `neoblast export`: writes an automaton as plain tensors for other programs. */
export function exportCommand(): Command {
  return explain(new Command("export"), HELP)
    .description(
      "Writes a trained automaton as plain tensors, with its rule beside them as JSON, for other programs; or a web page of your own with it; or shaders that run it where people make things; or a link in a QR code.",
    )
    .addArgument(argument("<model>", MODEL, filePath))
    .addOption(
      option(
        "--out <file>",
        "what to write (replaced if it exists): a .safetensors or .npz, .html for webgl, .js for three, .svg or .png for qr, a folder for page and shadertoy, or - for standard output",
        filePath,
      ).makeOptionMandatory(),
    )
    .addOption(
      option(
        "--for <library>",
        "torch (weights (out, in), kernels for a depthwise convolution) or numpy (weights (in, out), kernels (K, side, side)) (default: by the file's name)",
        oneOf(exportConventions),
      ),
    )
    .optionsGroup("On a page, as shaders, or as a link:")
    .addOption(
      option(
        "--to <place>",
        "page (a web page of yours, to change as you like), shadertoy (texts to paste), webgl (a page of one file, without Wasm), three (a module for three.js) or qr (a QR code that opens the playground with a small model)",
        oneOf(exportTargets),
      ).conflicts("for"),
    )
    .addOption(
      option("--weights <format>", "with --to: i8 (8 bits) or f32 (default: i8)", oneOf(shaderWeights)),
    )
    .addOption(option("--page <address>", "with --to qr: the address of the playground", pageAddress))
    .action(async (model: string, options: ExportOptions) => {
      const { exportFile } = await import("./action.ts");
      await exportFile(model, options);
    });
}

const HELP: Explanation = {
  notes:
    "Names and shapes go to standard error, the path written to standard output. The page on import of the documentation has loaders for PyTorch and NumPy. neoblast import --from torch reads both kinds of files; .npz files are by default for numpy, .safetensors for torch. Its page on shaders says which models fit.",
  examples: [
    ["neoblast export runs/lizard-1 --out lizard.npz"],
    ["neoblast export runs/lizard-1 --out lizard-torch.safetensors"],
    ["neoblast export runs/lizard-1 --to page --out page"],
    ["neoblast export model.safetensors --out lizard.npz --for torch"],
    ["neoblast export model.safetensors --to webgl --out lizard.html"],
    ["neoblast export model.safetensors --to shadertoy --out lizard-shadertoy"],
    ["neoblast export runs/bark-1 --to qr --page https://example.org/ --out bark.svg"],
  ],
};
