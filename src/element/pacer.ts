/** Milliseconds of work in one piece: short, so that an edit is in the picture by the next frame. */
const SLICE = 8;
/** Seconds of play that may be owed: what a slow machine or a sleeping page missed beyond this is never made up for. */
const LONGEST_DEBT = 0.25;

/** Debt to begin with: where a step is due each frame, one that comes a little early or late still finds just one. */
const HALF = 0.5;

/** Says how many steps are due, from the rate asked for and from how long steps take. */
export class Pacer {
  /** Steps a second; Infinity for as many as the machine can make. */
  rate = 60;
  #debt = HALF;
  #last: number | undefined;
  /** Milliseconds a step takes, as far as known. */
  #cost = SLICE;

  /**
   * Steps to make now: those owed, as far as they fit into a slice of work.
   *
   * @param now milliseconds of any steady clock.
   */
  due(now: number): number {
    const seconds = (now - (this.#last ?? now)) / 1000;
    this.#last = now;
    const most = Math.max(1, this.rate * LONGEST_DEBT);
    const owed = this.rate === Infinity ? Infinity : Math.min(this.#debt + this.rate * seconds, most);
    const steps = Math.min(Math.floor(owed), Math.max(1, Math.floor(SLICE / this.#cost)));
    this.#debt = owed - steps;
    return steps;
  }

  /** Whether more steps are owed than were due: the next slice may follow at once. */
  get behind(): boolean {
    return this.#debt >= 1;
  }

  /** Tells how long steps took, so that the next slice is as long as it should be. */
  took(steps: number, milliseconds: number): void {
    // Clocks may tick as coarsely as once a millisecond: the floor keeps one reading of 0 from promising the moon.
    const cost = Math.max(milliseconds, 0.5) / steps;
    this.#cost = (this.#cost + cost) / 2;
  }

  /** Forgets what is owed: play begins again with the next `due`. */
  rest(): void {
    this.#debt = HALF;
    this.#last = undefined;
  }
}
