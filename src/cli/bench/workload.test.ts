import { describe, expect, it } from "vitest";
import { createEngine } from "../../node/engine.ts";
import { cropState } from "../../engine/window.ts";
import { trainingSteps } from "./timed.ts";
import { benchWorkload, SEED, trainingFlopsPerCell } from "./workload.ts";

describe("benchWorkload", () => {
  it("is a disc of radius 14, the same wherever it lies", () => {
    const small = benchWorkload({ grid: [40, 40], batch: 2 });
    const large = benchWorkload({ grid: [60, 90], batch: 2 });
    for (const sample of [0, 1]) {
      const window = cropState(small.states[sample], small.grid, 16);
      expect(window).toMatchObject({ top: 6, left: 6, height: 28, width: 28 });
      expect(cropState(large.states[sample], large.grid, 16)).toEqual({ ...window, top: 16, left: 31 });
    }
    expect(small.states[0]).not.toEqual(small.states[1]);
    expect(small.target.some((value) => value > 0)).toBe(true);
  });

  it("neither grows nor dies, nor leaves the range of pictures", async () => {
    const engine = await createEngine({ threads: 0 });
    const workload = benchWorkload({ batch: 1 });
    const rollout = await engine.rollout({ ...workload, seed: SEED });
    const { final } = rollout;
    const { cellUpdates } = await rollout.stats();
    // 616 cells lie nearer than 14 to the middle of four cells; with their neighbours they are 732.
    expect((await final[0].stats()).livingCells).toBe(616);
    // Half of 732 cells in each of 80 steps, give or take five standard deviations of the coin.
    expect(Math.abs(cellUpdates - 80 * 366)).toBeLessThan(5 * Math.sqrt((80 * 732) / 4));
    const state = await final[0].read();
    expect(Math.max(...state.map(Math.abs))).toBeLessThan(3);
    await engine.dispose();
  });

  it("keeps every cell alive where the pattern is full", () => {
    const { states, rule } = benchWorkload({ grid: [5, 7], batch: 1, pattern: "full" });
    for (let cell = 0; cell < 35; cell++) {
      expect(states[0][cell * 16 + rule.alive.channel]).toBeGreaterThanOrEqual(0.5);
    }
  });

  it("counts the operations of the products", () => {
    // 48 x 128 and 128 x 16 weights, a multiplication and an addition each, once forward and twice backward.
    expect(trainingFlopsPerCell(benchWorkload({ batch: 1 }).rule)).toBe(2 * (48 * 128 + 128 * 16) * 3);
  });
});

describe("trainingSteps", () => {
  it("repeats the same work on the same parameters", async () => {
    const engine = await createEngine({ threads: 0 });
    const step = await trainingSteps(
      engine,
      benchWorkload({ grid: [40, 40], batch: 2, steps: 4, fireRate: 1 }),
    );
    const [first, second] = [await step(), await step()];
    expect(first).toMatchObject({ step: 0, cellUpdates: 732 * 2 * 4 });
    expect(first.gradientNorm).toBeGreaterThan(0);
    expect(second).toMatchObject({
      step: 1,
      loss: first.loss,
      gradientNorm: first.gradientNorm,
      cellUpdates: first.cellUpdates,
    });
    await engine.dispose();
  });
});
