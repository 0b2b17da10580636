/** Exported shaders against the engine, step for step, in Chromium's software WebGL. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namedCases } from "../../src/conformance/cases.ts";
import { type Case, drawCalmScenario } from "../../src/conformance/scenario.ts";
import { referenceEngine } from "../../src/engine/reference/engine.ts";
import type { RolloutRequest } from "../../src/engine.ts";
import type { Model } from "../../src/model/model.ts";
import { parametersOf } from "../../src/engine/request.ts";
import { axesOf } from "../../src/rule/rule.ts";
import { launchChromium, SOFTWARE_WEBGL } from "./chromium.ts";
import { runShadertoy, runWebgl } from "./shaderTargets.ts";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium(SOFTWARE_WEBGL);
  page = await browser.newPage();
});
afterAll(() => browser.close());

const engine = referenceEngine({ precision: "float64" });

async function statesOf(request: Omit<RolloutRequest, "keep" | "steps"> & { steps: number }): Promise<Float32Array[]> {
  const all = Array.from({ length: request.steps + 1 }, (_, t) => t);
  const { kept } = await engine.rollout({ ...request, keep: () => all });
  return Promise.all(all.map((t) => kept(0, t).read()));
}

/** Largest |a - b| / (1 + |b|) */
function largestError(actual: readonly Float32Array[], expected: readonly Float32Array[]): number {
  let largest = 0;
  for (const [t, state] of expected.entries()) {
    for (const [i, value] of state.entries()) {
      const error = Math.abs(actual[t][i] - value) / (1 + Math.abs(value));
      if (!(error <= largest)) largest = error;
    }
  }
  return largest;
}

const expressible = Object.entries(namedCases).filter(
  ([, { rule, graft }]) => !graft && !rule.noise && rule.inputSize === 0 && axesOf(rule) === 2,
);

const worst: Record<string, number> = {};
describe("cases", () => {
  it.each(expressible)("%s", async (name, { starts, ...what }: Case) => {
    for (const start of starts) {
      const { request } = drawCalmScenario({ ...what, starts: [start], firstStep: 0, steps: 5 });
      const { rule, grid, seed, states } = request;
      const parameters = parametersOf(request, 0);
      const model: Model = {
        rule,
        parameters,
        readout: null,
        start: { seeds: [[0, 0]], cell: { from: 0, to: 1 } },
        provenance: { grid },
      };
      const expected = await statesOf({ rule, grid, parameters, states: [states[0]], seed, steps: 5 });
      const run = { model, options: { title: name, weights: "f32", seed }, steps: 5, start: states[0] } as const;
      const webgl = largestError(await runWebgl(page, run), expected);
      worst.webgl = Math.max(worst.webgl ?? 0, webgl);
      expect(webgl).toBeLessThan(1e-4);
      if (rule.channels <= 16) {
        const toy = largestError(await runShadertoy(page, run), expected);
        worst.toy = Math.max(worst.toy ?? 0, toy);
        expect(toy).toBeLessThan(1e-4);
      }
    }
  });
});
afterAll(() => console.log(worst, expressible.length));
