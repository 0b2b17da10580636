/** The one suite that every engine passes: the same states and gradients as the float64 reference, and the contract. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Engine, RolloutRequest } from "../engine.ts";
import { anyCase, anyGraftCase } from "./arbitrary.ts";
import { longCases, namedCases } from "./cases.ts";
import { FLOAT32, type Tolerance, type Expected, expectedOf, expectSame } from "./compare.ts";
import { comparisons, DOUBLE_SUM } from "./comparison.ts";
import type { ConformanceTest } from "./conformanceTest.ts";
import { contract, expectRefusals } from "./contract.ts";
import { exactness } from "./exact.ts";
import { graftCases, grafting } from "./graft.ts";
import { type Case, drawCalmScenario, drawScenario, isDelicate, MARGIN } from "./scenario.ts";
import { losses } from "./losses.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { needOf } from "../engine/request.ts";

/** How exact an engine has to be, and which cases it is given. */
export type ConformanceOptions = Readonly<{
  /** How far states and gradients may be from the reference's in float64; default `FLOAT32`. */
  tolerance?: Tolerance;
  /** How far squared errors of comparisons may be from sums in double precision; default `DOUBLE_SUM`. */
  comparison?: Tolerance;
  /** Milliseconds that a test may take; default two minutes, for the reference takes seconds over the longest. */
  timeout?: number;
  /** How near an alpha may come to the threshold of life in random cases; default 1e-5, for float32. */
  margin?: number;
  /** Random cases to try; default 200. */
  runs?: number;
  /** Of each section, one test in so many is tried; default 1: all. For engines that take seconds to get ready for a rule. */
  part?: number;
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

/** The engine, but that `onDeclined` hears why before it refuses a rollout. */
function watched(engine: Engine, onDeclined: (sentence: string) => void): Engine {
  return {
    name: engine.name,
    build: engine.build,
    declines: (rule, need) => engine.declines(rule, need),
    rollout(request) {
      const sentence = engine.declines(request.rule, needOf(request));
      if (sentence !== undefined) onDeclined(sentence);
      return engine.rollout(request);
    },
    read: (states) => engine.read(states),
    dispose: () => engine.dispose(),
  };
}

/**
 * Declares the suite for one engine, to be called in a test file of Vitest.
 *
 * What the engine declines (`Engine.declines`) is skipped with its sentence; all else it must pass.
 *
 * @param name to call the engine by. @param create a fresh engine; one serves most tests, one after the other, so
 *   that nothing may be left over from one rollout to the next.
 *
 * @example
 * ```ts vitest
 * import { conformance } from "neoblast/conformance";
 * import { createWasmEngine } from "neoblast";
 *
 * // In a test file of Vitest: a test for each kind of rule, step by step, gradients, and refusals.
 * conformance("wasm", () => createWasmEngine({ threads: 2 }), {
 *   tolerance: { relative: 1e-4, absolute: 1e-5 },
 * });
 * ```
 */
export function conformance(
  name: string,
  create: () => Promise<Engine>,
  {
    tolerance = FLOAT32,
    comparison = DOUBLE_SUM,
    timeout = 120_000,
    margin = MARGIN,
    runs = 200,
    part = 1,
    skips = {},
  }: ConformanceOptions = {},
): void {
  describe(`conformance of ${name}`, () => {
    const oracle = referenceEngine({ precision: "float64" });
    let engine: Engine;
    beforeAll(async () => {
      engine = await create();
    });
    afterAll(() => engine.dispose());

    /** Of each section, so that all have a test. */
    let count = 0;
    const section = (title: string, declare: () => void) =>
      describe(title, () => {
        count = 0;
        declare();
      });
    const test: ConformanceTest = (title, run) => {
      if (count++ % part > 0) return;
      if (Object.hasOwn(skips, title)) it.skip(`${title} (${skips[title]})`, () => {});
      else {
        it(
          title,
          async ({ skip }) => {
            let declined: string | undefined;
            let reason: string | void = undefined;
            try {
              reason = await run(watched(engine, (sentence) => (declined = sentence)));
            } catch (error) {
              if (declined === undefined) throw error;
              skip(`${engine.name} declines: ${declined}`);
            }
            if (reason) skip(`${engine.name}: ${reason}`);
          },
          timeout,
        );
      }
    };

    section("same states and gradients as the reference", () => {
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
        test(title, async (tested) => {
          let refused: RolloutRequest | undefined;
          let ran = 0;
          await fc.assert(
            fc.asyncProperty(cases, async ({ what, seed }) => {
              const scenario = drawScenario(what, seed);
              const { request } = scenario;
              if (tested.declines(request.rule, needOf(request)) !== undefined) {
                refused = request;
                return;
              }
              fc.pre(!isDelicate(scenario, { margin }));
              ran++;
              await expectSame(tested, await expectedOf(oracle, scenario), tolerance);
            }),
            { seed: 20200211, numRuns },
          );
          // Where every case is declined, so is the test.
          if (refused && ran === 0) await tested.rollout(refused);
        });
      }
    });
    section("exactly", () => exactness(test, tolerance));
    section("grafts", () => grafting(test));
    section("comparisons", () => comparisons(test, comparison));
    section("losses where states lie", () => losses(test));
    section("contract", () => {
      contract(test, oracle, create);
      it("what it declines, it refuses in the same sentence", () => expectRefusals(engine));
    });
  });
}
