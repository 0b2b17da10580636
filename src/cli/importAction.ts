import { basename, extname } from "node:path";
import { FormatError, UserError } from "../errors.ts";
import { growingDefaults } from "../experiments/growingPresets.ts";
import { type CaxImportOptions, importCax } from "../io/importers/cax.ts";
import { emojiOfFileName, importDistill } from "../io/importers/distill.ts";
import { describeImport, type Imported } from "../io/importers/imported.ts";
import { importTorch } from "../io/importers/torch.ts";
import type { Provenance } from "../io/model.ts";
import { readFileBytes } from "../node/files.ts";
import { loadTarget } from "../node/images.ts";
import { saveModel } from "../node/models.ts";
import type { ImportFormat, ImportOptions } from "./importOptions.ts";
import { usageError } from "./values.ts";

const MAX_FILE_BYTES = 2 ** 28;
const MODEL_EXTENSION = ".safetensors";

type Importer = (bytes: Uint8Array, options: CaxImportOptions) => Imported;

const IMPORTERS: Readonly<Record<ImportFormat, Importer>> = {
  distill: importDistill,
  torch: importTorch,
  cax: importCax,
};

/** Options that mean something for some formats only. */
const BELONGS_TO = {
  layers: ["torch", "cax"],
  order: ["torch", "cax"],
  layout: ["torch", "cax"],
  ignore: ["torch", "cax"],
  dropout: ["cax"],
} as const satisfies Partial<Record<keyof ImportOptions, readonly ImportFormat[]>>;

/** Turns a model of others into one of ours. */
export async function importModel(file: string, options: ImportOptions): Promise<void> {
  const { out } = options;
  checkOptions(options);
  const provenance = await provenanceOf(file, options);
  const imported = importOf(await readFileBytes(file, MAX_FILE_BYTES), file, { ...options, provenance });
  await saveModel(out, imported.model);
  process.stderr.write(`${describeImport(imported)}\n`);
  process.stdout.write(`${out}\n`);
}

function checkOptions(options: ImportOptions): void {
  const { from, out, target, size, padding } = options;
  if (extname(out).toLowerCase() !== MODEL_EXTENSION) {
    throw usageError(`--out is ${JSON.stringify(out)}; its name must end in ${MODEL_EXTENSION}`);
  }
  for (const [name, formats] of Object.entries(BELONGS_TO)) {
    const given = Object.entries(options).some(([key, value]) => key === name && value !== undefined);
    if (given && formats.every((format) => format !== from)) {
      throw usageError(`--${name} belongs to --from ${formats.join(" and ")}; leave it out`);
    }
  }
  if (target === undefined && from !== "distill" && (size ?? padding) !== undefined) {
    throw usageError("--size and --padding are those of a picture; name it with --target, or state --grid");
  }
}

/** The import, or what is wrong with the file under its name; what is wrong with the options goes without. */
function importOf(
  bytes: Uint8Array,
  file: string,
  { from, set, ...stated }: ImportOptions & { provenance: Partial<Provenance> },
): Imported {
  try {
    return IMPORTERS[from](bytes, { ...stated, sets: set });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${file}: ${error.message}`, { cause: error });
  }
}

/** What the model draws and on which grid, as far as that is stated or the name of the file tells. */
async function provenanceOf(file: string, options: ImportOptions): Promise<Partial<Provenance>> {
  const { from, target, grid, preset } = options;
  const emoji = from === "distill" ? emojiOfFileName(basename(file)) : undefined;
  const source = target ?? emoji;
  const stated: Partial<Provenance> = grid === undefined ? {} : { grid: [grid, grid] };
  if (source === undefined) return stated;
  const defaults = growingDefaults(preset).target;
  const { size = defaults.size } = options;
  const { padding = grid === undefined ? defaults.padding : (grid - size) / 2 } = options;
  if (!Number.isInteger(padding) || padding < 0) {
    throw usageError(
      `--grid is ${grid}; a picture of ${size} cells needs one larger by an even number, or another --size`,
    );
  }
  const picture = { source, size, padding };
  try {
    const loaded = await loadTarget(source, { size, padding, premultiplied: true });
    return { grid: [...loaded.grid], ...stated, target: loaded.description, picture };
  } catch (error) {
    // That a file's name ends like an emoji's code is a hint, no more.
    if (target === undefined && error instanceof UserError) return stated;
    throw error;
  }
}
