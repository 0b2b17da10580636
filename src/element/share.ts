/** Recurring work takes at most one part in so many of the time. */
const PARTS = 3;

/** Keeps work that comes again and again to a share of the time: after it, there is a rest of twice as long as it took. */
export class Share {
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

  /** Does a piece of it. */
  spend(work: () => void): void {
    const begin = this.#clock();
    work();
    const end = this.#clock();
    this.#until = end + (PARTS - 1) * (end - begin);
  }
}
