import { createHash } from "node:crypto";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { isFile, readFileBytes, writeFileAtomic } from "./files.ts";
import { makeFolder } from "./runFolder.ts";

/** A file that is known before it is fetched. */
export type KnownFile = Readonly<{ name: string; bytes: number; sha256: string }>;

/** From where files are fetched, and for how long to wait. */
export type DownloadOptions = Readonly<{
  /** Address of the folder that holds the files; default: the mirror that torchvision uses. */
  base?: string | undefined;
  /** Called as bytes come in, with those of all files together; files that are there already count as done. */
  onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Gives up where nothing has come in for so long; default 30. */
  stallSeconds?: number | undefined;
}>;

/** The mirror that torchvision uses. */
export const MNIST_ADDRESS = "https://ossci-datasets.s3.amazonaws.com/mnist/";

/** The MNIST database of Y. LeCun, C. Cortes and C. J. C. Burges, with the checksums of TensorFlow Datasets. */
export const MNIST_FILES: readonly KnownFile[] = [
  {
    name: "train-images-idx3-ubyte.gz",
    bytes: 9_912_422,
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  },
  {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 28_881,
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  },
  {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 1_648_877,
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  },
  {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 4_542,
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  },
];

/**
 * Downloads the four MNIST files, 11.6 MB, into a folder. Files that are there already and right are not fetched again.
 *
 * @throws UserError, one sentence with the address or the path, where a file cannot be had, is not what it should be,
 * or another of its name is there; the signal's reason once it is aborted.
 */
export function downloadMnist(folder: string, options: DownloadOptions = {}): Promise<void> {
  return downloadFiles(folder, MNIST_FILES, options);
}

/**
 * Fetches files into a folder, which is made where it is missing. Each is checked and appears whole or not at all; those
 * that are there already and right are not fetched again.
 *
 * @throws UserError, one sentence with the address or the path, where a file cannot be had, is not what it should be,
 * or another of its name is there; the signal's reason once it is aborted.
 */
export async function downloadFiles(
  folder: string,
  files: readonly KnownFile[],
  { base = MNIST_ADDRESS, onProgress, signal, stallSeconds = 30 }: DownloadOptions = {},
): Promise<void> {
  await makeFolder(folder);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    const path = join(folder, file.name);
    if (!(await isThere(path, file))) {
      const before = done;
      const url = `${base.replace(/\/$/, "")}/${file.name}`;
      const report = (received: number) => onProgress?.(before + received, total);
      await writeFileAtomic(path, await fetchFile(url, file, { report, signal, stallSeconds }));
    }
    done += file.bytes;
    onProgress?.(done, total);
  }
}

/** Whether the right file is there. Another one of its name may be somebody's own and is never replaced. */
async function isThere(path: string, file: KnownFile): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const bytes = await readFileBytes(path, Infinity);
  if (isRight(bytes, file)) return true;
  throw new UserError(
    `${path} is there already, but is another file; move it away or download into another folder`,
  );
}

function isRight(bytes: Uint8Array, { bytes: length, sha256 }: KnownFile): boolean {
  return bytes.length === length && createHash("sha256").update(bytes).digest("hex") === sha256;
}

/** The file's bytes, checked. */
async function fetchFile(
  url: string,
  file: KnownFile,
  {
    report,
    signal,
    stallSeconds,
  }: { report: (received: number) => void; signal: AbortSignal | undefined; stallSeconds: number },
): Promise<Uint8Array> {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallSeconds * 1000);
  const chunks: Uint8Array[] = [];
  let received = 0;
  let answered = false;
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
      // The checksum is that of the file, which a server might otherwise send unpacked.
      headers: { "accept-encoding": "identity" },
    });
    answered = true;
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new UserError(
        `cannot download ${url}: the server answers ${response.status} ${response.statusText}`.trimEnd(),
      );
    }
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      received += chunk.length;
      if (received > file.bytes) break;
      chunks.push(chunk);
      report(received);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    const reason = stall.signal.aborted
      ? `nothing has come in for ${stallSeconds} seconds`
      : answered
        ? `the connection broke after ${received} of ${file.bytes} bytes`
        : `there is no connection to the server (${causeOf(error)})`;
    throw new UserError(`cannot download ${url}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  const bytes = Buffer.concat(chunks);
  if (isRight(bytes, file)) return bytes;
  const wrong =
    received === file.bytes
      ? "its checksum is wrong"
      : `it has ${received > file.bytes ? "more than" : `${received} instead of`} ${file.bytes} bytes`;
  throw new UserError(`${url} is not the file that it should be: ${wrong}`);
}

/** The system's word for what went wrong, such as ENOTFOUND. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return String(cause);
}
