/** Milliseconds over which speed is averaged. */
const WINDOW = 10_000;

/** How fast a count of steps grows, lately. */
export class Pace {
  #marks: { at: number; step: number }[] = [];

  /** @param at in milliseconds. */
  mark(step: number, at: number): void {
    this.#marks.push({ at, step });
    const old = this.#marks.findIndex((mark) => at - mark.at <= WINDOW);
    // One beyond the window, so that a step longer than it has a speed, too.
    if (old > 1) this.#marks.splice(0, old - 1);
  }

  /** Forgets what was: after a pause. */
  clear(): void {
    this.#marks = [];
  }

  /** Steps a second; undefined before the second mark. */
  get speed(): number | undefined {
    const first = this.#marks.at(0);
    const last = this.#marks.at(-1);
    if (!first || !last || last.at <= first.at) return undefined;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }
}
