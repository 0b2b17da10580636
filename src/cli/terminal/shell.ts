/** Commands as a person types them. */
import { basename, extname, relative, sep } from "node:path";

/** How to call this program from here: as it was called, but for npm in between. */
export function programName(script = process.argv[1] ?? "neoblast"): string {
  if (script.split(sep).includes("node_modules")) return "npx neoblast";
  return extname(script) === "" ? basename(script) : `node ${quoted(relative("", script))}`;
}

/** The command that goes on with a run. */
export function resumeCommand(command: string, { path }: Readonly<{ path: string }>): string {
  return `${programName()} ${command} --resume ${quoted(path)}`;
}

/** As a shell reads it. */
export function quoted(path: string): string {
  return /^[\p{L}\p{N}\p{Extended_Pictographic}_./:@%+=-]+$/u.test(path)
    ? path
    : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
