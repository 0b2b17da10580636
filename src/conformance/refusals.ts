/** Requests that every engine refuses, in the same words. */
import { expect } from "vitest";
import type { ConformanceTest } from "./conformanceTest.ts";
import type { Engine, GradientRequest, RolloutRequest } from "../engine.ts";
import { smallRule } from "./cases.ts";
import type { Scenario } from "./scenario.ts";

const numbers = (length: number) => new Float32Array(length);
const readout = { offset: 0, channels: 4 };

/** The sentences are those for three samples of 6 channels on a grid of 9x8, and 9 steps. */
export function refusals(test: ConformanceTest, oracle: Engine, { request, cotangents }: Scenario): void {
  const bad: readonly [change: Partial<RolloutRequest>, sentence: string][] = [
    [{ grid: [0, 8] }, "grid must be [height, width] with 1 to 16777216 cells, not [0, 8]"],
    [{ grid: [9, 7] }, "state 0 has 432 numbers; 9 x 7 x 6 = 378 are needed"],
    [{ grid: [65536, 65536] }, "grid must be [height, width] with 1 to 16777216 cells, not [65536, 65536]"],
    [{ grid: [72] }, "grid must be [height, width] with 1 to 16777216 cells, not [72]"],
    [{ grid: [9, 8, 1] }, "grid must be [height, width] with 1 to 16777216 cells, not [9, 8, 1]"],
    [
      { rule: smallRule({ axes: 1, kernels: ["identity"] }) },
      "grid must be [width] with 1 to 16777216 cells, not [9, 8]",
    ],
    [{ states: [request.states[0], numbers(5)] }, "state 1 has 5 numbers; 9 x 8 x 6 = 432 are needed"],
    [{ parameters: numbers(3) }, "3 parameters; the rule has 181"],
    [{ parameters: [numbers(181)] }, "1 parameter sets for 3 samples; give one for all or one per sample"],
    [{ inputs: request.states }, "inputs were given, but the rule has inputSize 0"],
    [
      { rule: smallRule({ inputSize: 2 }), parameters: numbers(195) },
      "0 inputs for 3 samples; the rule needs one each",
    ],
    [
      { rule: smallRule({ inputSize: 2 }), parameters: numbers(195), inputs: [2, 2, 3].map(numbers) },
      "input 2 has length 3; the rule's inputSize is 2",
    ],
    [{ sampleIds: [1] }, "1 sample ids for 3 samples"],
    [{ steps: [1, 2] }, "2 step counts for 3 samples"],
    [{ steps: -1 }, "steps must be a whole number from 0 to 16777216, not -1"],
    [{ steps: [1, 1.5, 1], keep: [] }, "steps must be a whole number from 0 to 16777216, not 1.5"],
    [{ steps: NaN }, "steps must be a whole number from 0 to 16777216, not NaN"],
    [
      { graft: { parameters: [numbers(181)], cells: new Uint8Array(71) } },
      "the graft names 71 cells; the grid has 9 x 8",
    ],
    [
      { graft: { parameters: [numbers(181), numbers(7)], cells: new Uint8Array(72) } },
      "grafted parameter set 1 has 7 numbers; the rule has 181",
    ],
    [
      { graft: { parameters: [numbers(181)], cells: new Uint8Array(72).fill(2, 50) } },
      "the graft names set 2 for a cell; it has 1",
    ],
    [
      { graft: { parameters: [numbers(181)], cells: new Uint8Array(72) }, record: true },
      "a rollout with a graft runs forward only; leave out record",
    ],
    [
      { compare: { target: numbers(287), readout, steps: [9], measure: "squared-error" } },
      "the picture to compare with has 287 numbers; 9 x 8 x 4 = 288 are needed",
    ],
    [
      {
        compare: {
          target: numbers(288),
          readout: { offset: 3, channels: 4 },
          steps: [9],
          measure: "squared-error",
        },
      },
      "the channels to compare are 4 from 3 on; they must be 1 to 4 of the rule's 6",
    ],
    [
      { compare: { target: numbers(288), readout, steps: [2, 2], measure: "squared-error" } },
      "steps to compare must ascend; 2 follows 2",
    ],
    [
      { compare: { target: numbers(288), readout, steps: [10], measure: "squared-error" } },
      "cannot compare step 10 of a rollout of 9 steps",
    ],
    [
      {
        steps: [9, 3, 9],
        keep: [],
        compare: { target: numbers(288), readout, steps: [0, 4], measure: "wrong-pixels" },
      },
      "cannot compare step 4 of a rollout of 3 steps",
    ],
    [{ keep: [10] }, "cannot keep step 10 of a rollout of 9 steps"],
    [{ steps: [9, 3, 9], keep: [4] }, "cannot keep step 4 of a rollout of 3 steps"],
  ];
  for (const [change, sentence] of bad) {
    test(`refuses: ${sentence}`, (engine) =>
      expect(engine.rollout({ ...request, ...change })).rejects.toThrow(new RangeError(sentence)));
  }

  test("refuses states of another engine, another grid or other channels", async (engine) => {
    const foreign = await oracle.rollout({ ...request, keep: [] });
    await expect(engine.rollout({ ...request, states: foreign.final })).rejects.toThrow(
      new RangeError("a state of another engine was given; read() it first"),
    );
    const { final } = await engine.rollout({ ...request, keep: [] });
    await expect(engine.rollout({ ...request, grid: [8, 9], states: final })).rejects.toThrow(
      new RangeError("state 0 is 9x8 with 6 channels; the request is 8x9 with 6"),
    );
  });

  const [cotangent] = cotangents;
  const badCotangents: readonly [GradientRequest["cotangents"], string][] = [
    [[], "backward needs at least one cotangent"],
    [[cotangent, { ...cotangent, sample: 3 }], "a cotangent names sample 3 of 3"],
    [[{ ...cotangent, sample: -1 }], "a cotangent names sample -1 of 3"],
    [[{ ...cotangent, step: 10 }], "a cotangent names step 10 of 9"],
    [[{ ...cotangent, step: 0.5 }], "a cotangent names step 0.5 of 9"],
    [[{ ...cotangent, data: numbers(4) }], "a cotangent has 4 numbers; the state has 432"],
  ];
  for (const [wrong, sentence] of badCotangents) {
    test(`refuses: ${sentence}`, async (engine) => {
      const rollout = await engine.rollout({ ...request, record: true });
      await expect(rollout.backward({ cotangents: wrong })).rejects.toThrow(new RangeError(sentence));
      rollout.dispose();
    });
  }
}
