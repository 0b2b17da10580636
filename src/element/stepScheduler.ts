/** Milliseconds of work in one piece: short, so that an edit is in the picture by the next frame. */
const SLICE = 8;
/** Seconds of play that may be caught up on: what a slow machine or a sleeping page missed beyond this is dropped. */
const MAX_BACKLOG = 0.25;

/** Backlog to begin with, in steps: where one step is due each frame, a frame that comes a little early or late still gets just one. */
const HALF = 0.5;

/** Decides how many steps to make now, from the rate asked for and from how long steps take. */
export class StepScheduler {
  /** Steps a second; Infinity for as many as the machine can make. */
  rate = 60;
  /** Steps that are due and not made yet. */
  #backlog = HALF;
  #last: number | undefined;
  /** Milliseconds a step takes, as far as known. */
  #cost = SLICE;

  /**
   * Steps to make now: those that are due, as far as they fit into a slice of work.
   *
   * @param now milliseconds of any steady clock.
   */
  due(now: number): number {
    const seconds = (now - (this.#last ?? now)) / 1000;
    this.#last = now;
    const most = Math.max(1, this.rate * MAX_BACKLOG);
    const total = this.rate === Infinity ? Infinity : Math.min(this.#backlog + this.rate * seconds, most);
    const steps = Math.min(Math.floor(total), Math.max(1, Math.floor(SLICE / this.#cost)));
    this.#backlog = total - steps;
    return steps;
  }

  /** Whether steps are left over: the next slice may follow at once. */
  get behind(): boolean {
    return this.#backlog >= 1;
  }

  /** Takes how long steps took, so that the next slice is as long as it should be. */
  took(steps: number, milliseconds: number): void {
    // Clocks may tick as coarsely as once a millisecond: with this minimum, one reading of 0 does not make steps seem free.
    const cost = Math.max(milliseconds, 0.5) / steps;
    this.#cost = (this.#cost + cost) / 2;
  }

  /** Forgets the backlog: play begins again with the next `due`. */
  reset(): void {
    this.#backlog = HALF;
    this.#last = undefined;
  }
}
