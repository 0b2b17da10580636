/** What figures compute of the lizard, beside the library's plain step and its engine. */
import { readFileSync } from "node:fs";
import { createWasmEngine, decodeModel, type Engine, planeOf, startState, stepForward } from "neoblast";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neighbourhood, thoughtOf } from "./cell.ts";
import { channelNames, headToTail } from "./channels.ts";
import { errorsOf } from "./compare.ts";
import { firesNext } from "./firing.ts";
import { countKinds, kindsOf } from "./life.ts";
import { unitMap } from "./unitMap.ts";
import { silenced, wires } from "./units.ts";

const file = new URL("../../../playground/public/gallery/lizard.safetensors", import.meta.url);
const lizard = decodeModel(new Uint8Array(readFileSync(file)));
const { rule, parameters, readout } = lizard;
const [height, width] = planeOf(lizard.provenance.grid);
const grid = [height, width] as const;
const everywhere = new Uint8Array(height * width).fill(1);
const middle = [36, 36] as const;

let engine: Engine;
let young: Float32Array;
let grown: Float32Array;

async function after(state: Float32Array, steps: number, change: Partial<typeof lizard> = {}) {
  const request = { rule, grid, parameters, states: [state], steps, seed: 5, ...change };
  return (await engine.rollout(request)).final[0].read();
}
const mature = (state: Float32Array) => countKinds(kindsOf(rule, grid, state)).mature;

beforeAll(async () => {
  engine = await createWasmEngine({ threads: 0, kernels: "strict" });
  young = await after(startState(lizard, grid), 20);
  grown = await after(young, 120);
});
afterAll(() => engine.dispose());

describe("a cell's thought", () => {
  it("is that of the plain step on the whole grid: in the middle, at a rim, in a corner, at an edge", () => {
    const whole = stepForward({ rule, grid, parameters }, young, everywhere).activations;
    for (const [row, column] of [middle, [30, 31], [0, 0], [height - 1, 40]] as const) {
      const of = (numbers: ArrayLike<number>) => {
        const size = numbers.length / (height * width);
        const from = (row * width + column) * size;
        return Array.from(numbers).slice(from, from + size);
      };
      const { state, perceived, hidden, update } = thoughtOf(lizard, grid, young, [row, column]);
      expect([state, perceived, hidden, update].map((numbers) => [...numbers])).toEqual(
        [young, ...whole].map(of),
      );
    }
  });

  it("sees nothing beyond the edge", () => {
    const patch = neighbourhood(
      Float32Array.from({ length: 6 }, (_, n) => n + 1),
      [2, 3],
      1,
      [0, 2],
    );
    expect([...patch]).toEqual([0, 0, 0, 2, 3, 0, 5, 6, 0]);
  });

  it("has wires that add up to what units and channels get, but for the biases", () => {
    const { perceived, hidden, update } = thoughtOf(lizard, grid, young, middle);
    const { into, out } = wires(lizard, perceived, hidden, Infinity);
    const biases = {
      hidden: parameters.subarray(48 * 128, 48 * 128 + 128),
      update: parameters.subarray(-16),
    };
    const sum = (listed: typeof into, to: number) =>
      listed.filter((wire) => wire.to === to).reduce((total, { carries }) => total + carries, 0);
    const unit = hidden.findIndex((answer) => answer > 0);
    expect(sum(into, unit) + biases.hidden[unit]).toBeCloseTo(hidden[unit], 4);
    for (let c = 0; c < rule.channels; c++) {
      expect(sum(out, c) + biases.update[c]).toBeCloseTo(update[c], 4);
    }
    const sizes = wires(lizard, perceived, hidden, 9).out.map(({ carries }) => Math.abs(carries));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });
});

describe("hidden units", () => {
  it("are mapped as the plain step has them, and counted in living cells", () => {
    const { activations } = stepForward({ rule, grid, parameters }, young, everywhere);
    const { answers, share } = unitMap(lizard, grid, young, 49);
    const kinds = kindsOf(rule, grid, young);
    let [living, firing] = [0, 0];
    for (const [n, kind] of kinds.entries()) {
      const answer = kind === "empty" ? 0 : activations[1][n * 128 + 49];
      expect(answers[n]).toBe(answer);
      if (kind !== "empty") living++;
      if (answer > 0) firing++;
    }
    expect(share).toBeCloseTo(firing / living, 12);
  });

  it("fall silent: the update is what the others make of it", () => {
    const { perceived, hidden, update } = thoughtOf(lizard, grid, young, middle);
    const unit = hidden.findIndex((answer) => answer > 0);
    const left = thoughtOf({ rule, parameters: silenced(lizard, [unit]) }, grid, young, middle);
    const { out } = wires(lizard, perceived, hidden, Infinity);
    for (let c = 0; c < rule.channels; c++) {
      const missing = out.find(({ from, to }) => from === unit && to === c)?.carries ?? 0;
      expect(left.update[c]).toBeCloseTo(update[c] - missing, 4);
    }
  });

  it("are missed or not: without unit 16 the lizard grows beyond all bounds, without 19 it hardly changes", async () => {
    const without = (unit: number) => after(grown, 150, { parameters: silenced(lizard, [unit]) });
    expect(mature(await without(16))).toBeGreaterThan(1.5 * mature(grown));
    expect(Math.abs(mature(await without(19)) - mature(grown))).toBeLessThan(10);
  });
});

describe("what chapters claim of the lizard", () => {
  it("exactly two hidden channels tell head from tail", () => {
    const tells = channelNames(rule.channels).map((_, c) => headToTail(lizard, width, grown, c));
    const hidden = [...tells.keys()].filter((c) => c > 3 && tells[c] >= 0.6);
    expect(hidden).toEqual([14, 15]);
    expect(channelNames(rule.channels).slice(2, 5)).toEqual(["blue", "alpha", "hidden 4"]);
  });

  it("at a fire rate of 0.8 it stands, and of 0.95 it does not", async () => {
    const picture = new Float32Array(height * width * 4);
    for (let n = 0; n < height * width; n++) picture.set(grown.subarray(16 * n, 16 * n + 4), 4 * n);
    const error = async (fireRate: number) => {
      const steps = Math.ceil(90 / fireRate);
      const state = await after(startState(lizard, grid), steps, { rule: { ...rule, fireRate } });
      return errorsOf({ rule, readout }, state, picture).mean;
    };
    expect(await error(0.8)).toBeLessThan(2e-3);
    expect(await error(0.95)).toBeGreaterThan(2e-3);
  });

  it("comes back from fewer than twenty cells of its middle", async () => {
    const scrap = grown.map((value, i) => {
      const [x, y] = [Math.floor(i / 16) % width, Math.floor(i / 16 / width)];
      return Math.hypot(x - 35.5, y - 35.5) <= 1.5 ? value : 0;
    });
    expect(mature(scrap)).toBeLessThan(20);
    expect(mature(await after(scrap, 150))).toBeGreaterThan(0.9 * mature(grown));
  });
});

it("cells are mature, growing or empty as the step's own mask has it", () => {
  const kinds = kindsOf(rule, grid, young);
  const { alive } = stepForward({ rule, grid, parameters }, young, new Uint8Array(height * width));
  expect(kinds.map((kind) => (kind === "empty" ? 0 : 1))).toEqual([...alive]);
  expect(kinds.map((kind) => kind === "mature")).toEqual(kinds.map((_, n) => young[16 * n + 3] > 0.1));
});

it("the cells that fire next are those that the engine then changes", async () => {
  const simulation = { rule, grid, steps: 20, request: () => ({ seed: 5, firstStep: 20 }) };
  const fired = firesNext(simulation);
  const { final } = await engine.rollout({
    rule,
    grid,
    parameters,
    states: [young],
    steps: 1,
    seed: 5,
    firstStep: 20,
  });
  const expected = stepForward({ rule, grid, parameters }, young, fired).next;
  const next = await final[0].read();
  const changed = (state: ArrayLike<number>) =>
    [...fired.keys()].filter((n) => state[16 * n + 3] !== young[16 * n + 3]);
  expect(changed(next)).toEqual(changed(expected));
  expect(changed(next).length).toBeGreaterThan(20);
});
