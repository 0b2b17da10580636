import { describe, expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

/** Steps due in each of `frames` frames, 60 a second, of a machine that needs `cost` milliseconds for a step. */
function play(pacer: Pacer, frames: number, cost: number): number[] {
  return Array.from({ length: frames }, (_, frame) => {
    const steps = pacer.due((frame * 1000) / 60);
    if (steps > 0) pacer.took(steps, steps * cost);
    return steps;
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe("pacer", () => {
  it.each([1, 10, 60, 250, 1000])("makes %i steps in a second", (rate) => {
    const pacer = new Pacer();
    pacer.rate = rate;
    const steps = play(pacer, 2 * 60 + 1, 0.1).slice(61);
    // A second begins and ends between two steps, so that one may fall to either side.
    expect(Math.abs(sum(steps) - rate)).toBeLessThanOrEqual(1);
    expect(Math.max(...steps)).toBe(Math.ceil(rate / 60));
  });

  it("makes one step each frame, though frames come a little early and late", () => {
    const pacer = new Pacer();
    const frames = Array.from({ length: 30 }, (_, frame) => (frame * 1000) / 60 + (frame % 3) * 2);
    expect(frames.map((now) => pacer.due(now)).slice(1)).toEqual(Array.from({ length: 29 }, () => 1));
  });

  it("gives slices of 8 milliseconds when as much as possible is asked for", () => {
    const pacer = new Pacer();
    pacer.rate = Infinity;
    const steps = play(pacer, 20, 0.25);
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(31);
    expect(pacer.behind).toBe(true);
  });

  it("never gives more than a slice, but always a step, and forgets what cannot be made up for", () => {
    const pacer = new Pacer();
    pacer.rate = 1000;
    expect(play(pacer, 30, 20).slice(1)).toEqual(Array.from({ length: 29 }, () => 1));
    pacer.rate = 10;
    expect(pacer.due(1000)).toBe(1);
    expect(pacer.due(1000)).toBe(1);
    expect(pacer.due(1000)).toBe(0);
  });

  it("is not caught in debt after a long sleep", () => {
    const pacer = new Pacer();
    pacer.due(0);
    pacer.took(1, 0.1);
    pacer.took(1, 0.1);
    pacer.took(1, 0.1);
    pacer.took(1, 0.1);
    expect(pacer.due(60_000) + pacer.due(60_000)).toBe(15);
    pacer.rest();
    expect(pacer.due(120_000)).toBe(0);
  });

  it("does not believe a clock that stood still", () => {
    const pacer = new Pacer();
    pacer.rate = Infinity;
    for (let i = 0; i < 50; i++) pacer.took(pacer.due(i), 0);
    expect(pacer.due(50)).toBeLessThan(Infinity);
  });
});
