/** Everything that the command line prints: nothing else writes to standard output or standard error. */
import { UserError } from "../../errors.ts";
import { fileError } from "../../node/files.ts";

/** Control characters, what else breaks lines, and what changes the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** One line of text with a question mark for each character that would do something to a terminal. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, "?");
}

/** JSON in which such characters are escaped. */
export function jsonText(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replaceAll(UNPRINTABLE, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

type Name = "stdout" | "stderr";
const LONG_NAMES: Readonly<Record<Name, string>> = {
  stdout: "standard output",
  stderr: "standard error",
};

/** One of the two streams, and the first failure to write to it. */
class Channel {
  readonly #name: Name;
  readonly #stream: NodeJS.WriteStream;
  readonly #listeners = new Set<(failure: OutputFailure) => void>();
  #failure: OutputFailure | undefined;

  constructor(name: Name) {
    this.#name = name;
    this.#stream = process[name];
    this.#stream.on("error", (error) => this.#fail(error));
  }

  get failure(): OutputFailure | undefined {
    return this.#failure;
  }

  onFailure(listener: (failure: OutputFailure) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  write(data: string | Uint8Array): void {
    if (this.#failure) return;
    this.#stream.write(data);
    // Where writing is synchronous, the event comes later than this.
    if (this.#stream.errored) this.#fail(this.#stream.errored);
  }

  async flush(): Promise<void> {
    if (this.#failure || this.#stream.writableLength === 0) return;
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = new OutputFailure(error, LONG_NAMES[this.#name]);
    for (const listener of this.#listeners) listener(this.#failure);
  }
}

/** What could not be written to a stream: exit status 141 where its reader has gone, by the shells' convention, else 1. */
export class OutputFailure extends UserError {
  override readonly name = "OutputFailure";
  readonly isClosed: boolean;

  constructor(cause: Error, stream: string) {
    const described = fileError(cause, "write", `to ${stream}`);
    super(described instanceof Error ? described.message : String(described), { cause });
    this.isClosed = "code" in cause && cause.code === "EPIPE";
  }
}

/** A stream that failed once has failed for good, so both are kept as long as the process lives. */
const channels = new Map<Name, Channel>();

function channel(name: Name): Channel {
  const known = channels.get(name) ?? new Channel(name);
  channels.set(name, known);
  return known;
}

/** Sees to it that no failure to write goes unnoticed, or ends the process with a stack. */
export function watchOutput(): void {
  channel("stdout");
  channel("stderr");
}

/** Prints lines on standard output. */
export function print(...lines: readonly string[]): void {
  channel("stdout").write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Prints lines on standard error. */
export function say(...lines: readonly string[]): void {
  channel("stderr").write(lines.map((line) => `${printable(line)}\n`).join(""));
}

/** Prints JSON on standard output, in one line unless indented. */
export function printJson(value: unknown, space?: number): void {
  channel("stdout").write(`${jsonText(value, space)}\n`);
}

/** Writes the bytes of a file to standard output. */
export function printBytes(data: Uint8Array | string): void {
  channel("stdout").write(data);
}

/** Why standard output takes nothing more; undefined as long as it does. */
export function outputFailure(): OutputFailure | undefined {
  return channel("stdout").failure;
}

/** Calls back when standard output fails, in an {@link OutputFailure}. @returns what ends that. */
export function onOutputFailure(listener: (failure: OutputFailure) => void): () => void {
  return channel("stdout").onFailure(listener);
}

/** Waits until everything is written. @returns what failed: standard output before standard error. */
export async function printed(): Promise<OutputFailure | undefined> {
  for (const name of ["stdout", "stderr"] as const) await channel(name).flush();
  return channel("stdout").failure ?? channel("stderr").failure;
}
