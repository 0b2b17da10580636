import { createWasmEngine, type Engine, startState } from "neoblast";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorsOf } from "../compare.ts";
import { curveOf } from "./chart.ts";
import { type Health, healthAfter, healthAfterCut } from "./healing.ts";
import { type Recipe, trainerOf } from "./job.ts";
import { newborn } from "./newborn.ts";
import { drawn, pictureNames, SIDE } from "./pictures.ts";

const GRID = [SIDE, SIDE] as const;
let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine({ threads: 0, kernels: "strict" });
});
afterAll(() => engine.dispose());

async function losses(recipe: Recipe, steps: number) {
  const trainer = trainerOf(engine, drawn("heart"), recipe, 3);
  const all: number[] = [];
  for await (const { loss } of trainer) if (all.push(loss) === steps) break;
  return { all, pool: trainer.remembered(36) };
}

const average = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;

describe("the small training", () => {
  it("has pictures that can grow from the middle, all in one piece of 12 x 12", () => {
    for (const name of pictureNames) {
      const picture = drawn(name);
      const opaque = (row: number, column: number) => picture[(row * SIDE + column) * 4 + 3];
      expect(opaque(SIDE / 2, SIDE / 2)).toBe(1);
      for (let i = 0; i < SIDE; i++) {
        for (const edge of [0, 1, 2, SIDE - 3, SIDE - 2, SIDE - 1]) {
          expect(opaque(edge, i) + opaque(i, edge)).toBe(0);
        }
      }
    }
  });

  it("begins with as many numbers as the chapter says, that do nothing", async () => {
    const model = newborn(1);
    expect(model.parameters).toHaveLength(3148);
    const seed = startState(model, GRID);
    const request = { ...model, grid: GRID, states: [seed], steps: 5, seed: 0 };
    const { final } = await engine.rollout(request);
    expect(await final[0].read()).toEqual(seed);
  });

  it("learns from the seed", async () => {
    const { all } = await losses("seed", 160);
    expect(average(all.slice(-20))).toBeLessThan(0.6 * average(all.slice(0, 5)));
  });

  it.each([
    ["seed", 0],
    ["pool", 36],
    ["damage", 36],
  ] as const)("by the recipe %s returns to %i states", async (recipe, size) => {
    const { all, pool } = await losses(recipe, 2);
    expect(all.every(Number.isFinite)).toBe(true);
    expect(pool).toHaveLength(size);
  });
});

it("the error is the mean of squares, cell by cell and of all", () => {
  const { rule, readout } = newborn(0);
  const state = new Float32Array(2 * rule.channels);
  state.set([1, 0, 0.5, 1], rule.channels);
  const { cells, mean } = errorsOf({ rule, readout }, state, Float32Array.of(1, 1, 1, 1, 1, 0, 0.5, 0));
  expect([...cells]).toEqual([1, 0.25]);
  expect(mean).toBe(0.625);
});

/** What becomes of an automaton with these errors, one after the other, and cuts between them. */
const course = (...events: readonly (number | "cut")[]) =>
  events.reduce<Health>(
    (health, event) => (event === "cut" ? healthAfterCut(health) : healthAfter(health, event)),
    "young",
  );

describe("healing", () => {
  it("is to be good, cut, and good again", () => {
    expect(course(0.1, 0.002, "cut", 0.05, 0.03, 0.002)).toBe("healed");
    expect(course(0.1, 0.002, "cut", 0.05, 0.002, "cut", 0.05)).toBe("wounded");
  });

  it("is not to get good after it was cut young, nor to get worse and better without a cut", () => {
    expect(course(0.1, "cut", 0.002, 0.05, 0.002)).toBe("stands");
    expect(course(0.002, 0.05, 0.002)).toBe("stands");
  });

  it("takes a wound that shows", () => {
    expect(course(0.002, "cut", 0.006, 0.002)).toBe("cut");
  });
});

describe("the curve of losses", () => {
  it("has means of the last steps, without those that were skipped", () => {
    expect(curveOf([4, 2, NaN, 3])).toEqual([
      [1, 2, 3, 4],
      [4, 3, 3, 3],
    ]);
    expect(curveOf([])).toEqual([[], []]);
  });

  it("has at most 400 points, over the last twenty steps each", () => {
    const [steps, means] = curveOf(Array.from({ length: 1000 }, (_, i) => i));
    expect(steps).toHaveLength(333);
    expect([steps.at(-1), means.at(-1)]).toEqual([999, 988.5]);
  });
});
