import cliProgress from "cli-progress";
import { LiveArea } from "./liveArea.ts";
import { clockTime, Pace } from "./pace.ts";

const MIN_BAR = 8;
const MAX_BAR = 40;
/** Milliseconds of work before a bar is worth showing. */
const PATIENCE = 1000;
/** Milliseconds between two drawings. */
export const DRAW_INTERVAL = 200;

/**
 * A bar and words in one line of at most so many characters; words that do not fit are left out from the end.
 *
 * @param progress from 0 to 1.
 */
export function progressLine(progress: number, words: readonly string[], width: number): string {
  let kept = words.length;
  const text = () => words.slice(0, kept).join("  ");
  while (kept > 1 && MIN_BAR + 2 + text().length > width) kept--;
  const barsize = Math.min(MAX_BAR, width - text().length - 2);
  if (barsize < 1) return text().slice(0, width);
  const { barCompleteChar: full, barIncompleteChar: empty } = cliProgress.Presets.shades_classic;
  const bar = cliProgress.Format.BarFormat(progress, {
    barsize,
    barGlue: "",
    barCompleteString: full.repeat(barsize),
    barIncompleteString: empty.repeat(barsize),
  });
  return `${bar}  ${text()}`;
}

/** Speed and time left in words, as far as they are known. */
export function paceWords({ speed }: Pace, stepsLeft: number, unit = "step"): string[] {
  return speed ? [`${speed.toPrecision(3)} ${unit}s/s`, `${clockTime(stepsLeft / speed)} left`] : [];
}

/** A bar on the terminal, where there is one, for work that takes a while. */
export class ProgressBar {
  readonly #total: number;
  readonly #unit: string;
  readonly #area = process.stderr.isTTY ? new LiveArea(process.stderr) : undefined;
  readonly #pace = new Pace();
  #drawn = performance.now() + PATIENCE - DRAW_INTERVAL;

  /** @param unit what it counts, of one. */
  constructor(total: number, unit = "step") {
    this.#total = total;
    this.#unit = unit;
  }

  show(step: number): void {
    const now = performance.now();
    this.#pace.mark(step, now);
    if (!this.#area || now - this.#drawn < DRAW_INTERVAL) return;
    this.#drawn = now;
    const words = [`${step}/${this.#total}`, ...paceWords(this.#pace, this.#total - step, this.#unit)];
    this.#area.draw([progressLine(step / this.#total, words, this.#area.columns - 1)]);
  }

  clear(): void {
    this.#area?.clear();
  }
}
