/** The graphics device: buffers that are used again, commands, readings, and what to say when it is lost. */

/** Values of `GPUBufferUsage` and `GPUMapMode`, which is a global in browsers alone. */
export const USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;
const MAP_READ = 1;

const STORAGE = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
const STAGING = USAGE.MAP_READ | USAGE.COPY_DST;

/** Smallest size of a buffer, and what sizes are multiples of. */
const GRAIN = 256;
/** Milliseconds in which a device that breaks off is expected to say that it was lost. */
const GRACE = 200;
/** Bytes of buffers that wait to be used again, at most. */
const MOST_IDLE = 2 ** 31;

/** The device cannot do what it was asked for: it has no memory left, say, or its driver does not compile a shader. */
export class DeviceError extends Error {
  override readonly name: string = "DeviceError";
}

/** The device stopped: the driver was reset or updated, the card unplugged, or the page lost it. What it held is gone. */
export class DeviceLostError extends DeviceError {
  override readonly name = "DeviceLostError";
}

/** A part of a buffer to be read, in bytes: multiples of 4. */
export type Extract = Readonly<{ buffer: GPUBuffer; offset: number; size: number }>;

/** What has been done so far, for tests and measurements. */
export type DeviceCounts = { dispatches: number; submissions: number; buffers: number; bytesRead: number };

/** A buffer that several hold, and that is used again once none does. */
export class SharedBuffer {
  readonly buffer: GPUBuffer;
  readonly #device: Device;
  #holders = 1;

  constructor(device: Device, buffer: GPUBuffer) {
    this.#device = device;
    this.buffer = buffer;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#device.recycle(this.buffer);
  }
}

export class Device {
  readonly gpu: GPUDevice;
  readonly counts: DeviceCounts = { dispatches: 0, submissions: 0, buffers: 0, bytesRead: 0 };
  /** Buffers that nobody uses, by usage and size. */
  readonly #idle = new Map<string, GPUBuffer[]>();
  #idleBytes = 0;
  #failure: Error | undefined;
  /** Rejects with the failure, so that nobody waits for what will not come. */
  readonly #failed: Promise<never>;
  #fail: (failure: Error) => void = () => {};

  constructor(gpu: GPUDevice) {
    this.gpu = gpu;
    this.#failed = new Promise((_, reject) => {
      this.#fail = (failure) => {
        this.#failure ??= failure;
        reject(failure);
      };
    });
    this.#failed.catch(() => {});
    void gpu.lost.then(({ message }) =>
      this.#fail(
        new DeviceLostError(`the graphics device was lost${message ? `: ${firstLine(message)}` : ""}`),
      ),
    );
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#fail(failureOf(event.error));
    });
  }

  /** @throws Error once the device was lost, has failed, or was closed. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Waits, but not for a device that is lost. */
  async guard<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.#failed]);
    } catch (error) {
      // A device that is lost may break off what waits for it before it says why.
      if (!this.#failure) await Promise.race([this.gpu.lost, new Promise((go) => setTimeout(go, GRACE))]);
      throw this.#failure ?? error;
    }
  }

  /** A storage buffer of at least so many bytes, to be given back to `recycle`. Its contents are what they happen to be. */
  storage(bytes: number): GPUBuffer {
    return this.#buffer(bytes, STORAGE);
  }

  shared(bytes: number): SharedBuffer {
    return new SharedBuffer(this, this.storage(bytes));
  }

  uniform(bytes: number): GPUBuffer {
    return this.#buffer(bytes, USAGE.UNIFORM | USAGE.COPY_DST);
  }

  /** A storage buffer with these contents. */
  filled(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.storage(data.byteLength);
    this.write(buffer, 0, data);
    return buffer;
  }

  write(buffer: GPUBuffer, offset: number, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    if (data.byteLength > 0) this.gpu.queue.writeBuffer(buffer, offset, data);
  }

  /** To be called once no command that is still to be submitted uses it: those submitted are done in order. */
  recycle(buffer: GPUBuffer): void {
    if (this.#failure || this.#idleBytes + buffer.size > MOST_IDLE) {
      buffer.destroy();
      return;
    }
    const key = keyOf(buffer.usage, buffer.size);
    const alike = this.#idle.get(key) ?? [];
    this.#idle.set(key, alike);
    alike.push(buffer);
    this.#idleBytes += buffer.size;
  }

  encoder(): GPUCommandEncoder {
    return this.gpu.createCommandEncoder();
  }

  submit(encoder: GPUCommandEncoder): void {
    this.counts.submissions++;
    this.gpu.queue.submit([encoder.finish()]);
  }

  /** Resolves when all that was submitted is done. */
  idle(): Promise<void> {
    return this.guard(this.gpu.queue.onSubmittedWorkDone());
  }

  /** Copies of several parts of buffers as they are now, in one transfer. */
  async read(extracts: readonly Extract[]): Promise<ArrayBuffer[]> {
    this.check();
    const bytes = extracts.reduce((sum, { size }) => sum + size, 0);
    if (bytes === 0) return extracts.map(() => new ArrayBuffer(0));
    const staging = this.#buffer(bytes, STAGING);
    const encoder = this.encoder();
    let at = 0;
    for (const { buffer, offset, size } of extracts) {
      if (size > 0) encoder.copyBufferToBuffer(buffer, offset, staging, at, size);
      at += size;
    }
    this.submit(encoder);
    this.counts.bytesRead += bytes;
    await this.guard(staging.mapAsync(MAP_READ, 0, bytes));
    const mapped = staging.getMappedRange(0, bytes);
    let from = 0;
    const parts = extracts.map(({ size }) => mapped.slice(from, (from += size)));
    staging.unmap();
    this.recycle(staging);
    return parts;
  }

  close(reason: Error): void {
    this.#fail(reason);
    for (const buffer of [...this.#idle.values()].flat()) buffer.destroy();
    this.#idle.clear();
    this.gpu.destroy();
  }

  #buffer(bytes: number, usage: number): GPUBuffer {
    const most = Math.floor(this.gpu.limits.maxBufferSize / GRAIN) * GRAIN;
    const size = Math.max(Math.min(sizeClass(bytes), most), Math.ceil(bytes / GRAIN) * GRAIN);
    const idle = this.#idle.get(keyOf(usage, size))?.pop();
    if (idle) {
      this.#idleBytes -= idle.size;
      return idle;
    }
    this.counts.buffers++;
    return this.gpu.createBuffer({ size, usage });
  }
}

function failureOf(error: GPUError): DeviceError {
  // By name, for Node has no global of it.
  return error.constructor.name === "GPUOutOfMemoryError"
    ? new DeviceError("the graphics device has no memory left; a smaller batch or grid needs less")
    : new DeviceError(`the graphics device failed: ${firstLine(error.message)}`);
}

function keyOf(usage: number, size: number): string {
  return `${usage} ${size}`;
}

/** The size of a buffer for so many bytes: one of eight to each power of two, so that buffers fit again. */
function sizeClass(bytes: number): number {
  const grain = Math.max(GRAIN, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3));
  return Math.max(GRAIN, Math.ceil(bytes / grain) * grain);
}

/** The first line of a text, without a full stop. */
export function firstLine(text: string): string {
  const line = text.split("\n", 1)[0].trim();
  return line.endsWith(".") ? line.slice(0, -1) : line;
}
