/** Milliseconds over which speed is averaged. */
const WINDOW = 10_000;

/** How fast a count of steps grows, lately. */
export class Pace {
  #marks: { at: number; step: number }[] = [];

  /** @param at in milliseconds. */
  mark(step: number, at: number): void {
    // Training may go back to a checkpoint.
    if (step < (this.#marks.at(-1)?.step ?? step)) this.#marks = [];
    this.#marks.push({ at, step });
    while (this.#marks.length > 2 && at - this.#marks[1].at > WINDOW) this.#marks.shift();
  }

  /** Steps a second; undefined before the second mark. */
  get speed(): number | undefined {
    const first = this.#marks.at(0);
    const last = this.#marks.at(-1);
    if (!first || !last || last.at <= first.at) return undefined;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }
}

/** A time in seconds as a clock shows it: 0:07, 1:52, 2:05:09. */
export function clockTime(seconds: number): string {
  const [h, m, s] = hoursMinutesSeconds(Math.max(0, Math.round(seconds)));
  const padded = String(s).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${padded}` : `${m}:${padded}`;
}

/** Seconds in words: 7 s, 1 min 52 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const [h, m, s] = hoursMinutesSeconds(Math.round(seconds));
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${s} s` : `${s} s`;
}

function hoursMinutesSeconds(whole: number): [number, number, number] {
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}
