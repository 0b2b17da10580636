import { stripVTControlCharacters } from "node:util";

/** What is used of a `tty.WriteStream`. */
export type Terminal = Readonly<{ columns: number; rows: number; write(text: string): unknown }>;

/** Terminals that know it show everything between the two at once; others ignore them. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";
/** Erases what is right of the cursor. */
const CLEAR_LINE = "\x1b[K";
const TO_SCREEN_END = "\x1b[J";

/**
 * The lines at the bottom of a terminal that are drawn over and over. The cursor rests on the line below them, where
 * whatever is printed next belongs.
 */
export class LiveArea {
  readonly #stream: Terminal;
  /** Widths of the lines drawn, in characters. */
  #widths: number[] = [];

  constructor(stream: Terminal) {
    this.#stream = stream;
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  /** Replaces the lines. They must fit: fewer than `rows`, each shorter than `columns`. */
  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.#stream.write(`${BEGIN}${this.#home()}${text}${TO_SCREEN_END}${END}`);
    this.#widths = lines.map((line) => stripVTControlCharacters(line).length);
  }

  /** Leaves the lines where they are; the next ones are drawn below. */
  keep(): void {
    this.#widths = [];
  }

  /** Wipes the line that the cursor rests on. */
  wipeLine(): void {
    this.#stream.write(`\r${CLEAR_LINE}`);
  }

  /** Takes the lines away. */
  clear(): void {
    this.#stream.write(this.#home() + TO_SCREEN_END);
    this.#widths = [];
  }

  /** Back to where the lines begin. In a window that became narrower, they may take more rows than they are. */
  #home(): string {
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / this.columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A` : "";
  }
}
