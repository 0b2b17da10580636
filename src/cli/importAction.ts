import { basename } from "node:path";
import { FormatError, UserError } from "../errors.ts";
import { growingDefaults } from "../experiments/growingPresets.ts";
import { type CaxImportOptions, importCax } from "../io/importers/cax.ts";
import { emojiOfFileName, importDistill } from "../io/importers/distill.ts";
import { describeImport, type Imported } from "../io/importers/imported.ts";
import { importTorch } from "../io/importers/torch.ts";
import { encodeModel, type Provenance } from "../io/model.ts";
import type { ImportFormat, ImportOptions } from "./importOptions.ts";
import { placeOf, writePlace } from "./place.ts";
import { say } from "./print.ts";
import { loadNamedTarget, readNamed } from "./standardInput.ts";
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
  const place = await placeOf(out, { extensions: [MODEL_EXTENSION], inputs: [file, options.target] });
  const provenance = await provenanceOf(file, options);
  const imported = importOf(await readNamed(file, MAX_FILE_BYTES), file, { ...options, provenance });
  const bytes = encodeModel(imported.model);
  say(...describeImport(imported).split("\n"));
  await writePlace(place, bytes);
}

function checkOptions(options: ImportOptions): void {
  const { from, target, size, padding } = options;
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
    const loaded = await loadNamedTarget(source, { size, padding, premultiplied: true });
    return { grid: [...loaded.grid], ...stated, target: loaded.description, picture };
  } catch (error) {
    // That a file's name ends like an emoji's code is a hint, no more.
    if (target === undefined && error instanceof UserError) return stated;
    throw error;
  }
}
