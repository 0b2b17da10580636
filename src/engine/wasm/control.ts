/**
 * What threads that share memory tell one another, in words of 32 bits that are read and written atomically.
 *
 * A thread that runs a sample, its leader, cuts each step into tasks; threads that have no sample to run help with them.
 * Which thread does a task changes no bit of what it computes, and whatever adds up does so within one task, in a fixed
 * order.
 */
import type { Heap } from "./heap.ts";

/** Words of the tasks of a workspace, from its first byte on. */
const WORD = { left: 0, done: 1, failed: 2, kind: 3, needed: 4 } as const;

/** Words of a workspace from this one on belong to whoever describes its tasks. */
export const DESCRIPTION = 16;

/** Looks at a word before a thread that has done its part sleeps: some 20 microseconds. */
const SPINS = 2000;

/**
 * Milliseconds that a thread stays awake for want of tasks. What one thread does alone between two lists of a step takes about 0.05
 * ms, and waking takes about as long as the tasks of a list.
 */
const WAKEFUL = 0.2;

/** Tasks of one workspace, numbered 0, 1, ... within a kind, that any thread may do in any order; taken from the last on. */
export class TaskList {
  readonly #heap: Heap;
  readonly #run: (kind: number, index: number) => void;

  constructor(heap: Heap, run: (kind: number, index: number) => void) {
    this.#heap = heap;
    this.#run = run;
  }

  /**
   * Does tasks [0, count), with the help of others where there are some; returns when all are done.
   *
   * @param board of those who may help; undefined: nobody does. @throws Error where a helper failed.
   */
  share(kind: number, count: number, board: Board | undefined): void {
    if (!board || count < 2) {
      for (let index = count - 1; index >= 0; index--) this.#run(kind, index);
      return;
    }
    const words = this.#heap.integers;
    words[WORD.kind] = kind;
    words[WORD.needed] = this.#heap.bytes.length;
    Atomics.store(words, WORD.done, 0);
    Atomics.store(words, WORD.left, count);
    board.ring();
    for (let index = take(words); index >= 0; index = take(words)) {
      this.#run(kind, index);
      Atomics.add(words, WORD.done, 1);
    }
    let spins = 0;
    for (let done = Atomics.load(words, WORD.done); done < count; done = Atomics.load(words, WORD.done)) {
      if (++spins > SPINS) Atomics.wait(words, WORD.done, done, 1);
    }
    if (Atomics.exchange(words, WORD.failed, 0) !== 0) throw new Error("a thread that helped failed");
  }

  /** Does what tasks there are; says whether there were some. */
  help(): boolean {
    let helped = false;
    for (;;) {
      const words = this.#heap.integers;
      if (Atomics.load(words, WORD.left) <= 0) return helped;
      // The leader's memory grew: here it is seen a little later.
      if (words[WORD.needed] > this.#heap.bytes.length && !this.#heap.refresh()) return helped;
      const index = take(words);
      if (index < 0) return helped;
      try {
        this.#run(words[WORD.kind], index);
      } catch {
        Atomics.store(words, WORD.failed, 1);
      }
      Atomics.add(words, WORD.done, 1);
      Atomics.notify(words, WORD.done);
      helped = true;
    }
  }
}

/** The next task that nobody has taken; -1 where there is none. */
function take(words: Int32Array): number {
  // Looked at first, so that the count does not run away below 0.
  if (Atomics.load(words, WORD.left) <= 0) return -1;
  return Math.max(0, Atomics.sub(words, WORD.left, 1)) - 1;
}

/** Words of a board; from `waiting` on one for each thread. */
const BOARD = { bell: 0, leaders: 1, sleepers: 2, waiting: 3 } as const;

/** What all threads of an engine know of one another. */
export class Board {
  readonly words: Int32Array;

  constructor(words: Int32Array) {
    this.words = words;
  }

  /** A board for so many threads. */
  static create(threads: number): Board {
    return new Board(new Int32Array(new SharedArrayBuffer(4 * (BOARD.waiting + threads))));
  }

  /** Wakes threads that sleep for want of tasks. */
  ring(): void {
    Atomics.add(this.words, BOARD.bell, 1);
    if (Atomics.load(this.words, BOARD.sleepers) > 0) Atomics.notify(this.words, BOARD.bell);
  }

  /** A message is on its way to a thread: it is to stop helping. */
  announce(thread: number): void {
    Atomics.add(this.words, BOARD.waiting + thread, 1);
    this.ring();
  }

  /** A thread has received a message. */
  received(thread: number): void {
    Atomics.sub(this.words, BOARD.waiting + thread, 1);
  }

  /** A thread begins, or ends, to run samples. */
  lead(by: 1 | -1): void {
    Atomics.add(this.words, BOARD.leaders, by);
    if (by < 0) this.ring();
  }

  /** Helps with tasks until a message waits for this thread, or none runs a sample. */
  help(thread: number, lists: () => Iterable<TaskList>): void {
    const { words } = this;
    let last = performance.now();
    while (Atomics.load(words, BOARD.waiting + thread) <= 0 && Atomics.load(words, BOARD.leaders) > 0) {
      const bell = Atomics.load(words, BOARD.bell);
      let helped = false;
      for (const list of lists()) helped = list.help() || helped;
      const now = performance.now();
      if (helped) last = now;
      if (now - last < WAKEFUL) continue;
      Atomics.add(words, BOARD.sleepers, 1);
      Atomics.wait(words, BOARD.bell, bell, 5);
      Atomics.sub(words, BOARD.sleepers, 1);
      last = performance.now();
    }
  }
}
