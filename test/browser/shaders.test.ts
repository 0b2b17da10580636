/** Exported shaders against the engine, step for step, in Chromium's software WebGL. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namedCases } from "../../src/conformance/cases.ts";
import { drawCalmScenario } from "../../src/conformance/scenario.ts";
import { referenceEngine } from "../../src/engine/reference/engine.ts";
import { parametersOf } from "../../src/engine/request.ts";
import { decodeModel, type Model } from "../../src/model/model.ts";
import { resolveTextureConfig } from "../../src/experiments/texture/config.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { eraseStroke } from "../../src/edit/stroke.ts";
import { placeChannels, startState } from "../../src/model/start.ts";
import { STREAM, uniform } from "../../src/random.ts";
import { parameterCount } from "../../src/rule/parameters.ts";
import { dequantise, quantise } from "../../src/rule/quantisation.ts";
import { sharedChromium, SOFTWARE_WEBGL } from "./chromium.ts";
import { runShadertoy, runWebgl } from "./shaderTargets.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await sharedChromium(SOFTWARE_WEBGL);
  page = await browser.newPage();
});
afterAll(() => page.close());

/** The states after each step, the start first, in double precision. */
async function engineStates(
  { rule, parameters, provenance: { grid } }: Model,
  start: Float32Array,
  seed: number,
  steps: number,
  firstStep = 0,
): Promise<Float32Array[]> {
  const all = Array.from({ length: steps + 1 }, (_, t) => t);
  const engine = referenceEngine({ precision: "float64" });
  const request = { rule, grid, parameters, states: [start], seed, steps, firstStep, keep: () => all };
  const rollout = await engine.rollout(request);
  return Promise.all(all.map((t) => rollout.kept(0, t).read()));
}

/** Largest difference, relative to numbers above 1; NaN or infinite where one is. */
function largestError(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (const [t, state] of expected.entries()) {
    expect(actual[t].length).toBe(state.length);
    for (const [i, value] of state.entries()) {
      const error = Math.abs(actual[t][i] - value) / Math.max(1, Math.abs(value));
      if (!(error <= largest)) largest = error;
    }
  }
  return largest;
}

/** Of the cases that engines must pass, those in which shaders could go wrong, each by the one of its starts that is named. */
const CASES: readonly (readonly [name: string, start: number])[] = [
  ["mask both, zero: strays", 0],
  ["mask both, zero: threshold -0.4", 3],
  ["mask after, wrap: far taps", 1],
  ["the alive channel pinned, mask both, zero", 1],
  ["depthwise kernels, mask after, zero", 0],
  ["hidden layers [130,3,20]", 0],
  ["17 channels", 0],
  ["fire rate 0.25, mask both", 0],
];
const STEPS = 5;
/** Sums of some hundred float32 numbers up to a few, five steps long. */
const TOLERANCE = 1e-5;

describe("with float32 weights, shaders are the engine's", () => {
  it.each(CASES)("%s, start %d", async (name, index) => {
    const { starts, ...what } = namedCases[name];
    const scenario = drawCalmScenario({ ...what, starts: [starts[index]], firstStep: 0, steps: STEPS });
    const { rule, grid, seed, states } = scenario.request;
    const model: Model = {
      rule,
      parameters: parametersOf(scenario.request, 0),
      readout: null,
      start: { seeds: [[0, 0]], cell: { from: 0, to: 1 } },
      provenance: { grid },
    };
    const [start] = states;
    const expected = await engineStates(model, start, seed, STEPS);
    const run = { model, options: { title: name, weights: "f32", seed }, steps: STEPS, start } as const;
    expect(largestError(await runWebgl(page, run), expected)).toBeLessThan(TOLERANCE);
    // Shadertoy has four buffers.
    if (rule.channels > 16) return;
    expect(largestError(await runShadertoy(page, run), expected)).toBeLessThan(TOLERANCE);
  });
});

describe("textures", () => {
  const rule = resolveTextureConfig({ model: "small" }).rule;
  const conventions = splitRule({ ...rule, fireRate: 0.5, seed: { ...rule.seed, ground: 0.25 } }, []);
  const parameters = Float32Array.from(
    { length: parameterCount(conventions.rule) },
    (_, i) => 0.05 * (uniform(1, STREAM.data, 0, i) - 0.5),
  );

  it("begin from a ground with noise, and see filters and magnitudes, as in the engine", async () => {
    const model = { ...conventions, parameters, provenance: { grid: [9, 12] as const } };
    const start = startState(model, [9, 12]);
    const expected = await engineStates(model, start, 3, STEPS);
    const run = { model, options: { title: "texture", weights: "f32", seed: 3 }, steps: STEPS } as const;
    for (const states of [await runWebgl(page, run), await runShadertoy(page, run)]) {
      expect(largestError(states, expected)).toBeLessThan(TOLERANCE);
    }
    expect(largestError([start], [expected[STEPS]])).toBeGreaterThan(0.01);
  });
});

describe("the lizard", () => {
  const file = new URL("../../playground/public/gallery/lizard.safetensors", import.meta.url);
  const published = decodeModel(readFileSync(file));
  // All that it fills in so few steps.
  const lizard = { ...published, provenance: { ...published.provenance, grid: [24, 24] as const } };
  const title = "lizard";
  const GROWN = 7;

  it("grows from its seed as in the engine, with float32 weights", async () => {
    const expected = await engineStates(lizard, startState(lizard, lizard.provenance.grid), 7, GROWN);
    const run = { model: lizard, options: { title, weights: "f32", seed: 7 }, steps: GROWN } as const;
    expect(expected[GROWN].filter((value) => value !== 0).length).toBeGreaterThan(500);
    for (const states of [await runWebgl(page, run), await runShadertoy(page, run)]) {
      expect(largestError(states, expected)).toBeLessThan(1e-4);
    }
  }, 300_000);

  it("is given coordinates, which erasing leaves, as in the engine", async () => {
    const { grid } = lizard.provenance;
    const coordinates = {
      channels: [14, 15],
      parity: [6, 7],
      box: { top: -7, left: -5, height: 11, width: 14 },
      unit: 8,
    } as const;
    const told: Model = {
      ...lizard,
      rule: { ...lizard.rule, pinned: [6, 7, 14, 15] },
      start: { ...lizard.start, coordinates },
    };
    const erase = { step: 3, x: 14.5, y: 11.5, radius: 2.5 };
    const young = await engineStates(told, startState(told, grid), 7, erase.step);
    const erased = young[erase.step].slice();
    eraseStroke(erased, grid, 16, erase, erase, erase.radius, placeChannels(told));
    const expected = [...young, ...(await engineStates(told, erased, 7, 3, erase.step)).slice(1)];
    const run = { model: told, options: { title, weights: "f32", seed: 7 }, steps: 6 } as const;
    expect(largestError(await runWebgl(page, { ...run, erase }), expected)).toBeLessThan(1e-4);
    const whole = await engineStates(told, startState(told, grid), 7, run.steps);
    expect(largestError(await runShadertoy(page, run), whole)).toBeLessThan(1e-4);
    expect(largestError([expected[6]], [whole[6]])).toBeGreaterThan(0.01);
  }, 300_000);

  it("grows with weights in 8 bits as in the engine with the same weights", async () => {
    const parameters = dequantise(quantise(lizard.rule, lizard.parameters));
    // Biases stand in the text as they are.
    const biases = lizard.rule.hidden[0];
    const model = { ...lizard, parameters };
    const first = 48 * biases;
    parameters.set(lizard.parameters.subarray(first, first + biases), first);
    parameters.set(lizard.parameters.subarray(-16), parameters.length - 16);
    const expected = await engineStates(model, startState(lizard, lizard.provenance.grid), 0, GROWN);
    const states = await runWebgl(page, { model: lizard, options: { title }, steps: GROWN });
    expect(largestError(states, expected)).toBeLessThan(1e-4);
  });
});
