/** When something is due that is done again and again in the course of a run: a checkpoint, a report. Times in milliseconds. */
export class Recurrence {
  /** Least time from one to the next. */
  interval: number;
  #last: number;

  /** @param last when it was done last; -Infinity: it is due at once. */
  constructor(interval: number, last: number) {
    this.interval = interval;
    this.#last = last;
  }

  isDue(now: number): boolean {
    return now - this.#last >= this.interval;
  }

  done(now: number): void {
    this.#last = now;
  }

  /** Makes it due at once. */
  hasten(): void {
    this.#last = -Infinity;
  }
}
