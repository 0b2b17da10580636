import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, RolloutRequest } from "../engine.ts";
import { WindowState } from "../engine/states.ts";
import { createWasmEngine } from "../engine/wasm/engine.ts";
import { type Model, modelPlane } from "../model/model.ts";
import { STREAM, uniform } from "../random.ts";
import { parameterCount } from "../rule/parameters.ts";
import { splitRule } from "../model/pictureRule.ts";
import { picturePresets } from "../model/presets.ts";
import { wholeBox } from "../rule/grid.ts";
import { plantSeed, seedState } from "../model/seed.ts";
import { plantSeeds, startState, turnedStart } from "../model/start.ts";
import { Simulation } from "./simulation.ts";

const conventions = splitRule({ ...picturePresets.distill, hidden: [8] });
const { rule } = conventions;
const parameters = Float32Array.from(
  { length: parameterCount(rule) },
  (_, i) => 0.4 * uniform(2, STREAM.data, 0, i) - 0.2,
);
const model: Model = { ...conventions, parameters, provenance: { grid: [16, 12] } };

/**
 * An engine whose steps add 1 to the first number of the state and take `cost` milliseconds of a clock of its own.
 * Rollouts wait for `gate`.
 */
function countingEngine(cost: number) {
  const world = { time: 0, gate: Promise.resolve(), requests: [] as RolloutRequest[] };
  const engine: Engine = {
    name: "reference",
    build: "counting",
    declines: () => undefined,
    read: (states) => Promise.all(states.map((state) => state.readWindow())),
    async rollout(request) {
      world.requests.push(request);
      await world.gate;
      const [given] = request.states;
      const state = given instanceof Float32Array ? given.slice() : await given.read();
      const steps = Number(request.steps);
      state[0] += steps;
      world.time += steps * cost;
      const reading = { ...wholeBox(request.grid), data: state, livingCells: 1 };
      const final = new WindowState(request.grid, 16, reading);
      return {
        final: [final],
        stats: async () => ({ cellUpdates: 0, compared: [] }),
        kept: () => final,
        backward: () => Promise.reject(new Error("not recorded")),
        dispose: () => undefined,
      };
    },
    dispose: async () => undefined,
  };
  return { world, engine };
}

function counting(cost = 1) {
  const { world, engine } = countingEngine(cost);
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const simulation = new Simulation({ engine, model, onError, clock: () => world.time });
  return { world, engine, simulation, errors };
}

function fail(error: unknown): never {
  expect.fail(String(error));
}

function gate(): { promise: Promise<void>; open: () => void } {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

/** Channels 14 and 15 of all cells of sixteen channels. */
async function places(state: Float32Array | Promise<Float32Array>): Promise<Float32Array> {
  return (await state).filter((_, i) => i % 16 >= 14);
}

describe("simulation", () => {
  let wasm: Engine;
  beforeAll(async () => {
    wasm = await createWasmEngine();
  });
  afterAll(() => wasm.dispose());

  it("in pieces equals one unbroken rollout", async () => {
    const simulation = new Simulation({ engine: wasm, model, onError: fail });
    for (let i = 0; i < 9; i++) {
      simulation.step();
      if (i % 3 === 2) await simulation.frame();
    }
    expect(simulation.steps).toBe(9);
    const { grid } = model.provenance;
    const { final } = await wasm.rollout({
      rule,
      grid,
      parameters,
      states: [seedState(model, grid)],
      steps: 9,
      seed: 0,
    });
    const state = await simulation.read();
    expect(state).toEqual(await final[0].read());
    expect((await final[0].stats()).livingCells).toBeGreaterThan(9);
  });

  it("gives the cells the current input, without beginning again", async () => {
    const conditionalRule = { ...rule, inputSize: 2 };
    const conditional: Model = {
      ...model,
      rule: conditionalRule,
      parameters: Float32Array.from(
        { length: parameterCount(conditionalRule) },
        (_, i) => 0.4 * uniform(2, STREAM.data, 0, i) - 0.2,
      ),
    };
    const { grid } = conditional.provenance;
    const simulation = new Simulation({ engine: wasm, model: conditional, onError: fail });
    expect(simulation.input).toEqual(new Float32Array(2));
    const steps = async (count: number) => {
      for (let i = 0; i < count; i++) simulation.step();
      await simulation.frame();
    };
    await steps(4);
    simulation.input = Float32Array.of(1, -0.5);
    await steps(5);
    const rollout = async (state: Float32Array, input: Float32Array, count: number, firstStep: number) => {
      const { final } = await wasm.rollout({
        rule: conditionalRule,
        grid,
        parameters: conditional.parameters,
        states: [state],
        inputs: [input],
        steps: count,
        seed: 0,
        firstStep,
      });
      return final[0].read();
    };
    const middle = await rollout(seedState(model, grid), new Float32Array(2), 4, 0);
    expect(await simulation.read()).toEqual(await rollout(middle, Float32Array.of(1, -0.5), 5, 4));
    expect(await simulation.read()).not.toEqual(await rollout(middle, new Float32Array(2), 5, 4));
    expect(simulation.steps).toBe(9);
  });

  it("does nothing while it is paused, and makes one step when asked", async () => {
    const { world, simulation } = counting();
    world.time = 5000;
    await simulation.frame();
    expect(world.requests).toHaveLength(0);
    simulation.playing = true;
    simulation.step();
    expect(simulation.playing).toBe(false);
    await simulation.frame();
    await simulation.frame();
    expect(simulation.steps).toBe(1);
  });

  it("follows the rate", async () => {
    const { world, simulation } = counting(0.1);
    simulation.playing = true;
    simulation.rate = 120;
    for (let frame = 0; frame <= 60; frame++) {
      world.time = (frame * 1000) / 60;
      await simulation.frame();
    }
    expect(Math.abs(simulation.steps - 120)).toBeLessThanOrEqual(1);
  });

  it("as fast as possible works on between frames, in short pieces, until no frame comes", async () => {
    const { world, simulation } = counting(0.1);
    simulation.playing = true;
    simulation.rate = Infinity;
    await simulation.frame();
    // 100 ms of waiting for a frame, at 0.1 ms a step, and the piece that was under way.
    expect(simulation.steps).toBeGreaterThanOrEqual(1000);
    expect(simulation.steps).toBeLessThanOrEqual(1080);
    expect(Math.max(...world.requests.map(({ steps }) => Number(steps)))).toBeLessThanOrEqual(80);
    const steps = world.requests.map((request) => request.firstStep);
    expect(steps).toEqual(steps.toSorted((a, b) => a! - b!));
  });

  it("runs one rollout at a time, and edits wait for it", async () => {
    const { world, simulation } = counting();
    const { promise, open } = gate();
    world.gate = promise;
    simulation.step();
    const work = simulation.frame();
    simulation.erase({ x: 0, y: 0 }, { x: 0, y: 0 }, 2);
    simulation.step();
    void simulation.frame();
    expect(world.requests).toHaveLength(1);
    open();
    await work;
    expect((await simulation.read())[0]).toBe(1);
    await simulation.frame();
    expect((await simulation.read())[0]).toBe(1);
    expect(simulation.steps).toBe(2);
  });

  it("takes edits while it is paused, without a step", async () => {
    const { world, simulation } = counting();
    const { revision } = simulation;
    simulation.plant({ x: 11.9, y: -3 });
    await simulation.frame();
    const state = await simulation.read();
    expect([...state.subarray(11 * 16, 12 * 16)]).toEqual([0, 0, 0, ...Array.from({ length: 13 }, () => 1)]);
    expect(simulation.steps).toBe(0);
    expect(simulation.revision).toBeGreaterThan(revision);
    expect(world.requests).toHaveLength(0);
  });

  it("forgets the rollout in flight, and what waits for it, on a reset; then takes another course", async () => {
    const { world, simulation } = counting();
    const { promise, open } = gate();
    world.gate = promise;
    simulation.step();
    const work = simulation.frame();
    simulation.plant({ x: 1, y: 1 });
    simulation.step();
    simulation.reset();
    open();
    await work;
    await simulation.frame();
    expect(simulation.steps).toBe(0);
    expect(await simulation.read()).toEqual(seedState(model, model.provenance.grid));
    simulation.step();
    await simulation.frame();
    expect(world.requests.map(({ seed, firstStep }) => [seed, firstStep])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it("begins from all its seeds, again after a reset", async () => {
    const { engine } = countingEngine(1);
    const seeds = [
      [2, 3],
      [15, 11],
    ] as const;
    const simulation = new Simulation({ engine, model, seeds, onError: () => undefined });
    const expected = seedState(model, model.provenance.grid, seeds[0]);
    plantSeed(expected, model, model.provenance.grid, seeds[1]);
    expect(await simulation.read()).toEqual(expected);
    simulation.erase({ x: 3, y: 2 }, { x: 3, y: 2 }, 4);
    await simulation.frame();
    expect(await simulation.read()).not.toEqual(expected);
    simulation.reset();
    expect(await simulation.read()).toEqual(expected);
  });

  it("erases and cuts cells, but for what is of their place", async () => {
    const pictures = {
      grid: [16, 12],
      offset: 14,
      channels: 2,
      data: [new Float32Array(16 * 12 * 2).fill(0.5)],
    } as const;
    const placed = { ...model, rule: { ...rule, pinned: [14, 15] }, start: { ...model.start, pictures } };
    const { engine } = countingEngine(1);
    const simulation = new Simulation({ engine, model: placed, onError: fail });
    simulation.erase({ x: 0, y: 8 }, { x: 12, y: 8 }, 30);
    simulation.damage("half-left");
    await simulation.frame();
    const expected = startState(placed, [16, 12]).map((value, i) => (i % 16 < 14 ? 0 : value));
    expect(await simulation.read()).toEqual(expected);
  });

  it("plants all seeds of a model: at first, after a reset, and around a place, as many as fit", async () => {
    const start = {
      ...model.start,
      seeds: [
        [0, 0],
        [-3, 4],
      ],
    } as const;
    const { engine } = countingEngine(1);
    const simulation = new Simulation({ engine, model: { ...model, start }, onError: fail });
    const grid = modelPlane(model);
    const expected = startState({ ...model, start }, grid);
    expect(await simulation.read()).toEqual(expected);
    simulation.plant({ x: 9.5, y: 14.5 });
    simulation.plant({ x: 1.5, y: 4.5 });
    await simulation.frame();
    plantSeed(expected, model, grid, [14, 9]);
    plantSeed(expected, model, grid, [4, 1]);
    plantSeed(expected, model, grid, [1, 5], 1);
    expect(await simulation.read()).toEqual(expected);
    simulation.reset();
    expect(await simulation.read()).toEqual(startState({ ...model, start }, grid));
    simulation.start = turnedStart(start, 90);
    simulation.reset();
    expect(await simulation.read()).toEqual(
      startState(
        {
          ...model,
          start: {
            ...start,
            seeds: [
              [0, 0],
              [-4, -3],
            ],
          },
        },
        grid,
      ),
    );
    simulation.exchange(model);
    simulation.reset();
    expect(await simulation.read()).toEqual(seedState(model, grid));
  });

  it("lays coordinates where it plants, and turns those of cells that are there", async () => {
    const coordinates = {
      channels: [14, 15],
      box: { top: -2, left: -3, height: 4, width: 7 },
      unit: 3,
    } as const;
    const told: Model = {
      ...model,
      rule: { ...model.rule, pinned: [14, 15] },
      start: { ...model.start, coordinates },
    };
    const { engine } = countingEngine(1);
    const grid = modelPlane(told);
    const simulation = new Simulation({ engine, model: told, onError: fail });
    const planted = startState(told, grid);
    simulation.erase({ x: 0, y: grid[0] / 2 }, { x: grid[1], y: grid[0] / 2 }, grid[0]);
    await simulation.frame();
    expect(await places(simulation.read())).toEqual(await places(planted));
    simulation.start = turnedStart(told.start, 30);
    await simulation.frame();
    const turned = startState({ ...told, start: turnedStart(told.start, 30) }, grid);
    expect(await places(simulation.read())).toEqual(await places(turned));
    expect(await places(turned)).not.toEqual(await places(planted));
    simulation.plant({ x: 0.5, y: 0.5 });
    simulation.start = told.start;
    await simulation.frame();
    plantSeeds(planted, told, grid, [0, 0]);
    expect(await places(simulation.read())).toEqual(await places(planted));
    const plain = new Simulation({ engine, model, onError: fail });
    plain.exchange(told);
    await plain.frame();
    expect(await places(plain.read())).toEqual(await places(startState(told, grid)));
  });

  it("plants them around each place where play begins", async () => {
    const start = {
      ...model.start,
      seeds: [
        [0, -1],
        [0, 1],
      ],
    } as const;
    const seeds = [
      [2, 3],
      [15, 10],
    ] as const;
    const { engine } = countingEngine(1);
    const simulation = new Simulation({ engine, model: { ...model, start }, seeds, onError: fail });
    const grid = modelPlane(model);
    const expected = new Float32Array(grid[0] * grid[1] * rule.channels);
    for (const [y, x] of seeds) {
      plantSeed(expected, model, grid, [y, x - 1], 0);
      plantSeed(expected, model, grid, [y, x + 1], 1);
    }
    expect(await simulation.read()).toEqual(expected);
  });

  it("refuses places outside the grid", () => {
    const { engine } = countingEngine(1);
    const { grid } = model.provenance;
    expect(
      () =>
        new Simulation({
          engine,
          model,
          seeds: [
            [0, 0],
            [grid[0], 0],
          ],
          onError: fail,
        }),
    ).toThrow(
      new RangeError(`the seed at row ${grid[0]}, column 0 lies outside the ${grid[0]}x${grid[1]} grid`),
    );
  });

  it("runs in each cell the model it was painted with, also after a reset", async () => {
    const cells = new Uint8Array(16 * 12).fill(1, 0, 12);
    const other = parameters.map((value) => -value);
    const graft = { parameters: [other], cells };
    const simulation = new Simulation({ engine: wasm, model, graft, onError: fail });
    const { grid } = model.provenance;
    const start = seedState(model, grid);
    const run = async (steps: number, membership: Uint8Array, seed: number) => {
      const grafted = { parameters: [other], cells: membership };
      const request = { rule, grid, parameters, graft: grafted, states: [start], steps, seed };
      return (await wasm.rollout(request)).final[0].read();
    };
    simulation.step();
    simulation.step();
    const work = simulation.frame();
    simulation.paint({ x: 0.5, y: 9.5 }, { x: 11.5, y: 9.5 }, 2, 1);
    simulation.paint({ x: 3.5, y: 0.5 }, { x: 3.5, y: 0.5 }, 0, 0);
    await work;
    expect(await simulation.read()).toEqual(await run(2, cells, 0));
    const painted = cells.slice().fill(1, 7 * 12, 12 * 12);
    painted[3] = 0;
    expect(simulation.membership).toEqual(painted);
    expect(cells[3]).toBe(1);
    simulation.reset();
    for (let i = 0; i < 5; i++) simulation.step();
    await simulation.frame();
    const expected = await run(5, painted, 1);
    expect(await simulation.read()).toEqual(expected);
    expect(await run(5, cells, 1)).not.toEqual(expected);
  });

  it("waits for an engine, and may continue with another once it has settled", async () => {
    const simulation = new Simulation({ model, onError: fail });
    simulation.step();
    simulation.plant({ x: 1, y: 1 });
    await simulation.frame();
    expect([simulation.steps, simulation.revision]).toEqual([0, 0]);
    simulation.engine = wasm;
    await simulation.frame();
    expect(simulation.steps).toBe(1);
    const state = await simulation.read();
    simulation.step();
    void simulation.frame();
    await simulation.settle();
    expect(simulation.steps).toBe(2);

    const { engine, world } = countingEngine(1);
    simulation.engine = engine;
    simulation.step();
    await simulation.frame();
    // The first engine's own state would mean nothing to this one.
    expect(world.requests[0].states[0]).toBeInstanceOf(Float32Array);
    expect(world.requests[0].firstStep).toBe(2);
    expect(world.requests[0].states[0]).not.toEqual(state);
  });

  it("settles while nothing is under way, and does not bring back what was reset", async () => {
    const simulation = new Simulation({ engine: wasm, model, onError: fail });
    for (let i = 0; i < 3; i++) simulation.step();
    await simulation.frame();
    const settled = simulation.settle();
    await Promise.resolve();
    simulation.reset();
    await settled;
    expect(await simulation.read()).toEqual(seedState(model, model.provenance.grid));
  });

  it("continues with other parameters, of the right number", async () => {
    const { world, simulation } = counting();
    const other = parameters.map((value) => -value);
    simulation.step();
    await simulation.frame();
    simulation.parameters = other;
    simulation.step();
    await simulation.frame();
    expect(world.requests.map((request) => request.parameters)).toEqual([parameters, other]);
    expect(world.requests[1].firstStep).toBe(1);
    expect(() => (simulation.parameters = new Float32Array(7))).toThrow(
      new RangeError(`7 parameters do not fit the rule, which has ${parameters.length}`),
    );
  });

  it("is damaged, each time elsewhere where chance decides, and reports edits", async () => {
    const edits: string[] = [];
    const { engine } = countingEngine(1);
    const simulation = new Simulation({
      engine,
      model,
      onError: fail,
      onEdit: (kind) => void edits.push(kind),
    });
    const start = seedState(model, model.provenance.grid).fill(1);
    const damaged = async (kind: "half" | "half-left") => {
      const missing = start.slice();
      simulation.reset();
      for (let n = 0; n < 16 * 12; n++) simulation.plant({ x: n % 12, y: Math.floor(n / 12) });
      simulation.damage(kind);
      await simulation.frame();
      const state = await simulation.read();
      return missing.map((_, i) => (state[i] === 0 && i % 16 === 3 ? 1 : 0)).join("");
    };
    const left = await damaged("half-left");
    expect(left.replaceAll("0", "")).toHaveLength(96);
    expect(await damaged("half-left")).toBe(left);
    expect(await damaged("half")).not.toBe(await damaged("half"));
    expect(new Set(edits)).toEqual(new Set(["plant", "cut"]));
  });

  it("draws fire masks from its seed, another one after each reset", async () => {
    const { world, simulation } = counting();
    simulation.seed = 2 ** 32 - 1;
    for (let run = 0; run < 2; run++) {
      simulation.step();
      await simulation.frame();
      simulation.reset();
    }
    expect(world.requests.map(({ seed }) => seed)).toEqual([2 ** 32 - 1, 0]);
  });

  it.each([
    [{ goals: [{}, {}, {}] }, [1, 0, 0]],
    [{ latent: { mean: [0.5, -1, 2], deviation: [1, 1, 1] } }, [0.5, -1, 2]],
    [{}, [0, 0, 0]],
  ])("begins with the input of %j", (provenance, input) => {
    const conditional = { ...model, rule: { ...rule, inputSize: 3 }, parameters: new Float32Array(0) };
    const simulation = new Simulation({
      model: { ...conditional, provenance: { ...model.provenance, ...provenance } },
      onError: fail,
    });
    expect([...simulation.input]).toEqual(input);
  });

  it("stops and reports when a rollout fails", async () => {
    const { engine, simulation, errors } = counting();
    const failure = new Error("a worker failed");
    engine.rollout = () => Promise.reject(failure);
    simulation.playing = true;
    simulation.rate = Infinity;
    await simulation.frame();
    expect(errors).toEqual([failure]);
    expect(simulation.playing).toBe(false);
  });

  it("gives a rule with an input zeros", async () => {
    const { world, engine } = countingEngine(1);
    const withInput = { ...model, rule: { ...rule, inputSize: 3 } };
    const simulation = new Simulation({ engine, model: withInput, onError: () => undefined });
    simulation.step();
    await simulation.frame();
    expect(world.requests[0].inputs).toEqual([new Float32Array(3)]);
  });
});

describe("a row of cells", () => {
  const flat: Model = { ...model, provenance: { grid: [1, 12] } };
  let engine: Engine;
  beforeAll(async () => (engine = await createWasmEngine({ threads: 0, kernels: "strict" })));
  afterAll(() => engine.dispose());

  it("is shown with what it was at each of its last steps, and an edit is seen at the last", async () => {
    const simulation = new Simulation({ engine, model: flat, onError: fail });
    const [rows, width] = simulation.shownGrid;
    expect(simulation.grid).toEqual([1, 12]);
    expect(width).toBe(12);
    const size = 12 * rule.channels;
    const row = async (n: number) => (await simulation.shown()).subarray(n * size, (n + 1) * size);
    const planted = await simulation.read();
    expect(await row(0)).toEqual(planted);
    const expected = async (steps: number) => {
      const { final } = await engine.rollout({
        rule,
        grid: [1, 12],
        parameters,
        states: [planted],
        steps,
        seed: 0,
      });
      return final[0].read();
    };
    for (let step = 0; step < 3; step++) simulation.step();
    await simulation.frame();
    for (const step of [1, 2, 3]) expect(await row(step)).toEqual(await expected(step));
    expect(await row(4)).toEqual(new Float32Array(size));

    // Wherever the pointer is, time is not erased.
    simulation.erase({ x: 6, y: 1 }, { x: 6, y: 20 }, 20);
    await simulation.frame();
    expect(await row(2)).toEqual(await expected(2));
    expect(await row(3)).toEqual(new Float32Array(size));

    simulation.reset();
    for (let step = 0; step < rows + 5; step++) simulation.step();
    await simulation.frame();
    expect(await row(rows - 1)).toEqual(await simulation.read());
    const { final } = await engine.rollout({
      rule,
      grid: [1, 12],
      parameters,
      states: [planted],
      steps: 6,
      seed: 1,
    });
    expect(await row(0)).toEqual(await final[0].read());
  });
});
