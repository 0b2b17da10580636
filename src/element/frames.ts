/** Asks for animation frames while there is something to show and the element is in sight. */
export class Frames {
  readonly #show: () => void;
  readonly #sight: IntersectionObserver;
  #wanted = false;
  #inSight = false;
  #frame: number | undefined;

  /** @param show one frame. @param onSight the element has come into sight. */
  constructor(show: () => void, onSight: () => void) {
    this.#show = show;
    this.#sight = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)!.isIntersecting;
      this.#schedule();
      if (this.#inSight) onSight();
    });
  }

  get inSight(): boolean {
    return this.#inSight;
  }

  /** Whether there is something to show. */
  set wanted(wanted: boolean) {
    this.#wanted = wanted;
    this.#schedule();
  }

  begin(element: Element): void {
    this.#sight.observe(element);
  }

  end(): void {
    this.#sight.disconnect();
    this.#inSight = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#inSight && this.#wanted) this.#frame ??= requestAnimationFrame(this.#next);
    else if (this.#frame !== undefined) {
      cancelAnimationFrame(this.#frame);
      this.#frame = undefined;
    }
  }

  readonly #next = (): void => {
    this.#frame = requestAnimationFrame(this.#next);
    this.#show();
  };
}
