/** Repeated work takes at most one part in this many of the time. */
const PARTS = 3;

/** Limits work that is repeated, such as drawing, to a third of the time: after each piece it rests twice as long as that took. */
export class Throttle {
  readonly #clock: () => number;
  #until = -Infinity;

  /** @param clock milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Whether the rest is over. */
  get due(): boolean {
    return this.#clock() >= this.#until;
  }

  /** Does one piece of the work, and then rests. */
  run(work: () => void): void {
    const begin = this.#clock();
    work();
    const end = this.#clock();
    this.#until = end + (PARTS - 1) * (end - begin);
  }
}
