import { appendFileSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { fileError, readFileBytes } from "./files.ts";

/** What one training step measured. A loss that is not finite is null in the file. */
export type MetricsRecord = Readonly<
  { step: number; loss: number | null } & Record<string, number | string | boolean | null>
>;

const MAX_BYTES = 2 ** 30;
const FLUSH_LINES = 256;
const FLUSH_MILLISECONDS = 1000;

/** A file of one JSON object a line, written every second or so. */
export class MetricsLog {
  readonly path: string;
  #lines: string[] = [];
  #flushed = performance.now();

  constructor(path: string) {
    this.path = path;
  }

  /** UserError where the file cannot be written, for example on a full disk. */
  append(record: MetricsRecord): void {
    this.#lines.push(`${JSON.stringify(record)}\n`);
    const age = performance.now() - this.#flushed;
    if (this.#lines.length >= FLUSH_LINES || age >= FLUSH_MILLISECONDS) this.flush();
  }

  /** Hands everything appended so far to the system. */
  flush(): void {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#flushed = performance.now();
    if (text === "") return;
    try {
      appendFileSync(this.path, text);
    } catch (error) {
      throw fileError(error, "write", this.path);
    }
  }

  /** Every whole record in the file; a line torn by a crash ends the reading. A missing file has none. */
  async read(): Promise<MetricsRecord[]> {
    return [...records(await this.#bytes())].map(({ record }) => record);
  }

  /** Cuts the file after the last record up to a step, so that training resumed there writes on without repeats. */
  async truncateAfter(step: number): Promise<void> {
    this.flush();
    const bytes = await this.#bytes();
    let end = 0;
    for (const { record, end: lineEnd } of records(bytes)) {
      if (record.step > step) break;
      end = lineEnd;
    }
    if (end === bytes.length) return;
    try {
      await truncate(this.path, end);
    } catch (error) {
      throw fileError(error, "write", this.path);
    }
  }

  async #bytes(): Promise<Uint8Array> {
    try {
      return await readFileBytes(this.path, MAX_BYTES);
    } catch (error) {
      if (isMissing(error)) return new Uint8Array(0);
      throw error;
    }
  }
}

/** Whole records with the offset at which their line ends, up to the first line that is not one. */
function* records(bytes: Uint8Array): Generator<{ record: MetricsRecord; end: number }> {
  const decoder = new TextDecoder();
  for (let start = 0; ;) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0) return;
    const record = parseRecord(decoder.decode(bytes.subarray(start, newline)));
    if (!record) return;
    start = newline + 1;
    yield { record, end: start };
  }
}

function parseRecord(line: string): MetricsRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is MetricsRecord {
  return typeof value === "object" && value !== null && "step" in value && typeof value.step === "number";
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
