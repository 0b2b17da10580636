/** Files that commands write, each checked before any work. */
import { basename, dirname, extname, join } from "node:path";
import { UserError } from "../errors.ts";
import { isFolder, isSameFile, writeFileAtomic } from "../node/files.ts";
import { MODEL_FILE } from "../node/models.ts";
import { print, printBytes, say } from "./terminal/print.ts";
import { quoted } from "./terminal/shell.ts";
import { STANDARD } from "./standardInput.ts";
import { usageError } from "./values.ts";

/** A file to write, or standard output. */
export type Place<E extends string = string> = Readonly<{ path: string; extension: E; standard: boolean }>;

type PlaceOptions<E extends string> = Readonly<{
  /** Endings that names may have. */
  extensions: readonly E[];
  /** That of standard output, unless it is called `-.npy`, say; default: the first. */
  usual?: E;
  /** What the command reads, whatever it is called by: none of these files is replaced. */
  inputs: readonly (string | undefined)[];
}>;

/**
 * Where `--out` says that something goes.
 *
 * @throws UserError, before any work, where it cannot be written, or is one of the inputs.
 */
export async function placeOf<E extends string>(
  path: string,
  { extensions, usual = extensions[0], inputs }: PlaceOptions<E>,
): Promise<Place<E>> {
  const ending = extname(path);
  const standard = basename(path, ending) === STANDARD && dirname(path) === "." && !path.startsWith(".");
  const lower = ending.toLowerCase();
  const extension = path === STANDARD ? usual : extensions.find((known) => known === lower);
  if (extension === undefined) {
    throw usageError(`--out is ${JSON.stringify(path)}; its name must end in ${inWords(extensions)}`);
  }
  if (standard) {
    if (!process.stdout.isTTY) return { path, extension, standard };
    throw usageError(
      `--out ${path} is standard output, which is a terminal here; send it elsewhere: command > file${extension}`,
    );
  }
  if (await isFolder(path)) throw new UserError(`cannot write ${path}: it is a folder`);
  const folder = dirname(path);
  if (!(await isFolder(folder))) {
    throw new UserError(
      `cannot write ${path}: its folder does not exist; make it first: mkdir -p ${quoted(folder)}`,
    );
  }
  await keepInputs(path, inputs);
  return { path, extension, standard };
}

/** {@link placeOf} for an option that may be given several times. */
export async function placesOf<E extends string>(
  paths: readonly string[],
  options: PlaceOptions<E>,
): Promise<Place<E>[]> {
  const places = await Promise.all(paths.map((path) => placeOf(path, options)));
  if (places.filter(({ standard }) => standard).length > 1) {
    throw usageError("--out names standard output more than once; it takes one file");
  }
  return places;
}

/** @throws UserError (exit status 2) where a file to write is one of those that are read, by whatever name. */
export async function keepInputs(path: string, inputs: readonly (string | undefined)[]): Promise<void> {
  for (const input of inputs) {
    if (input === undefined) continue;
    for (const file of [input, join(input, MODEL_FILE)]) {
      if (!(await isSameFile(path, file))) continue;
      throw usageError(
        `--out ${path} is ${file}, which is read here and stays as it is; choose another name`,
      );
    }
  }
}

/** Whether standard output is for the bytes of a file; what is printed there otherwise goes to standard error. */
export function takesOutput(places: readonly Place[]): boolean {
  return places.some(({ standard }) => standard);
}

/** Writes a file, whole or not at all, and prints its path; or writes its bytes to standard output. */
export async function writePlace(
  { path, standard }: Place,
  data: Uint8Array | string,
  printPath: (path: string) => void = print,
): Promise<void> {
  if (standard) return printBytes(data);
  await writeFileAtomic(path, data);
  printPath(path);
}

/** Prints the path of a place that is written along with others. */
export function printerFor(places: readonly Place[]): (path: string) => void {
  return takesOutput(places) ? say : print;
}

function inWords(extensions: readonly string[]): string {
  return extensions.length > 2 ? `one of ${extensions.join(", ")}` : extensions.join(" or ");
}
