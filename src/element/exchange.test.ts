/** One model after the other on the same cells, and models on other grids than their own. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomParameters, drawing } from "../conformance/scenario.ts";
import type { Engine, Graft } from "../engine.ts";
import { createWasmEngine } from "../engine/wasm/engine.ts";
import type { Model } from "../model/model.ts";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { seedState } from "../model/seed.ts";
import { Simulation } from "./simulation.ts";

const conventions: PictureRule = { ...picturePresets.distill, hidden: [8] };
const grid = [14, 11] as const;

function model(seed: number, change: Partial<PictureRule> = {}): Model {
  const own = splitRule({ ...conventions, ...change });
  return { ...own, parameters: randomParameters(own.rule, drawing(seed)), provenance: { grid } };
}

function fail(error: unknown): never {
  expect.fail(String(error));
}

async function make(simulation: Simulation, steps: number): Promise<Float32Array> {
  for (let i = 0; i < steps; i++) simulation.step();
  await simulation.frame();
  return simulation.read();
}

describe("a simulation whose model is exchanged", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createWasmEngine();
  });
  afterAll(() => engine.dispose());

  const play = (first: Model, graft?: Graft) =>
    new Simulation({ engine, model: first, graft, onError: fail });

  async function rollout(
    { rule: own, parameters }: Model,
    state: Float32Array,
    steps: number,
    firstStep: number,
    more: { graft?: Graft; inputs?: Float32Array[] } = {},
  ): Promise<Float32Array> {
    const request = { rule: own, parameters, grid, states: [state], steps, firstStep, seed: 0, ...more };
    const { final } = await engine.rollout(request);
    return final[0].read();
  }

  it("continues from the cells as they are, by the other's rule and parameters", async () => {
    // The rules may differ in everything but the channels.
    const second = model(2, { hidden: [5], kernels: ["identity", "laplacian"], fireRate: 0.7, inputSize: 2 });
    const simulation = play(model(1));
    const before = await make(simulation, 6);
    const { revision } = simulation;
    simulation.exchange(second);
    expect(await simulation.read()).toEqual(before);
    expect(simulation.steps).toBe(6);
    expect(simulation.revision).toBe(revision + 1);
    expect(simulation.input).toEqual(new Float32Array(2));
    const inputs = [new Float32Array(2)];
    expect(await make(simulation, 5)).toEqual(await rollout(second, before, 5, 6, { inputs }));
    simulation.input = Float32Array.of(1, -1);
    simulation.exchange({ ...second, parameters: second.parameters.slice() });
    expect([...simulation.input]).toEqual([1, -1]);
  });

  it("takes guest models, keeps them or drops them, as asked", async () => {
    const [first, second, third] = [1, 2, 3].map((seed) => model(seed));
    const simulation = play(first);
    const before = await make(simulation, 6);
    expect(simulation.graft).toBeUndefined();
    const cells = Uint8Array.from({ length: 14 * 11 }, (_, cell) => (cell % 11 > 5 ? 1 : 0));
    const graft = { parameters: [second.parameters], cells };
    simulation.exchange(first, graft);
    expect(simulation.graft).toBeDefined();
    const both = await make(simulation, 4);
    expect(both).toEqual(await rollout(first, before, 4, 6, { graft }));
    expect(both).not.toEqual(await rollout(first, before, 4, 6));

    simulation.paint({ x: 0, y: 0 }, { x: 0, y: 0 }, 1, 1);
    simulation.exchange(third, { ...graft, cells: simulation.membership });
    expect([...simulation.membership]).toEqual(Array.from(cells.with(0, 1)));
    simulation.exchange(third);
    expect(simulation.graft).toBeUndefined();
    expect(simulation.membership.some((cell) => cell !== 0)).toBe(false);
    // The old name.
    expect(simulation.tissue).toBe(simulation.membership);
    expect(await make(simulation, 3)).toEqual(await rollout(third, both, 3, 10));
  });

  it("stays as it is where channels mean something else to the other", async () => {
    const simulation = play(model(1));
    const narrow = model(2, { channels: 12, seed: { from: 3, to: 12 } });
    const message = "one model cannot take over the other's cells: channels is 16 in one and 12 in the other";
    expect(() => simulation.exchange(narrow)).toThrow(new RangeError(message));
    expect(await make(simulation, 4)).toEqual(await rollout(model(1), seedState(model(1), grid), 4, 0));
  });

  it("stays as it is where the graft is of another grid", async () => {
    const simulation = play(model(1));
    const graft = { parameters: [model(3).parameters], cells: new Uint8Array(7).fill(1) };
    const message = "the graft names 7 cells; the grid has 14 x 11";
    expect(() => simulation.exchange(model(2), graft)).toThrow(new RangeError(message));
    expect(simulation.membership.some((cell) => cell !== 0)).toBe(false);
    expect(await make(simulation, 4)).toEqual(await rollout(model(1), seedState(model(1), grid), 4, 0));
  });

  it("keeps the input where it is of the same kind, and else begins with the other's own", () => {
    const three = model(1, { inputSize: 3 });
    const conditional = (provenance: Partial<Model["provenance"]>): Model => ({
      ...three,
      provenance: { grid, ...provenance },
    });
    const goals = conditional({ goals: [{}, {}, {}] });
    const latent = conditional({ latent: { mean: [0.5, -1, 2], deviation: [1, 1, 1] } });
    const simulation = play(goals);
    simulation.input = Float32Array.of(0, 0.5, 0.5);
    simulation.exchange(conditional({ goals: [{ target: "another" }, {}, {}] }));
    expect([...simulation.input]).toEqual([0, 0.5, 0.5]);
    simulation.exchange(latent);
    expect([...simulation.input]).toEqual([0.5, -1, 2]);
    simulation.exchange(goals);
    expect([...simulation.input]).toEqual([1, 0, 0]);
    simulation.exchange(conditional({}));
    expect([...simulation.input]).toEqual([0, 0, 0]);
  });

  it("begins on another grid, from the seeds it is given", async () => {
    const larger = [28, 33] as const;
    const seeds = [
      [7, 5],
      [20, 27],
    ] as const;
    const simulation = new Simulation({ engine, model: model(1), grid: larger, seeds, onError: fail });
    expect(simulation.grid).toEqual(larger);
    expect(simulation.membership).toHaveLength(28 * 33);
    await make(simulation, 3);
    simulation.reset();
    const state = await simulation.read();
    const seeded = [...state.keys()].filter((i) => i % 16 === 3 && state[i] === 1).map((i) => i >> 4);
    expect(seeded).toEqual(seeds.map(([row, column]) => row * 33 + column));
  });
});
