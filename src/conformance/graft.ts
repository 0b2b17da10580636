/** Rollouts in which some cells run other parameters than the rest. */
import { expect } from "vitest";
import type { ConformanceTest } from "./conformanceTest.ts";
import { parameterCount } from "../rule/parameters.ts";
import { rulePresets } from "../rule/presets.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { smallRule } from "./cases.ts";
import { type Case, type Membership, drawCalmScenario, drawing } from "./scenario.ts";
import { disc, empty, full, mixed, oneCell, scattered, seed, strays } from "./starts.ts";

const right: Membership = (_y, x, [, width]) => (2 * x < width ? 0 : 1);
const stripes: Membership = (y) => (y >> 1) % 3;
const anywhere: Membership = (_y, _x, _plane, draw) => Math.floor(3 * draw());

const half = { sets: 1, cells: right };
const three = { sets: 2, cells: anywhere };

function byAxes(): Record<string, Case> {
  return {
    "grafts anywhere on one axis": {
      rule: smallRule({ axes: 1, kernels: ["identity", "sobelX"], pinned: [1] }),
      grid: [37],
      starts: [strays, mixed],
      graft: three,
    },
    "grafts anywhere on three axes": {
      rule: smallRule({ axes: 3, perceive: { kind: "depthwise", size: 3, kernels: 2 } }),
      grid: [4, 5, 3],
      starts: [strays, mixed],
      graft: three,
    },
  };
}

function byMask(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const mask of ["both", "after", "none"] as const) {
    for (const boundary of ["zero", "wrap"] as const) {
      const here = `mask ${mask}, ${boundary}`;
      const rule = smallRule({ boundary, alive: { mask } });
      cases[`a graft on one half, ${here}`] = {
        rule,
        grid: [13, 18],
        starts: [disc, scattered, oneCell],
        graft: half,
      };
      cases[`grafts anywhere, ${here}: strays`] = {
        rule,
        grid: [11, 12],
        starts: [strays, mixed],
        steps: 4,
        graft: three,
      };
      cases[`grafts anywhere, ${here}: strays wake`] = {
        rule: smallRule({ boundary, hidden: [], kernels: ["identity"], outputBias: false, alive: { mask } }),
        grid: [14, 13],
        starts: [mixed, mixed, strays],
        population: true,
        gain: 2,
        steps: 3,
        graft: three,
      };
      cases[`a graft on one half, ${here}: threshold -0.4`] = {
        rule: smallRule({ boundary, alive: { mask, threshold: -0.4 } }),
        grid: [8, 9],
        starts: [empty, disc],
        steps: 4,
        aliveBias: [-0.5],
        graft: half,
      };
      for (const aliveBias of [
        [-0.5, 0.5],
        [0.5, -0.5],
      ]) {
        cases[`a graft on one half, ${here}: quiet cells wake by ${aliveBias.join(" and ")}`] = {
          rule,
          grid: [12, 13],
          starts: [oneCell, empty],
          aliveBias,
          steps: 4,
          graft: half,
        };
      }
    }
    cases[`a graft on one half, mask ${mask}: an input`] = {
      rule: smallRule({ inputSize: 3, alive: { mask } }),
      grid: [9, 10],
      starts: [disc, scattered, oneCell],
      population: true,
      steps: [4, 2, 6],
      graft: half,
    };
  }
  return cases;
}

export const graftCases: Readonly<Record<string, Case>> = {
  ...byMask(),
  ...byAxes(),
  "a grafted Distill automaton": {
    rule: rulePresets.distill,
    grid: [13, 11],
    starts: [seed, disc],
    gain: 0.8,
    graft: { sets: 2, cells: stripes },
  },
  "a grafted automaton, more cells than a chunk holds": {
    rule: smallRule({ fireRate: 1, hidden: [9, 5] }),
    grid: [24, 33],
    starts: [full],
    steps: 3,
    graft: three,
  },
  "grafted attention": {
    rule: smallRule({ perceive: { kind: "attention", heads: 2, size: 3 }, noise: 0.1, pinned: [1] }),
    grid: [13, 11],
    starts: [full, mixed],
    graft: three,
  },
  "grafted depthwise kernels": {
    rule: smallRule({ perceive: { kind: "depthwise", size: 3, kernels: 2 }, noise: 0.1, pinned: [1] }),
    grid: [13, 11],
    starts: [full, mixed],
    graft: three,
  },
  "grafts with one filter for each channel": {
    rule: smallRule({ perceive: { kind: "filter" }, noise: 0.1, pinned: [1] }),
    grid: [13, 11],
    starts: [full, mixed],
    graft: three,
  },
  "forty grafts": {
    rule: smallRule({ hidden: [], fireRate: 1 }),
    grid: [12, 14],
    starts: [full, mixed],
    steps: 3,
    graft: { sets: 40, cells: (_y, _x, _plane, draw) => Math.floor(41 * draw()) },
  },
  "a graft on all cells": {
    rule: smallRule(),
    grid: [9, 10],
    starts: [disc],
    graft: { sets: 2, cells: () => 2 },
  },
  "a graft on no cell": {
    rule: smallRule(),
    grid: [9, 10],
    starts: [disc],
    graft: { sets: 1, cells: () => 0 },
  },
};

export function grafting(test: ConformanceTest): void {
  test("each cell moves by its own parameters", async (engine) => {
    const rule = smallRule({ channels: 2, hidden: [], fireRate: 1, alive: { mask: "none" } });
    const biases = (...values: number[]) => {
      const parameters = new Float32Array(parameterCount(rule));
      parameters.set(values, parameters.length - 2);
      return parameters;
    };
    const graft = { parameters: [biases(0, 1), biases(5, 7)], cells: Uint8Array.of(0, 1, 0, 2, 0, 1) };
    const rollout = await engine.rollout({
      rule,
      grid: [2, 3],
      parameters: [biases(1, 0), biases(10, 0)],
      graft,
      states: [new Float32Array(12), new Float32Array(12)],
      steps: 3,
      seed: 1,
    });
    const { final } = rollout;
    expect(await final[0].read()).toEqual(Float32Array.of(3, 0, 0, 3, 3, 0, 15, 21, 3, 0, 0, 3));
    expect(await final[1].read()).toEqual(Float32Array.of(30, 0, 0, 3, 30, 0, 15, 21, 30, 0, 0, 3));
    expect((await rollout.stats()).cellUpdates).toBe(36);
  });

  test("a cell that wakes far from life does so by its own parameters, and dies all the same", async (engine) => {
    // Alpha becomes channel 1, channel 2, or 1 - alpha. All numbers are 0 or 1, so nothing is rounded.
    const own = Float32Array.of(-1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    const parameters = [
      Float32Array.of(-1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
      Float32Array.of(-2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0),
    ];
    const rule = smallRule({
      channels: 3,
      kernels: ["identity"],
      hidden: [],
      alive: { channel: 0 },
    });
    const grid = [9, 40] as const;
    const draw = drawing(7);
    const states = Array.from({ length: 20 }, () =>
      Float32Array.from({ length: 9 * 40 * 3 }, (_, i) => (draw() < (i % 3 === 0 ? 0.02 : 0.3) ? 1 : 0)),
    );
    const cells = Uint8Array.from({ length: 9 * 40 }, () => Math.floor(3 * draw()));
    const graft = { parameters, cells };
    const request = { rule, grid, parameters: own, graft, states, steps: 3, seed: 1, keep: [1, 2] };
    const [actual, expected] = [await engine.rollout(request), await referenceEngine().rollout(request)];
    for (const sample of states.keys()) {
      for (const step of [1, 2]) {
        const [one, other] = [actual.kept(sample, step), expected.kept(sample, step)];
        expect(await one.read()).toEqual(await other.read());
        expect((await one.stats()).livingCells).toBe((await other.stats()).livingCells);
      }
      expect(await actual.final[sample].read()).toEqual(await expected.final[sample].read());
    }
    const ends = await Promise.all(expected.final.map((state) => state.stats()));
    expect(Math.min(...ends.map(({ livingCells }) => livingCells))).toBeGreaterThan(0);
  });

  for (const mask of ["both", "after", "none"] as const) {
    test(`a graft of the same parameters changes nothing: mask ${mask}`, async (engine) => {
      const rule = smallRule({ inputSize: 2, alive: { mask } });
      const what: Case = { rule, grid: [14, 15], starts: [disc, strays], graft: three };
      const { graft, ...request } = drawCalmScenario(what).request;
      if (!graft || !(request.parameters instanceof Float32Array)) throw new TypeError("one set was meant");
      const { parameters } = request;
      const plain = await engine.rollout(request);
      const same = { parameters: [parameters, parameters.slice()], cells: graft.cells };
      const grafted = await engine.rollout({ ...request, graft: same });
      expect(await grafted.stats()).toEqual(await plain.stats());
      for (const sample of [0, 1]) {
        expect(await grafted.final[sample].read()).toEqual(await plain.final[sample].read());
        const [one, other] = [grafted, plain].map(({ final }) => final[sample]);
        expect((await one.stats()).livingCells).toBe((await other.stats()).livingCells);
      }
      const other = await engine.rollout({ ...request, graft });
      expect(await other.final[0].read()).not.toEqual(await plain.final[0].read());
      const again = await engine.rollout(request);
      expect(await again.final[0].read()).toEqual(await plain.final[0].read());
    });
  }

  test("a grafted rollout of 4 and then 3 steps equals one of 7", async (engine) => {
    const { request } = drawCalmScenario({
      rule: smallRule(),
      grid: [11, 10],
      starts: [disc, scattered],
      steps: 7,
      graft: three,
    });
    const whole = await engine.rollout(request);
    const first = await engine.rollout({ ...request, steps: 4, keep: [] });
    const rest = { ...request, states: first.final, steps: 3, firstStep: 4, keep: [] };
    const second = await engine.rollout(rest);
    for (const sample of [0, 1]) {
      expect(await second.final[sample].read()).toEqual(await whole.final[sample].read());
    }
  });

  test("the graft is read once and never written", async (engine) => {
    const { request } = drawCalmScenario({
      rule: smallRule(),
      grid: [9, 8],
      starts: [disc, mixed, scattered],
      graft: three,
    });
    const { parameters, cells } = request.graft!;
    const graft = { parameters: parameters.map((set) => set.slice()), cells: cells.slice() };
    const expected = await engine.rollout(request);
    const started = engine.rollout({ ...request, graft });
    expect(graft).toEqual(request.graft);
    graft.cells.fill(0);
    for (const set of graft.parameters) set.fill(0);
    const actual = await started;
    for (const sample of [0, 1, 2]) {
      expect(await actual.final[sample].read()).toEqual(await expected.final[sample].read());
    }
  });
}
