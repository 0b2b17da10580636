import { extname } from "node:path";
import { exportModel, type Layout } from "../io/interchange.ts";
import { encodeNpz } from "../io/npz.ts";
import { encodeSafetensors } from "../io/safetensors.ts";
import { writeFileAtomic } from "../node/files.ts";
import { loadModel } from "../node/models.ts";
import type { TensorFile } from "../tensor.ts";
import type { ExportConvention, ExportOptions } from "./exportOptions.ts";
import { usageError } from "./values.ts";

type Format = Readonly<{ encode: (file: TensorFile) => Uint8Array; convention: ExportConvention }>;

const FORMATS: Readonly<Record<string, Format>> = {
  ".safetensors": { encode: encodeSafetensors, convention: "torch" },
  ".npz": { encode: encodeNpz, convention: "numpy" },
};

const LAYOUTS: Readonly<Record<ExportConvention, Layout>> = { torch: "out-in", numpy: "in-out" };

/** Writes a model as plain tensors. */
export async function exportFile(path: string, { out, for: convention }: ExportOptions): Promise<void> {
  const extension = extname(out).toLowerCase();
  if (!Object.hasOwn(FORMATS, extension)) {
    const known = Object.keys(FORMATS).join(" or ");
    throw usageError(`--out is ${JSON.stringify(out)}; its name must end in ${known}`);
  }
  const format = FORMATS[extension];
  const model = await loadModel(path);
  const file = exportModel(model, LAYOUTS[convention ?? format.convention]);
  await writeFileAtomic(out, format.encode(file));
  for (const [name, { shape }] of Object.entries(file.tensors)) {
    process.stderr.write(`${name} (${shape.join(", ")})\n`);
  }
  if (model.encoder) process.stderr.write("The encoder stays behind: this is the automaton alone\n");
  process.stdout.write(`${out}\n`);
}
