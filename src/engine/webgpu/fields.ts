/** What losses compare states with, on the device for as long as it is asked for again and again. */
import type { Device } from "./device.ts";

/** Bytes of fields that are kept, at most. */
const MOST_BYTES = 2 ** 28;

export class Fields {
  readonly #device: Device;
  /** Where each array begins, in vectors. */
  readonly #known = new Map<Float32Array, number>();
  #buffer: GPUBuffer | undefined;
  #vectors = 0;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Half of what a shader can be given, for buffers are larger than asked for. */
  get #most(): number {
    return Math.min(MOST_BYTES, this.#device.gpu.limits.maxStorageBufferBindingSize / 2);
  }

  /** Whether there is room for so much at once. */
  holds(arrays: readonly Float32Array[]): boolean {
    return 16 * [...new Set(arrays)].reduce((sum, array) => sum + vectorsOf(array), 0) <= this.#most;
  }

  /**
   * Where arrays begin, in vectors, in the buffer that holds them until fields are asked for again. Arrays are never to change.
   * There must be room for them.
   */
  of(arrays: readonly Float32Array[]): Readonly<{ buffer: GPUBuffer; at: (array: Float32Array) => number }> {
    if (this.#bytesWith(arrays) > this.#most) {
      this.#known.clear();
      this.#vectors = 0;
    }
    const bytes = this.#bytesWith(arrays);
    const grown = !this.#buffer || bytes > this.#buffer.size;
    if (grown) {
      if (this.#buffer) this.#device.recycle(this.#buffer);
      this.#buffer = this.#device.storage(Math.max(bytes, 16));
    }
    const buffer = this.#buffer!;
    if (grown) for (const [array, at] of this.#known) this.#write(buffer, array, at);
    for (const array of arrays) {
      if (this.#known.has(array)) continue;
      this.#write(buffer, array, this.#vectors);
      this.#known.set(array, this.#vectors);
      this.#vectors += vectorsOf(array);
    }
    return { buffer, at: (array) => this.#known.get(array)! };
  }

  #bytesWith(arrays: readonly Float32Array[]): number {
    const fresh = [...new Set(arrays)].filter((array) => !this.#known.has(array));
    return 16 * fresh.reduce((sum, array) => sum + vectorsOf(array), this.#vectors);
  }

  #write(buffer: GPUBuffer, array: Float32Array, at: number): void {
    this.#device.write(buffer, at * 16, Float32Array.from(array));
  }
}

function vectorsOf(array: Float32Array): number {
  return Math.ceil(array.length / 4);
}
