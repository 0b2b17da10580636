/** The one suite that every engine passes: the same states and gradients as the float64 reference, and the contract. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Engine } from "../../engine.ts";
import { anyCase, anyGraftCase } from "./arbitrary.case.ts";
import { longCases, namedCases } from "./cases.case.ts";
import { FLOAT32, type Tolerance, type Expected, expectedOf, expectSame } from "./compare.case.ts";
import { comparisons } from "./comparison.case.ts";
import type { ConformanceTest } from "./types.case.ts";
import { contract } from "./contract.case.ts";
import { exactness } from "./exact.case.ts";
import { graftCases, grafting } from "./graft.case.ts";
import { type Case, drawCalmScenario, drawScenario, isDelicate } from "./scenario.case.ts";
import { referenceEngine } from "../reference/engine.ts";

export type ConformanceOptions = Readonly<{
  /** How far from the reference; default `FLOAT32`. */
  tolerance?: Tolerance;
  /** Random cases to try; default 200. */
  runs?: number;
  /** Tests that this engine does not pass, by name, and why. */
  skips?: Readonly<Record<string, string>>;
}>;

/** What cases come to, by the reference: once for all engines of a file. */
const known = new Map<Case, Promise<Expected>>();

function expectedOnce(what: Case, oracle: Engine, options?: Readonly<{ kinks: boolean }>): Promise<Expected> {
  const expected = known.get(what) ?? expectedOf(oracle, drawCalmScenario(what, options));
  known.set(what, expected);
  return expected;
}

/**
 * Declares the suite for one engine.
 *
 * @param name to call the engine by. @param create a fresh engine; one serves most tests, one after the other, so
 *   that nothing may be left over from one rollout to the next.
 */
export function conformance(
  name: string,
  create: () => Promise<Engine>,
  { tolerance = FLOAT32, runs = 200, skips = {} }: ConformanceOptions = {},
): void {
  describe(`conformance of ${name}`, () => {
    const oracle = referenceEngine({ precision: "float64" });
    let engine: Engine;
    beforeAll(async () => {
      engine = await create();
    });
    afterAll(() => engine.dispose());

    const test: ConformanceTest = (title, run) => {
      if (Object.hasOwn(skips, title)) it.skip(`${title} (${skips[title]})`, () => {});
      else it(title, () => run(engine));
    };

    describe("same states and gradients as the reference", () => {
      for (const [title, what] of Object.entries({ ...namedCases, ...graftCases })) {
        test(title, async (tested) => expectSame(tested, await expectedOnce(what, oracle), tolerance));
      }
      for (const [title, what] of Object.entries(longCases)) {
        test(title, async (tested) =>
          expectSame(tested, await expectedOnce(what, oracle, { kinks: false }), tolerance),
        );
      }
      for (const [title, cases, numRuns] of [
        ["random rules, grids and states", anyCase, runs],
        ["random grafts", anyGraftCase, Math.ceil(runs / 4)],
      ] as const) {
        test(title, (tested) =>
          fc.assert(
            fc.asyncProperty(cases, async ({ what, seed }) => {
              const scenario = drawScenario(what, seed);
              fc.pre(!isDelicate(scenario));
              await expectSame(tested, await expectedOf(oracle, scenario), tolerance);
            }),
            { seed: 20200211, numRuns },
          ),
        );
      }
    });
    describe("exactly", () => exactness(test));
    describe("grafts", () => grafting(test));
    describe("comparisons", () => comparisons(test));
    describe("contract", () => contract(test, oracle, create));
  });
}
