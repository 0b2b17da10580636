import { describe, expect, it } from "vitest";
import { StepScheduler } from "./stepScheduler.ts";

/** Steps due in each of `frames` frames, 60 a second, of a machine that needs `cost` milliseconds for a step. */
function play(scheduler: StepScheduler, frames: number, cost: number): number[] {
  return Array.from({ length: frames }, (_, frame) => {
    const steps = scheduler.due((frame * 1000) / 60);
    if (steps > 0) scheduler.took(steps, steps * cost);
    return steps;
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe("step scheduler", () => {
  it.each([1, 10, 60, 250, 1000])("makes %i steps in a second", (rate) => {
    const scheduler = new StepScheduler();
    scheduler.rate = rate;
    const steps = play(scheduler, 2 * 60 + 1, 0.1).slice(61);
    // A second begins and ends between two steps, so that one may fall to either side.
    expect(Math.abs(sum(steps) - rate)).toBeLessThanOrEqual(1);
    expect(Math.max(...steps)).toBe(Math.ceil(rate / 60));
  });

  it("makes one step each frame, though frames come a little early and late", () => {
    const scheduler = new StepScheduler();
    const frames = Array.from({ length: 30 }, (_, frame) => (frame * 1000) / 60 + (frame % 3) * 2);
    expect(frames.map((now) => scheduler.due(now)).slice(1)).toEqual(Array.from({ length: 29 }, () => 1));
  });

  it("gives slices of 8 milliseconds when as much as possible is asked for", () => {
    const scheduler = new StepScheduler();
    scheduler.rate = Infinity;
    const steps = play(scheduler, 20, 0.25);
    expect(steps[0]).toBe(1);
    expect(steps.at(-1)).toBe(31);
    expect(scheduler.behind).toBe(true);
  });

  it("never gives more than a slice, but always a step, and drops what cannot be caught up on", () => {
    const scheduler = new StepScheduler();
    scheduler.rate = 1000;
    expect(play(scheduler, 30, 20).slice(1)).toEqual(Array.from({ length: 29 }, () => 1));
    scheduler.rate = 10;
    expect(scheduler.due(1000)).toBe(1);
    expect(scheduler.due(1000)).toBe(1);
    expect(scheduler.due(1000)).toBe(0);
  });

  it("drops most of the backlog of a long sleep", () => {
    const scheduler = new StepScheduler();
    scheduler.due(0);
    scheduler.took(1, 0.1);
    scheduler.took(1, 0.1);
    scheduler.took(1, 0.1);
    scheduler.took(1, 0.1);
    expect(scheduler.due(60_000) + scheduler.due(60_000)).toBe(15);
    scheduler.reset();
    expect(scheduler.due(120_000)).toBe(0);
  });

  it("is not misled by a clock that stood still", () => {
    const scheduler = new StepScheduler();
    scheduler.rate = Infinity;
    for (let i = 0; i < 50; i++) scheduler.took(scheduler.due(i), 0);
    expect(scheduler.due(50)).toBeLessThan(Infinity);
  });
});
