import { describe, expect, it } from "vitest";
import { parameterTable } from "../rule/parameters.ts";
import { axesOf, type Rule } from "../rule/rule.ts";
import { parametersOf } from "../engine/request.ts";
import { smallRule } from "../conformance/cases.ts";
import { type Case, drawCalmScenario } from "../conformance/scenario.ts";
import { full, mixed, scattered, strays } from "../conformance/starts.ts";
import { type Floats, addTo } from "./floats.ts";
import { fireMask } from "./masks.ts";
import { updateNoise } from "./noise.ts";
import { type Automaton, type Step, stepBackward, stepForward } from "./step.ts";

const STEPS = 3;
/** Values of a tensor that are tried. */
const MOST = 16;
const GRIDS = { 1: [17], 2: [6, 5], 3: [3, 2, 4] } as const;

/** Three steps in float64, and a loss that weighs every number of every state. */
type Problem = {
  automaton: Automaton & { parameters: Float64Array; input?: Float64Array | undefined };
  S0: Float64Array;
  fired: Uint8Array[];
  noise: (Floats | undefined)[];
  weights: Float64Array[];
};

function dot(a: Float64Array, b: Floats): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function lossOf({ automaton, S0, fired, noise, weights }: Problem): number {
  let S: Floats = S0;
  let loss = dot(weights[0], S);
  for (let t = 0; t < STEPS; t++) {
    S = stepForward(automaton, S, fired[t], noise[t]).next;
    loss += dot(weights[t + 1], S);
  }
  return loss;
}

function gradientOf({ automaton, S0, fired, noise, weights }: Problem) {
  const steps: Step[] = [];
  for (const [t, mask] of fired.entries()) {
    steps.push(stepForward(automaton, steps.at(-1)?.next ?? S0, mask, noise[t]));
  }
  const dParameters = new Float64Array(automaton.parameters.length);
  const dInput = automaton.input && new Float64Array(automaton.input.length);
  let dS = weights[STEPS].slice();
  for (let t = STEPS - 1; t >= 0; t--) {
    const dNext = dS;
    dS = new Float64Array(S0.length);
    stepBackward(automaton, steps[t], dNext, dS, dParameters, dInput);
    addTo(dS, weights[t]);
  }
  return { dParameters, dInput, dS };
}

function problemOf(what: Case): Problem {
  const { request, cotangents } = drawCalmScenario({ ...what, steps: STEPS });
  const { rule, grid, seed, inputs, states } = request;
  return {
    automaton: {
      rule,
      grid,
      parameters: new Float64Array(parametersOf(request, 0)),
      input: inputs && new Float64Array(inputs[0]),
    },
    S0: new Float64Array(states[0]),
    fired: Array.from({ length: STEPS }, (_, t) => fireMask(rule, grid, seed, 0, t)),
    noise: Array.from({ length: STEPS }, (_, step) =>
      updateNoise(new Float64Array(), rule, grid, { seed, sample: 0, step }),
    ),
    weights: cotangents.slice(0, STEPS + 1).map(({ data }) => new Float64Array(data)),
  };
}

/**
 * Central differences over +-1e-7: rounding leaves about 1e-16 * |loss| / 1e-7 = 1e-8 of them, and nothing lies as
 * near a ReLU's kink or the threshold (`drawCalmScenario`), between which the loss is a polynomial of low degree.
 *
 * Of many values, some are tried, evenly spread; others with each turn.
 */
function expectDifferencesOf(
  problem: Problem,
  values: Float64Array,
  gradient: Float64Array,
  what: string,
  turn: number,
): void {
  const h = 1e-7;
  const apart = Math.ceil(values.length / MOST);
  for (let i = turn % apart; i < values.length; i += apart) {
    const value = values[i];
    values[i] = value + h;
    const above = lossOf(problem);
    values[i] = value - h;
    const below = lossOf(problem);
    values[i] = value;
    const difference = (above - below) / (2 * h);
    if (!(Math.abs(gradient[i] - difference) <= 1e-6 * (1 + Math.abs(difference)))) {
      expect.fail(`${what}: the gradient of number ${i} is ${gradient[i]}; differences say ${difference}`);
    }
  }
}

describe("stepBackward agrees with finite differences", () => {
  const far = {
    taps: [
      { offset: [-2, 1], weight: 0.6 },
      { offset: [1, 0], weight: -0.5 },
    ],
  } as const;
  const networks: Record<
    string,
    Omit<Partial<Rule>, "alive"> & Readonly<{ alive?: Partial<Rule["alive"]> }>
  > = {
    "one hidden layer, an input": { hidden: [5], inputSize: 3 },
    "no hidden layer, no bias": { hidden: [], outputBias: false },
    "a depthwise perception, an input": {
      perceive: { kind: "depthwise", size: 3, kernels: 2 },
      inputSize: 2,
    },
    "a depthwise perception of 5x5 cells, noise, pinned channels, no hidden layer": {
      perceive: { kind: "depthwise", size: 5, kernels: 1 },
      hidden: [],
      noise: 0.2,
      pinned: [1],
    },
    "one filter for each channel, an input": { perceive: { kind: "filter" }, inputSize: 2 },
    "one filter for each channel, no hidden layer": { perceive: { kind: "filter" }, hidden: [] },
    "attention of two heads, an input": {
      perceive: { kind: "attention", heads: 2, size: 3 },
      inputSize: 2,
    },
    "one axis, attention": { axes: 1, perceive: { kind: "attention", heads: 2, size: 2 }, hidden: [4] },
    "pinned channels, noise": { pinned: [0, 2], inputSize: 2, noise: 0.2 },
    "a pinned alive channel": { pinned: [3] },
    "cells that live by themselves alone, noise": { alive: { reach: 0 }, noise: 0.2 },
    "the same by a pinned channel": { alive: { reach: 0 }, pinned: [3] },
    "one axis, an input": { axes: 1, kernels: ["identity", "sobelX", "laplacian"], inputSize: 2 },
    "one axis, a depthwise perception": {
      axes: 1,
      perceive: { kind: "depthwise", size: 5, kernels: 2 },
      hidden: [],
    },
    "three axes": { axes: 3, kernels: ["identity", "sobelZ", "sobelX", "laplacian"], hidden: [4] },
    "three axes, a depthwise perception, pinned channels": {
      axes: 3,
      perceive: { kind: "depthwise", size: 3, kernels: 1 },
      pinned: [1],
      hidden: [],
    },
    "two hidden layers, far taps": { hidden: [4, 6], kernels: ["sobelY", "identity", far] },
  };
  let combination = 0;
  for (const mask of ["both", "after", "none"] as const) {
    for (const boundary of ["zero", "wrap"] as const) {
      combination++;
      for (const [index, [name, part]] of Object.entries(networks).entries()) {
        const turn = combination + index;
        // Each network meets each start twice.
        const start = [mixed, strays, scattered][turn % 3];
        it(`mask ${mask}, ${boundary}, ${name}`, () => {
          const rule = smallRule({
            channels: 4,
            boundary,
            stepSize: 0.7,
            fireRate: 0.7,
            ...part,
            alive: { mask, ...part.alive },
          });
          const grid = GRIDS[axesOf(rule)];
          // Of a cell that is 0, a magnitude has a corner, which two steps make uneven.
          const starts = [part.perceive?.kind === "filter" ? full : start];
          const problem = problemOf({ rule, grid, starts, gain: 2 });
          const { automaton, S0 } = problem;
          const { dParameters, dInput, dS } = gradientOf(problem);
          for (const { name: which, offset, size } of parameterTable(rule)) {
            const [values, gradient] = [automaton.parameters, dParameters].map((flat) =>
              flat.subarray(offset, offset + size),
            );
            expectDifferencesOf(problem, values, gradient, which, turn);
          }
          expectDifferencesOf(problem, S0, dS, "initial state", turn);
          if (dInput) expectDifferencesOf(problem, automaton.input!, dInput, "input", turn);
        });
      }
    }
  }
});
