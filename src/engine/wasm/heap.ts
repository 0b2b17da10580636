const PAGE = 65536;

/** A growing WebAssembly memory with views that are valid until it grows next. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  bytes = new Uint8Array(0);
  floats = new Float32Array(0);
  integers = new Int32Array(0);

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#view();
  }

  /** A heap of at least so many bytes. @param shared whether other threads may use it, too. */
  static create(bytes: number, shared: boolean): Heap {
    return new Heap(new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: PAGE, shared }));
  }

  /** Sees what another thread has made of the memory; says whether it grew. */
  refresh(): boolean {
    if (this.memory.buffer.byteLength === this.bytes.length) return false;
    this.#view();
    return true;
  }

  /** Makes room up to an address. @throws RangeError where the memory cannot grow that far. */
  reserve(end: number): void {
    const missing = end - this.bytes.length;
    if (missing <= 0) return;
    const pages = Math.min(
      Math.ceil(Math.max(missing, this.bytes.length / 4) / PAGE),
      PAGE - this.bytes.length / PAGE,
    );
    if (pages * PAGE < missing)
      throw new RangeError("the automaton needs more than the 4 GiB a WebAssembly memory holds");
    this.memory.grow(pages);
    this.#view();
  }

  #view(): void {
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
  }
}
