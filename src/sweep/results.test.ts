import { describe, expect, it } from "vitest";
import { ranked, survivors } from "./halving.ts";
import {
  errorText,
  type Outcome,
  remainingArms,
  runRows,
  sweepCsv,
  type SweepState,
  sweepTables,
} from "./results.ts";

/** An arm for each list of errors, each of a run, after each part. */
function stateOf(errors: readonly (readonly Readonly<Record<number, number | null>>[])[]): SweepState {
  const runs = errors.flatMap((own, arm) =>
    own.map((_, seed) => ({ name: `${arm}-${seed}`, arm, subject: 'a, "b"', words: [], seed })),
  );
  const outcomes = errors.flat().map((parts): Outcome => {
    const measured = Object.entries(parts)
      .filter(([, error]) => error !== null)
      // A key such as 1 comes before one such as 0.5.
      .toSorted(([a], [b]) => Number(a) - Number(b))
      .map(([part, error]) => ({
        part: Number(part),
        steps: 100 * Number(part),
        loss: 1,
        error,
        report: { deep: { share: 0.5 }, list: [1], good: true },
      }));
    return { measured, ...(Object.values(parts).includes(null) && { failed: "numbers exploded" }) };
  });
  return {
    experiment: "grow",
    unit: "step",
    arms: errors.map((_, arm) => ({ rate: arm / 10 })),
    runs,
    outcomes,
    halving: { at: [0.25, 0.5], keep: 0.5 },
  };
}

describe("a comparison of arms", () => {
  it("goes by failed runs, then the mean error, then their order", () => {
    const standings = [
      { arm: 0, errors: [0.1, null] },
      { arm: 1, errors: [0.5, 0.25] },
      { arm: 2, errors: [0.5, 0.05] },
      { arm: 3, errors: [0.375, 0.375] },
      { arm: 4, errors: [null, null] },
    ];
    expect(ranked(standings).map(({ arm }) => arm)).toEqual([2, 1, 3, 0, 4]);
    expect(survivors(standings, 0.5)).toEqual([1, 2, 3]);
    expect(survivors(standings, 0.2)).toEqual([2]);
    expect(survivors(standings, 0.01)).toEqual([2]);
    expect(survivors(standings.slice(0, 4), 0.5)).toEqual([1, 2]);
  });

  it("waits for all runs of the arms that are left", () => {
    const first = [[{ 0.25: 4 }], [{ 0.25: 3 }], [{ 0.25: 2 }]];
    expect(remainingArms(stateOf([...first, [{}]]))).toEqual([0, 1, 2, 3]);
    expect(remainingArms(stateOf([...first, [{ 0.25: 1 }]]))).toEqual([2, 3]);
    expect(remainingArms(stateOf([...first, [{ 0.25: null }]]))).toEqual([1, 2]);
    const second = [...first.slice(0, 2), [{ 0.25: 2, 0.5: 2 }], [{ 0.25: 1, 0.5: 3 }]];
    expect(remainingArms(stateOf(second))).toEqual([2]);
    const { halving: _, ...whole } = stateOf(second);
    expect(remainingArms({ ...whole, halving: undefined })).toEqual([0, 1, 2, 3]);
  });
});

describe("the tables of a sweep", () => {
  const state = stateOf([
    [{ 0.25: 0.9 }, { 0.25: 0.7 }],
    [
      { 0.25: 0.5, 0.5: 0.4, 1: 0.2 },
      { 0.25: 0.5, 0.5: 0.4, 1: 0.4 },
    ],
    [
      { 0.25: 0.6, 0.5: 0.5 },
      { 0.25: 0.6, 0.5: 0.7 },
    ],
    [{ 0.25: 0.6 }, { 0.25: null }],
  ]);

  it("have arms that got farther first, and say what became of each", () => {
    expect(runRows(state).map(({ state: how }) => how)).toEqual(
      "stopped stopped done done stopped stopped stopped failed".split(" "),
    );
    expect(sweepTables(state)).toEqual({
      arms: [
        ["arm", "rate", "runs", "mean error", "best", "worst", "state"],
        ["2", "0.1", "2", "0.3", "0.2", "0.4", "done"],
        ["3", "0.2", "2", "0.6", "0.5", "0.7", "stopped at 50%"],
        ["1", "0", "2", "0.8", "0.7", "0.9", "stopped at 25%"],
        ["4", "0.3", "2", "0.6", "0.6", "0.6", "stopped at 25%, 1 failed"],
      ],
      subjects: [],
    });
  });

  it("have a line for each run in the file, quoted where it has to be", () => {
    const lines = sweepCsv(state).split("\n");
    expect(lines).toHaveLength(10);
    expect(lines.slice(0, 3)).toEqual([
      "run,arm,subject,seed,rate,state,part,steps,error,loss,report.deep.share,report.good",
      '0-0,1,"a, ""b""",0,0,stopped,0.25,25,0.9,1,0.5,true',
      '0-1,1,"a, ""b""",1,0,stopped,0.25,25,0.7,1,0.5,true',
    ]);
    expect(lines[8]).toBe('3-1,4,"a, ""b""",1,0.3,failed,,,,,,');
  });

  it("compare subjects by the runs that got farthest", () => {
    const runs = state.runs.map((run) => ({ ...run, subject: run.seed === 0 ? "x" : "y" }));
    expect(sweepTables({ ...state, runs }).subjects).toEqual([
      ["subject", "runs", "mean error", "best", "worst", "best arm"],
      ["x", "4", "0.2", "0.2", "0.2", "2"],
      ["y", "4", "0.4", "0.4", "0.4", "2"],
    ]);
  });

  it("have errors of three digits", () => {
    expect([0, 0.00012345, 0.0123456, 1, 123456, null].map(errorText)).toEqual(
      "0 1.23e-4 0.0123 1 1.23e+5 -".split(" "),
    );
  });
});
