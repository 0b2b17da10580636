/** Milliseconds over which the rate is averaged. */
const WINDOW = 10_000;

/** How many steps a second are made, averaged over the last ten seconds. */
export class StepRate {
  #marks: { at: number; step: number }[] = [];

  /** Notes when a step was reached. @param at in milliseconds. */
  mark(step: number, at: number): void {
    this.#marks.push({ at, step });
    const old = this.#marks.findIndex((mark) => at - mark.at <= WINDOW);
    // One beyond the window, so that steps longer than it have a rate, too.
    if (old > 1) this.#marks.splice(0, old - 1);
  }

  /** Forgets all marks: after a pause. */
  clear(): void {
    this.#marks = [];
  }

  /** Steps a second; undefined before the second mark. */
  get perSecond(): number | undefined {
    const first = this.#marks.at(0);
    const last = this.#marks.at(-1);
    if (!first || !last || last.at <= first.at) return undefined;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }
}
