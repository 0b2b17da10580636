import { describe, expect, it } from "vitest";
import type { Target } from "../../data/image.ts";
import { fitGrowingConfig } from "./fit.ts";
import { validationOf } from "./coordinates.ts";
import { counted, resolveGrowingConfig } from "./config.ts";

/** An opaque bar, a cell of padding around it. */
function bar(height: number, width: number): Target {
  const grid = [height + 2, width + 2] as const;
  const data = new Float32Array(grid[0] * grid[1] * 4);
  for (let y = 1; y <= height; y++)
    for (let x = 1; x <= width; x++) data.set([1, 1, 1, 1], (y * grid[1] + x) * 4);
  return { grid, data };
}

const config = resolveGrowingConfig({ sets: ["target.coordinates=learned"] });

describe("fitGrowingConfig", () => {
  it("leaves a small picture its steps and rollouts", () => {
    const { training } = fitGrowingConfig(config, bar(10, 10));
    expect(training).toMatchObject({ steps: 6500, rollout: config.training.rollout, reach: null });
    expect(training.validation).toEqual({ ...config.training.validation, giveCoordinatesFrom: null });
  });

  it("says when coordinates are given where it is for the picture to say whether", () => {
    const [small, large] = [10, 2000].map((size) => fitGrowingConfig(resolveGrowingConfig(), bar(size, 5)));
    expect(small.training.validation?.giveCoordinatesFrom).toBe(4000);
    // Less than a broad rectangle, but with work for fewer steps.
    expect(large.training.validation?.giveCoordinatesFrom).toBeLessThan(4000);
  });

  it("gives a large one as many steps as its work allows", () => {
    // 2 samples of 56 steps, in which half of 40 x 40 cells fire.
    const ofStep = 2 * 56 * 1600 * 0.5;
    const { steps, validation } = fitGrowingConfig(config, bar(40, 40)).training;
    expect(steps).toBe(Math.round(292.5e6 / ofStep));
    expect(validation?.enough).toBe(Math.round(180e6 / ofStep));
    expect(fitGrowingConfig(config, bar(400, 400)).training.steps).toBe(400);
  });

  it("gives a far one longer rollouts, and more time to grow", () => {
    // 128 cells are 64 from the middle, twice as far as the default's rollouts are for.
    const { training } = fitGrowingConfig(config, bar(4, 128));
    expect(training.rollout).toEqual({ from: [64, 80], to: [96, 128], over: 300 });
    expect(training.validation?.steps).toEqual([192, 200, 1000]);
  });

  it("aims at less where cells are given coordinates, unless an aim is stated", () => {
    const aimOf = (sets: readonly string[]) =>
      validationOf(fitGrowingConfig(resolveGrowingConfig({ sets }), bar(10, 10)))?.aim;
    expect(aimOf([])).toBe(0.0003);
    expect(aimOf(["target.coordinates=learned"])).toBe(0.003);
    expect(aimOf(["training.validation.aim=0.01"])).toBe(0.01);
    expect(aimOf(["training.validation.aimWithCoordinates=0.02"])).toBe(0.02);
    const overrides = { training: counted(5, config) };
    const counting = fitGrowingConfig(resolveGrowingConfig({ overrides }), bar(10, 10));
    expect(validationOf(counting)?.aim).toBe(0);
  });

  it("leaves what it has made, and what says so, as it is", () => {
    const fitted = fitGrowingConfig(config, bar(40, 128));
    expect(fitGrowingConfig(fitted, bar(40, 128))).toEqual(fitted);
    const longer = resolveGrowingConfig({
      overrides: config,
      sets: ["training.steps=9000", "training.work=null", "training.reach=null"],
    });
    const validation = { ...longer.training.validation, giveCoordinatesFrom: null };
    expect(fitGrowingConfig(longer, bar(40, 128)).training).toEqual({ ...longer.training, validation });
  });
});
