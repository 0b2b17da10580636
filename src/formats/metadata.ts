import { FormatError } from "../errors.ts";
import { show } from "../config/schema.ts";

/**
 * The JSON object that this project keeps in a safetensors file's metadata, its format version checked.
 *
 * @param formats those that can be read.
 * @param kind what the file should be, for messages: "model", "checkpoint".
 * @throws FormatError where the entry is missing, is no JSON object, or is of another format.
 */
export function parseEntry(
  metadata: Readonly<Record<string, string>>,
  name: string,
  formats: readonly number[],
  kind: string,
): Record<string, unknown> {
  const text = metadata[name];
  if (text === undefined) {
    throw new FormatError(`not a ${kind} of neoblast: its metadata have no entry ${JSON.stringify(name)}`);
  }
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`damaged ${kind}: its metadata entry ${JSON.stringify(name)} is not JSON`, {
      cause,
    });
  }
  if (typeof entry !== "object" || entry === null || !("format" in entry)) {
    throw new FormatError(`damaged ${kind}: its metadata entry ${JSON.stringify(name)} names no format`);
  }
  if (!formats.some((format) => format === entry.format)) {
    const version = "version" in entry && typeof entry.version === "string" ? entry.version : "";
    const writer = version === "" ? "" : ` (neoblast ${version.slice(0, 20)})`;
    throw new FormatError(
      `this ${kind} has format ${show(entry.format)}${writer}; this version of neoblast reads format${formats.length > 1 ? "s" : ""} ${formats.join(" and ")}`,
    );
  }
  return { ...entry };
}
