/** Counts who uses a thing that is dear to start: it is started for the first, and disposed of after the last. */
export class Shared<T extends Readonly<{ dispose(): Promise<void> }>> {
  readonly #start: () => Promise<T>;
  #users = 0;
  #thing: Promise<T> | undefined;

  constructor(start: () => Promise<T>) {
    this.#start = start;
  }

  /** Adds a user. Each call needs one `release`, also where it rejects. @throws what starting throws. */
  acquire(): Promise<T> {
    this.#users++;
    return (this.#thing ??= this.#start());
  }

  /** Removes a user. */
  release(): void {
    this.#users--;
    // An element that is moved is disconnected and connected again at once; the engine is kept meanwhile.
    setTimeout(() => {
      if (this.#users > 0) return;
      const thing = this.#thing;
      this.#thing = undefined;
      thing?.then((started) => started.dispose()).catch(() => undefined);
    });
  }

  /** Disposes of one that has failed, whoever else uses it: who comes next starts another. */
  discard(thing: Promise<T>): void {
    if (this.#thing === thing) this.#thing = undefined;
    thing.then((started) => started.dispose()).catch(() => undefined);
  }
}

/** One user of a shared thing, at most once. */
export class Lease<T extends Readonly<{ dispose(): Promise<void> }>> {
  readonly #shared: Shared<T>;
  #thing: Promise<T> | undefined;

  constructor(shared: Shared<T>) {
    this.#shared = shared;
  }

  /** Begins to use it, unless it is used. @throws what starting throws; then, too, it is to be dropped. */
  take(): Promise<T> {
    return (this.#thing ??= this.#shared.acquire());
  }

  /** Stops using it, if it is used. @returns what releases it, once nothing is done with it any more. */
  leave(): () => void {
    const thing = this.#thing;
    this.#thing = undefined;
    return () => thing && this.#shared.release();
  }

  /** Stops using it, if it is used, because it has failed: nobody can any more. */
  abandon(): void {
    if (this.#thing) this.#shared.discard(this.#thing);
    this.leave()();
  }
}
