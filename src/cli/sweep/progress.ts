/** How far a sweep is: a bar on a terminal, lines elsewhere, or JSON. */
import type { Trained } from "./training.ts";
import { errorText, type SweepRun } from "../../sweep/results.ts";
import { LiveArea } from "../terminal/liveArea.ts";
import { clockTime, Pace } from "../terminal/pace.ts";
import { printJson, say } from "../terminal/print.ts";
import { DRAW_INTERVAL, progressLine } from "../terminal/progressBar.ts";

/** Parts of runs that are as good as done when a sweep is resumed say nothing of its speed, so that they are told apart. */
export class SweepProgress {
  readonly #json: boolean;
  readonly #unit: string;
  readonly #area: LiveArea | undefined;
  readonly #pace = new Pace();
  readonly #running = new Map<number, number>();
  readonly #total: number;
  readonly #planned: number;
  #done: number;
  #finished: number;
  #drawn = -Infinity;

  /**
   * @param runs that there are. @param planned training of all of them together, in whole runs: less where arms are
   *   stopped. @param done of that before. @param finished runs that were. @param unit what a training step is called.
   */
  constructor(
    {
      runs,
      planned,
      done,
      finished,
    }: Readonly<{ runs: number; planned: number; done: number; finished: number }>,
    { json, unit }: Readonly<{ json: boolean; unit: string }>,
  ) {
    this.#json = json;
    this.#unit = unit;
    this.#area = process.stderr.isTTY && !json ? new LiveArea(process.stderr) : undefined;
    this.#total = runs;
    this.#planned = planned;
    this.#done = done;
    this.#finished = finished;
  }

  /** A run has made a part of what it is to make now, of `share` of a whole run. */
  step(i: number, share: number): void {
    this.#running.set(i, share);
    this.#draw();
  }

  /** A run is done with what it was to make. */
  trained(i: number, run: SweepRun, part: number, share: number, trained: Trained): void {
    this.#running.delete(i);
    this.#done += share;
    if (part === 1 || "failed" in trained) this.#finished++;
    if (this.#json) {
      const { name, subject, seed, arm } = run;
      printJson({ event: "run", name, arm: arm + 1, subject, seed, part, ...trained });
      return;
    }
    const how =
      "failed" in trained
        ? `failed: ${trained.failed}`
        : `error ${errorText(trained.measured.error)} after ${trained.measured.steps} ${this.#unit}s`;
    this.say(`${run.name}: ${how}`);
    this.#draw();
  }

  /** Lines that stay. */
  say(...lines: readonly string[]): void {
    this.#area?.clear();
    say(...lines);
    this.#drawn = -Infinity;
  }

  clear(): void {
    this.#area?.clear();
  }

  #draw(): void {
    const now = performance.now();
    if (!this.#area || now - this.#drawn < DRAW_INTERVAL) return;
    this.#drawn = now;
    const running = [...this.#running.values()].reduce((sum, share) => sum + share, 0);
    const done = Math.min(this.#planned, this.#done + running);
    this.#pace.mark(done, now);
    const { speed } = this.#pace;
    const words = [
      `${this.#finished}/${this.#total} runs`,
      ...(speed ? [`${clockTime((this.#planned - done) / speed)} left`] : []),
    ];
    this.#area.draw([progressLine(done / this.#planned, words, this.#area.columns - 1)]);
  }
}
