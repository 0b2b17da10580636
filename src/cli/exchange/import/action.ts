import { basename } from "node:path";
import { FormatError, UserError } from "../../../errors.ts";
import { growingDefaults } from "../../../experiments/growing/presets.ts";
import { createInterface } from "node:readline/promises";
import { foreignKind, foreignSentence } from "../../../formats/foreignFile.ts";
import { type CaxImportOptions, caxReadings } from "../../../importers/cax.ts";
import { emojiOfFileName, importDistill } from "../../../importers/distill.ts";
import { chooseReading } from "../../../importers/growth.ts";
import { describeImport, type Imported, likeliest, type Reading } from "../../../importers/imported.ts";
import { importTextures, type TextureImportOptions } from "../../../importers/textures.ts";
import { torchReadings } from "../../../importers/torch.ts";
import { encodeModel, type Provenance } from "../../../model/model.ts";
import { createEngine } from "../../../node/engine.ts";
import type { ImportFormat, ImportOptions } from "./options.ts";
import { placeOf, writePlace } from "../../place.ts";
import { say } from "../../terminal/print.ts";
import { loadNamedTarget, readNamed } from "../../standardInput.ts";
import { usageError } from "../../values.ts";

const MAX_FILE_BYTES = 2 ** 28;
const MODEL_EXTENSION = ".safetensors";

/** All ways to read a file, the likeliest first. */
type Reader = (bytes: Uint8Array, options: CaxImportOptions & TextureImportOptions) => readonly Reading[];

/** Of a format that leaves nothing open. */
const settledReading = (imported: Imported): Reading[] => [
  { ...imported, text: "", isGuess: false, isOwn: false },
];

const READERS: Readonly<Record<ImportFormat, Reader>> = {
  distill: (bytes, options) => settledReading(importDistill(bytes, options)),
  torch: torchReadings,
  cax: caxReadings,
  textures: (bytes, options) => settledReading(importTextures(bytes, options)),
};

/** Options that mean something for some formats only. */
const BELONGS_TO = {
  layers: ["torch", "cax"],
  order: ["torch", "cax"],
  layout: ["torch", "cax"],
  ignore: ["torch", "cax"],
  dropout: ["cax"],
  model: ["textures"],
} as const satisfies Partial<Record<keyof ImportOptions, readonly ImportFormat[]>>;

/** Turns a model of others into one of ours. */
export async function importModel(file: string, options: ImportOptions): Promise<void> {
  const { out } = options;
  checkOptions(options);
  const place = await placeOf(out, { extensions: [MODEL_EXTENSION], inputs: [file, options.target] });
  const provenance = await provenanceOf(file, options);
  const imported = await importOf(await readNamed(file, MAX_FILE_BYTES), file, { ...options, provenance });
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

type OptionsWithProvenance = ImportOptions & Readonly<{ provenance: Partial<Provenance> }>;

/** The import, or what is wrong with the file under its name; what is wrong with the options goes without. */
async function importOf(bytes: Uint8Array, file: string, options: OptionsWithProvenance): Promise<Imported> {
  try {
    const readings = readingsOf(bytes, file, options);
    const isSettled = options.from !== "cax" || readings[0].isOwn || saysColours(options);
    if (isSettled) return await settled(readings);
    return await settled(readingsOf(bytes, file, { ...options, preset: await askForCax() }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${file}: ${error.message}`, { cause: error });
  }
}

function readingsOf(
  bytes: Uint8Array,
  file: string,
  { from, set, ...stated }: OptionsWithProvenance,
): readonly Reading[] {
  const fileName = basename(file);
  const foreign = foreignKind(bytes, fileName);
  if (foreign !== undefined) throw new FormatError(foreignSentence(foreign));
  return READERS[from](bytes, { ...stated, sets: set, fileName });
}

/** The reading that is right: the only one, or the one that lives. */
async function settled(readings: readonly Reading[]): Promise<Imported> {
  const [first] = readings;
  // An automaton that needs an input cannot be tried by growing it without.
  if (readings.length === 1 || first.model.rule.inputSize > 0) return likeliest(readings);
  const engine = await createEngine({ threads: 1 });
  try {
    return await chooseReading(readings, engine);
  } finally {
    await engine.dispose();
  }
}

/** Whether the options say which CAX a file is of, or whether its colours are premultiplied. */
function saysColours({ preset, set = [] }: ImportOptions): boolean {
  return preset !== undefined || set.some((setting) => setting.startsWith("rule.image.premultiplied="));
}

const CAX_QUESTION =
  "Was it trained by CAX up to 0.4.3, whose colours are not premultiplied (1), or by its main branch of 2026, whose are (2)?";

/** Which CAX a file is of, which nothing in it says. */
async function askForCax(): Promise<"cax" | "cax-2026"> {
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const lines = createInterface({ input: process.stdin, terminal: false });
    say(CAX_QUESTION);
    for await (const answer of lines) {
      if (answer.trim() === "1") return "cax";
      if (answer.trim() === "2") return "cax-2026";
      say(CAX_QUESTION);
    }
  }
  throw usageError(
    "no file of CAX says whether its colours are premultiplied; state --preset cax for CAX up to 0.4.3, whose are not, or --preset cax-2026 for its main branch since, whose are",
  );
}

/** What the model draws and on which grid, as far as that is stated or the name of the file says. */
async function provenanceOf(file: string, options: ImportOptions): Promise<Partial<Provenance>> {
  const { from, target, grid, preset } = options;
  const emoji = from === "distill" ? emojiOfFileName(basename(file)) : undefined;
  const source = target ?? emoji;
  const stated: Partial<Provenance> = grid === undefined ? {} : { grid: [grid, grid] };
  if (source === undefined) return stated;
  const defaults = growingDefaults(preset === "cax-2026" ? "cax" : preset).target;
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
