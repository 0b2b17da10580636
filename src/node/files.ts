import { randomUUID } from "node:crypto";
import {
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { FormatError, UserError } from "../errors.ts";

/**
 * Writes a file so that it is there whole or not at all: to a temporary name beside it, onto the disk, then renamed.
 * An existing file stays as it is until then. A link stays a link, and what it leads to is written; a device or a named
 * pipe is written as it is.
 *
 * @throws UserError naming the path and what stood in the way; the temporary file is gone then.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  try {
    const target = await linkTarget(path);
    const stats = await statOf(target);
    if (stats && !stats.isFile() && !stats.isDirectory()) await writeFile(target, data);
    else await replaceFile(target, data);
  } catch (error) {
    throw fileError(error, "write", path);
  }
}

async function replaceFile(path: string, data: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.neoblast-${randomUUID()}.tmp`);
  try {
    await withFile(temporary, "w", async (file) => {
      await file.writeFile(data);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Most links that are followed one after the other, as in Linux. */
const MAX_LINKS = 40;

/**
 * Where a path leads through symbolic links at its end, the last of which may lead to nothing yet.
 *
 * @throws an error with the code ELOOP where they lead in a circle.
 */
export async function linkTarget(path: string): Promise<string> {
  let target = path;
  for (let hops = 0; hops < MAX_LINKS; hops++) {
    const link = await readlink(target).catch(() => undefined);
    if (link === undefined) return target;
    target = resolve(await realpath(dirname(target)), link);
  }
  throw Object.assign(new Error(`too many links: ${path}`), { code: "ELOOP" });
}

/** Whether two paths lead to the same file or folder, however they are spelled. Not so where one is missing. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([statOf(one), statOf(other)]);
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function statOf(path: string) {
  return stat(path, { bigint: true }).catch(() => undefined);
}

/** Removes what a killed process may have left of `writeFileAtomic` in a folder. A folder that is missing is fine. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => /^\.neoblast-[0-9a-f-]{36}\.tmp$/.test(entry))) {
    await rm(join(folder, name), { force: true });
  }
}

/**
 * The bytes of a regular file.
 *
 * @throws UserError naming the path where it is missing, no regular file, unreadable or larger than `maxBytes`.
 */
export async function readFileBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await withFile(path, "r", async (file) => {
      const stats = await file.stat();
      if (stats.isDirectory()) throw new UserError(`${path} is a folder, not a file`);
      if (!stats.isFile()) throw new UserError(`${path} is not a regular file`);
      if (stats.size > maxBytes) {
        throw new UserError(
          `${path} is ${megabytes(stats.size)} long; at most ${megabytes(maxBytes)} are read`,
        );
      }
      return await file.readFile();
    });
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

/** Reads and decodes a file; whatever `decode` finds wrong (a UserError) gets the path in front. */
export async function decodeFile<T>(
  path: string,
  maxBytes: number,
  decode: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  return decodeAs(path, await readFileBytes(path, maxBytes), decode);
}

/** Decodes bytes; whatever `decode` finds wrong (a UserError) gets a name in front. */
export async function decodeAs<T>(
  name: string,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  try {
    return await decode(bytes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const Kind = error instanceof FormatError ? FormatError : UserError;
    throw new Kind(`${name}: ${error.message}`, { exitCode: error.exitCode, cause: error });
  }
}

/** Whether the path leads to a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Whether the path leads to a regular file. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** What a failed file operation means, as one sentence with the path. Errors that already say it pass through. */
export function fileError(error: unknown, doing: "read" | "write", path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (error instanceof UserError || code === undefined) return error;
  const noFolder = code === "ENOENT" && doing === "write";
  const reason = noFolder ? "its folder does not exist" : (REASONS[code] ?? `the system says ${code}`);
  return new UserError(`cannot ${doing} ${path}: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  ENOTEMPTY: "it is a folder",
  EEXIST: "it exists already",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would grow too large",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
};

async function withFile<T>(
  path: string,
  flags: "r" | "w",
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Makes a rename last through a power cut. Not every system lets a folder be synchronised; the file is whole anyway. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await withFile(folder, "r", (handle) => handle.sync());
  } catch {
    // Windows refuses to open folders.
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}
