/** Commands in the order given, submitted in pieces that keep the device busy without holding it for long. */
import type { Device } from "./device.ts";
import { STEP_WORDS } from "./shaders/common.ts";

/** Steps whose numbers a submission can carry. */
const MOST_STEPS = 512;
/** Seconds that one submission should take: a browser may end what holds the device for some. */
const WANTED_SECONDS = 0.05;
/** Steps of the first piece, which the device does while the next one, twice as long, is written. */
const FIRST_STEPS = 8;

/** Fields of `Step` in the shaders, in its order; what is left out is 0. */
export type StepFields = Readonly<
  Partial<
    Record<
      "t" | "number" | "before" | "after" | "life" | "counts" | "half" | "first" | "a" | "b" | "c" | "d",
      number
    >
  >
>;
const FIELDS = [
  "t",
  "number",
  "before",
  "after",
  "life",
  "counts",
  "half",
  "first",
  "a",
  "b",
  "c",
  "d",
] as const;

/** How fast a device has been: what it is given at once follows from it. */
export class Pace {
  #rate: number;

  /** @param rate floating-point operations a second that are assumed before any were timed. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Floating-point operations of a submission. */
  get portion(): number {
    return this.#rate * WANTED_SECONDS;
  }

  note(work: number, seconds: number): void {
    if (seconds > 0) this.#rate = Math.max(1e7, 0.5 * this.#rate + 0.5 * (work / seconds));
  }
}

export class Commands {
  readonly step: GPUBuffer;
  readonly #device: Device;
  readonly #pace: Pace;
  readonly #numbers = new Uint32Array(MOST_STEPS * STEP_WORDS);
  #steps = 0;
  /** Steps that this piece should have. */
  #wanted = FIRST_STEPS;
  /** Floating-point operations since the device was last waited for. */
  #work = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** What the pass has set. */
  #set: Readonly<{ pipeline?: GPUComputePipeline; group?: GPUBindGroup; offset?: number | undefined }> = {};
  /** When the last piece but one will be done. */
  #before: Promise<number> = Promise.resolve(0);

  constructor(device: Device, pace: Pace) {
    this.#device = device;
    this.#pace = pace;
    this.step = device.uniform(this.#numbers.byteLength);
  }

  /** Where a step's numbers will lie, for dispatches that follow. */
  stepOffset(fields: StepFields): number {
    const at = this.#steps * STEP_WORDS;
    FIELDS.forEach((name, i) => (this.#numbers[at + i] = fields[name] ?? 0));
    this.#steps++;
    return at * 4;
  }

  /** @param work its floating-point operations, about. */
  dispatch(
    pipeline: GPUComputePipeline,
    group: GPUBindGroup,
    offset: number | undefined,
    [x, y]: readonly [number, number],
    work = 0,
  ): void {
    this.#encoder ??= this.#device.encoder();
    if (!this.#pass) {
      this.#pass = this.#encoder.beginComputePass();
      this.#set = {};
    }
    if (this.#set.pipeline !== pipeline) this.#pass.setPipeline(pipeline);
    if (this.#set.group !== group || this.#set.offset !== offset) {
      this.#pass.setBindGroup(0, group, offset === undefined ? [] : [offset]);
    }
    this.#set = { pipeline, group, offset };
    this.#pass.dispatchWorkgroups(x, y);
    this.#device.counts.dispatches++;
    this.#work += work;
  }

  copy(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, size: number): void {
    if (size > 0) this.#copying().copyBufferToBuffer(from, fromOffset, to, toOffset, size);
  }

  clear(buffer: GPUBuffer, size: number): void {
    this.#copying().clearBuffer(buffer, 0, size);
  }

  /** Submits where enough has gathered; where that is all the device should have, waits until it is done with what came before. */
  async breathe(signal?: AbortSignal): Promise<void> {
    if (this.#work < this.#pace.portion) {
      if (this.#steps < this.#wanted) return;
      this.#wanted = Math.min(2 * this.#wanted, MOST_STEPS - 4);
      this.submit();
      return;
    }
    const work = this.#work;
    this.#work = 0;
    const began = performance.now();
    this.submit();
    const before = this.#before;
    this.#before = this.#device.idle().then(async () => {
      const now = performance.now();
      this.#pace.note(work, (now - Math.max(began, await before)) / 1000);
      return now;
    });
    this.#before.catch(() => {});
    await before;
    signal?.throwIfAborted();
  }

  submit(): void {
    this.#device.check();
    if (this.#steps > 0)
      this.#device.write(this.step, 0, this.#numbers.subarray(0, this.#steps * STEP_WORDS));
    this.#pass?.end();
    if (this.#encoder) this.#device.submit(this.#encoder);
    this.#pass = undefined;
    this.#encoder = undefined;
    this.#steps = 0;
  }

  /** Gives its buffer back; what was not submitted is dropped. */
  close(): void {
    this.#device.recycle(this.step);
  }

  #copying(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    this.#encoder ??= this.#device.encoder();
    return this.#encoder;
  }
}
