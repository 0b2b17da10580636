import type { State, StateReading, StateStats } from "../../engine.ts";
import { type Grid, stateSize, wholeBox } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { countLiving } from "../../step/masks.ts";
import { DISPOSED } from "../states.ts";
import type { Device, Extract, SharedBuffer } from "./device.ts";
import { unpadState } from "./plan.ts";
import { padded } from "./sizes.ts";

/** A part of a buffer on the device: a state's numbers, channels padded to vectors of four. */
export class DeviceState implements State {
  readonly grid: Grid;
  readonly channels: number;
  readonly device: Device;
  readonly #rule: Rule;
  readonly #offset: number;
  #held: SharedBuffer | undefined;
  /** Set by whoever knows it. */
  livingCells: number | undefined;

  /** @param held is this state's to release. @param offset in bytes. */
  constructor(device: Device, rule: Rule, grid: Grid, held: SharedBuffer, offset: number) {
    this.device = device;
    this.grid = grid;
    this.channels = rule.channels;
    this.#rule = rule;
    this.#held = held;
    this.#offset = offset;
  }

  /** Where its numbers are. @throws Error once it was disposed of. */
  get extract(): Extract {
    if (!this.#held) throw new Error(DISPOSED);
    const size = stateSize({ channels: padded(this.channels) }, this.grid) * 4;
    return { buffer: this.#held.buffer, offset: this.#offset, size };
  }

  async read(): Promise<Float32Array> {
    const [numbers] = await this.device.read([this.extract]);
    return unpadState(this.channels, new Float32Array(numbers));
  }

  async readWindow(): Promise<StateReading> {
    const data = await this.read();
    return this.readingOf(data);
  }

  readingOf(data: Float32Array): StateReading {
    this.livingCells ??= countLiving(this.#rule, data);
    return { ...wholeBox(this.grid), data, livingCells: this.livingCells };
  }

  async stats(): Promise<StateStats> {
    if (!this.#held) throw new Error(DISPOSED);
    const livingCells = this.livingCells ?? (await this.readWindow()).livingCells;
    return { box: wholeBox(this.grid), livingCells };
  }

  share(): DeviceState {
    if (!this.#held) throw new Error(DISPOSED);
    const other = new DeviceState(this.device, this.#rule, this.grid, this.#held.hold(), this.#offset);
    other.livingCells = this.livingCells;
    return other;
  }

  dispose(): void {
    this.#held?.release();
    this.#held = undefined;
  }
}
