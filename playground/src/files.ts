/** Opens what visitors drop or paste on the page: finds out what it is, and reads it. */
import type { Raster } from "../../src/data/image.ts";
import { FormatError, UserError } from "../../src/errors.ts";
import { type ExperimentConfig, presetsIn } from "../../src/experiments/experiment.ts";
import { FIRST_EXPERIMENT, splitRecord } from "../../src/runs/record.ts";
import { fromBase64 } from "../../src/formats/base64.ts";
import { decodeModel, type Model } from "../../src/model/model.ts";
import { decodeSettings } from "../../src/player/settings.ts";
import { readImageHeader } from "./imageHeader.ts";
import { decodeLink, hasLink, type LinkContent } from "./link.ts";
import { checkGrid, MAX_FILE_BYTES } from "./limits.ts";
import { experimentNamed } from "./training/subjects.ts";

export type Opened =
  | Readonly<{ kind: "model"; title: string; model: Model }>
  | Readonly<{ kind: "picture"; title: string; picture: Raster }>
  | Readonly<{ kind: "config"; title: string; experiment: string; config: ExperimentConfig }>
  | Readonly<{ kind: "link"; title: string; content: LinkContent }>;

/** Reads a picture file; `readPicture` in a browser. */
export type ReadPicture = (file: Blob) => Promise<Raster>;

/** First bytes of a file, which tell its type. */
const HEAD_BYTES = 1 << 16;
const MAX_TEXT_BYTES = 1 << 26;
const KNOWN = "a picture, a model (model.safetensors), a player.html, a config.json or a link of this page";

/**
 * Reads a file of any kind that the page knows; its bytes say which, not its name.
 *
 * @throws UserError, one sentence that begins with the name, for a file that the page cannot use.
 */
export async function openFile(file: Blob, name: string, readPicture: ReadPicture): Promise<Opened> {
  try {
    return await open(file, name, readPicture);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${name}: ${error.message}`, { cause: error });
  }
}

async function open(file: Blob, name: string, readPicture: ReadPicture): Promise<Opened> {
  if (file.size === 0) throw new FormatError("the file is empty");
  if (file.size > MAX_FILE_BYTES) throw new FormatError("the file is larger than 256 MiB");
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const title = name.replace(/\.[^.]*$/, "");
  if (readImageHeader(head)) return { kind: "picture", title: name, picture: await readPicture(file) };
  if (isSafetensors(head, file.size)) {
    const model = checkGrid(decodeModel(new Uint8Array(await file.arrayBuffer())));
    return { kind: "model", title: model.provenance.target ?? title, model };
  }
  const start = new TextDecoder().decode(head).trimStart();
  if (/^<(?:!doctype html|html)/i.test(start)) return openPage(await textOf(file));
  if (start.startsWith("{")) return openConfig(await textOf(file), title);
  if (hasLink(start)) return openText(await textOf(file));
  if (/\.safetensors$/i.test(name)) throw new FormatError("the model is damaged or was cut short");
  throw new FormatError(`neither ${KNOWN}`.replace(" or ", " nor "));
}

/** A link, or the address of this page with one. @throws UserError for any other text. */
export function openText(text: string): Opened {
  if (!hasLink(text)) throw new UserError("this text is no link that carries an automaton");
  const content = decodeLink(text);
  return { kind: "link", title: content.title, content };
}

/**
 * What was dropped or pasted: its first file, else its text.
 *
 * @returns undefined where there is neither. @throws what `openFile` and `openText` throw.
 */
export function openTransfer(data: DataTransfer, readPicture: ReadPicture): Promise<Opened> | undefined {
  const [file] = data.files;
  if (file) return openFile(file, file.name, readPicture);
  const text = data.getData("text/uri-list") || data.getData("text/plain");
  return text ? Promise.resolve(text).then(openText) : undefined;
}

/** Judges by the length of the header and its first byte. */
function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer).getBigUint64(0, true);
  return length <= BigInt(size);
}

/** The model that a player page carries. */
function openPage(page: string): Opened {
  const model = scriptText(page, "model");
  const settings = scriptText(page, "settings");
  if (model === undefined || settings === undefined) {
    throw new FormatError("this page is not a player.html, so it carries no model");
  }
  const { title } = decodeSettings(settings);
  return { kind: "model", title, model: checkGrid(decodeModel(fromBase64(model))) };
}

function scriptText(page: string, id: string): string | undefined {
  const opening = `<script id="${id}"`;
  const begin = page.indexOf(opening);
  if (begin < 0) return undefined;
  const from = page.indexOf(">", begin + opening.length) + 1;
  const end = page.indexOf("</script>", from);
  return end < 0 ? undefined : page.slice(from, end).trim();
}

/** A run's `config.json`, or any part of a configuration. */
function openConfig(text: string, title: string): Opened {
  const { facts, overrides } = splitRecord(parseJson(text));
  const experiment = experimentNamed(nameIn(facts));
  const config = experiment.resolve({ overrides, presets: presetsIn(experiment, overrides) });
  return { kind: "config", title, experiment: experiment.name, config };
}

/** The experiment that a configuration says it is of. */
function nameIn({ experiment = FIRST_EXPERIMENT }: Readonly<Record<string, unknown>>): string {
  if (typeof experiment === "string") return experiment;
  throw new FormatError("experiment must be the name of one");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError("a configuration is JSON, and this is not", { cause });
  }
}

async function textOf(file: Blob): Promise<string> {
  if (file.size > MAX_TEXT_BYTES) throw new FormatError("the file is too large for what it seems to be");
  return file.text();
}
