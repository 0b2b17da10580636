import { exportModel, type Layout } from "../../../exporters/interchange.ts";
import { withPicture } from "../../../model/model.ts";
import { encodeNpz } from "../../../formats/npz.ts";
import { encodeSafetensors } from "../../../formats/safetensors.ts";
import type { TensorFile } from "../../../tensor.ts";
import type { ExportConvention, ExportOptions } from "./options.ts";
import { usageError } from "../../values.ts";
import { exportPage } from "./page.ts";
import { exportQr } from "./qr.ts";
import { exportShaders } from "./shaders.ts";
import { placeOf, writePlace } from "../../place.ts";
import { say } from "../../terminal/print.ts";
import { loadNamedModel } from "../../standardInput.ts";

type Format = Readonly<{ encode: (file: TensorFile) => Uint8Array; convention: ExportConvention }>;

const FORMATS: Readonly<Record<".safetensors" | ".npz", Format>> = {
  ".safetensors": { encode: encodeSafetensors, convention: "torch" },
  ".npz": { encode: encodeNpz, convention: "numpy" },
};

const LAYOUTS: Readonly<Record<ExportConvention, Layout>> = { torch: "out-in", numpy: "in-out" };

/** Writes a model as plain tensors, on a page, as shaders, or as a link. */
export async function exportFile(path: string, options: ExportOptions): Promise<void> {
  const { out, for: convention, to, weights, page } = options;
  if (page !== undefined && to !== "qr") throw usageError("--page belongs to --to qr; leave it out");
  if (to === "page") return exportPage(path, options);
  if (to === "qr") return exportQr(path, options);
  if (to) return exportShaders(path, to, options);
  if (weights) throw usageError("--weights is how shaders hold them; name where they go, by --to");
  const usual = convention === "numpy" ? ".npz" : ".safetensors";
  const place = await placeOf(out, { extensions: [".safetensors", ".npz"], usual, inputs: [path] });
  const format = FORMATS[place.extension];
  const model = withPicture(await loadNamedModel(path), path);
  const file = exportModel(model, LAYOUTS[convention ?? format.convention]);
  for (const [name, { shape }] of Object.entries(file.tensors)) {
    say(`${name} (${shape.join(", ")})`);
  }
  if (model.encoder) say("The encoder stays behind: this is the automaton alone");
  await writePlace(place, format.encode(file));
}
