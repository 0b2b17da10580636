import { describe, expect, it } from "vitest";
import type { StateWindow } from "../../engine/window.ts";
import { STREAM, uniformInteger } from "../../random.ts";
import type { Plane } from "../../rule/grid.ts";
import { Buffer } from "./buffer.ts";

const GRID: Plane = [2, 2];
const start = new Float32Array(8).fill(-1);

/** A state whose first number tells it from others. */
function state(number: number): StateWindow {
  return { top: 0, left: 0, height: 1, width: 1, data: Float32Array.of(number, 0.5) };
}

function bufferOf(size: number, reseed = 0): Buffer {
  return new Buffer({ settings: { size, reseed }, grid: GRID, channels: 2, start });
}

/** What tells the states of a draw from each other. */
function numbers(drawn: ReturnType<Buffer["draw"]>): number[] {
  return drawn.states.map((each) => (each instanceof Float32Array ? each[0] : NaN));
}

describe("Buffer", () => {
  it("gives seeds while nothing was written", () => {
    expect(bufferOf(3).draw(2, 0, 0)).toEqual({ states: [start, start], goals: [0, 0] });
  });

  it("gives whole states", () => {
    const buffer = bufferOf(3);
    buffer.write(state(7), 1);
    expect(buffer.draw(1, 0, 0).states).toEqual([Float32Array.of(7, 0.5, 0, 0, 0, 0, 0, 0)]);
  });

  it("draws only what was written, by the hash of step and sample", () => {
    const buffer = bufferOf(100);
    for (let i = 0; i < 5; i++) buffer.write(state(i), 0);
    expect(buffer.count).toBe(5);
    for (let step = 0; step < 20; step++) {
      const expected = [0, 1, 2, 3].map((i) => uniformInteger(0, 4, 9, STREAM.pool, step, i));
      expect(numbers(buffer.draw(4, 9, step))).toEqual(expected);
    }
  });

  it("draws each about as often as any other", () => {
    const buffer = bufferOf(10);
    for (let i = 0; i < 10; i++) buffer.write(state(i), 0);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let step = 0; step < 1000; step++) for (const n of numbers(buffer.draw(8, 1, step))) counts[n]++;
    // 800 expected of each with a standard deviation of 27: more than four of those.
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(120);
  });

  it("overwrites the oldest", () => {
    const buffer = bufferOf(3);
    for (let i = 0; i < 5; i++) buffer.write(state(i), 0);
    expect(buffer.count).toBe(3);
    const seen = new Set(Array.from({ length: 50 }, (_, step) => numbers(buffer.draw(3, 0, step))).flat());
    expect([...seen].toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
  });

  it("starts the samples of highest error from the seed", () => {
    const buffer = bufferOf(8, 2);
    for (let i = 0; i < 8; i++) buffer.write(state(i), i === 3 ? NaN : i);
    for (let step = 0; step < 20; step++) {
      const without = Array.from({ length: 4 }, (_, i) => uniformInteger(0, 7, 0, STREAM.pool, step, i));
      const worst = without
        .map((n, sample) => ({ sample, error: n === 3 ? Infinity : n }))
        .toSorted((a, b) => b.error - a.error)
        .slice(0, 2)
        .map(({ sample }) => sample);
      const expected = without.map((n, sample) => (worst.includes(sample) ? -1 : n));
      expect(numbers(buffer.draw(4, 0, step))).toEqual(expected);
    }
  });

  it("is the same after being saved and restored, whether full or not", async () => {
    for (const count of [2, 7]) {
      const buffer = bufferOf(4, 1);
      for (let i = 0; i < count; i++) buffer.write(state(i), i);
      const again = bufferOf(4, 1);
      again.restore(await buffer.save());
      for (const each of [buffer, again]) each.write(state(50), 0.5);
      for (let step = 0; step < 10; step++) expect(again.draw(3, 0, step)).toEqual(buffer.draw(3, 0, step));
    }
  });

  it("refuses what is not its own, and stays as it is", async () => {
    const large = bufferOf(5);
    for (let i = 0; i < 5; i++) large.write(state(i), i);
    const snapshot = await large.save();
    const small = bufferOf(4);
    small.write(state(9), 0);
    expect(() => small.restore(snapshot)).toThrow("this checkpoint has no buffer of 4 states");
    expect(() => small.restore({ meta: { next: 3 }, tensors: {} })).toThrow("no buffer of 4 states");
    const { windows: _, ...rest } = snapshot.tensors;
    expect(() => bufferOf(5).restore({ ...snapshot, tensors: rest })).toThrow("no buffer of 5 states");
    expect(numbers(small.draw(2, 0, 0))).toEqual([9, 9]);
  });
});
