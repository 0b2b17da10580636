import type { StateWindow } from "../window.ts";
import type { Automaton, StepRecord } from "./automaton.ts";

/** Blocks of one size in an automaton's memory, handed out and taken back. */
export class BlockPool {
  readonly bytes: number;
  readonly #automaton: Automaton;
  readonly #free: number[] = [];
  #end: number;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.bytes = automaton.layout.blockBytes;
    this.#end = automaton.layout.end;
  }

  /** Address of a block; its contents are arbitrary. @throws RangeError where memory is full. */
  take(): number {
    const block = this.#free.pop();
    if (block !== undefined) return block;
    const fresh = this.#end;
    this.#automaton.heap.reserve(fresh + this.bytes);
    this.#end = fresh + this.bytes;
    return fresh;
  }

  give(blocks: readonly number[]): void {
    this.#free.push(...blocks);
  }
}

/**
 * What a rollout of one sample remembers for its backward pass, within a budget of bytes. Steps are recorded in
 * full while they fit; then the oldest records go, and are made again from the last checkpoint before them when
 * the backward pass arrives there. A checkpoint is taken whenever half a budget has been recorded since the last.
 */
export class Tape {
  readonly #pool: BlockPool;
  readonly #budget: number;
  readonly #records = new Map<number, StepRecord>();
  readonly #checkpoints: { step: number; window: StateWindow }[] = [];
  #used = 0;
  #sinceCheckpoint = Infinity;

  constructor(pool: BlockPool, budget: number) {
    this.#pool = pool;
    this.#budget = budget;
  }

  /** To be called before each step in turn with a way to get the state. */
  mark(step: number, window: () => StateWindow): void {
    if (this.#sinceCheckpoint < this.#budget / 2) return;
    if (this.#checkpoints.some((checkpoint) => checkpoint.step === step)) return;
    const checkpoint = { step, window: window() };
    this.#checkpoints.push(checkpoint);
    this.#used += checkpoint.window.data.byteLength;
    this.#sinceCheckpoint = 0;
  }

  add(step: number, record: StepRecord): void {
    const bytes = this.#bytesOf(record);
    this.#records.set(step, record);
    this.#used += bytes;
    this.#sinceCheckpoint += bytes;
    for (const oldest of this.#records.keys()) {
      if (this.#used <= this.#budget || oldest === step) break;
      this.#drop(oldest);
    }
  }

  get(step: number): StepRecord | undefined {
    return this.#records.get(step);
  }

  /** The last checkpoint at or before a step. */
  checkpointBefore(step: number): { step: number; window: StateWindow } {
    return this.#checkpoints.findLast((checkpoint) => checkpoint.step <= step)!;
  }

  /** Forgets every record, not the checkpoints. */
  clear(): void {
    for (const step of this.#records.keys()) this.#drop(step);
  }

  #drop(step: number): void {
    const record = this.#records.get(step)!;
    this.#records.delete(step);
    this.#used -= this.#bytesOf(record);
    this.#pool.give(record.blocks);
  }

  #bytesOf({ blocks, live, before }: StepRecord): number {
    const copied = before?.data.byteLength ?? 0;
    return blocks.length * this.#pool.bytes + live.bits.byteLength + copied;
  }
}
