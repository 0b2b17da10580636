/** Folders that `--out` names where several files are written. */
import { readdir } from "node:fs/promises";
import { fileError } from "../../../node/files.ts";
import { makeFolder } from "../../../node/runFolder.ts";
import { STANDARD } from "../../standardInput.ts";
import { usageError } from "../../values.ts";

/** @throws UserError where `--out` is standard output. @param what is written, in the plural. */
export function refuseStandard(out: string, what: string): void {
  if (out !== STANDARD) return;
  throw usageError(`--out is standard output; ${what} are several files, so it must be a folder`);
}

/** Makes a folder where there is none. @returns the names of what is in it. */
export async function entriesOfNew(folder: string): Promise<string[]> {
  await makeFolder(folder);
  return readdir(folder).catch((error: unknown) => {
    throw fileError(error, "read", folder);
  });
}
