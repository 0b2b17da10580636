import { describe, expect, it } from "vitest";
import { smallRule } from "../conformance/cases.ts";
import { drawing, randomParameters } from "../conformance/scenario.ts";
import { disc } from "../conformance/starts.ts";
import { referenceEngine } from "./reference/engine.ts";
import { type Edit, type UnrollOptions, unroll } from "./unroll.ts";

const rule = smallRule();
const grid = [9, 8] as const;
const draw = drawing(4);
const [own, other] = [randomParameters(rule, draw), randomParameters(rule, draw)];
const engine = referenceEngine();
const request = { engine, rule, grid, parameters: own, start: disc(rule, grid, draw), seed: 3 } as const;
const graft = {
  parameters: [other],
  cells: Uint8Array.from({ length: 72 }, (_, n) => (n % 8 < 4 ? 0 : 1)),
};

async function statesOf(options: UnrollOptions): Promise<Record<number, Float32Array>> {
  const states: Record<number, Float32Array> = {};
  for await (const { step, state } of unroll(options)) states[step] = state;
  return states;
}

/** Sets the first 1 + value numbers after a step. */
function filling(step: number, value: number): Edit {
  return { step, apply: (state) => void state.fill(value, 0, 1 + value) };
}

describe("unroll", () => {
  it("hands over the states of one rollout, graft included", async () => {
    const states = await statesOf({ ...request, graft, stops: [6, 0, 2, 2] });
    const { start, ...rest } = request;
    const rollout = await engine.rollout({ ...rest, graft, states: [start], steps: 6, keep: [2] });
    expect(Object.keys(states)).toEqual(["0", "2", "6"]);
    expect(states[0]).toEqual(start);
    expect(states[2]).toEqual(await rollout.kept(0, 2).read());
    expect(states[6]).toEqual(await rollout.final[0].read());
    const plain = await statesOf({ ...request, stops: [6] });
    expect(plain[6]).not.toEqual(states[6]);
  });

  it("goes on from a state as if never stopped, where it is told the number of the step", async () => {
    const whole = await statesOf({ ...request, stops: [4, 9] });
    const rest = { ...request, start: whole[4], stops: [5] };
    expect((await statesOf({ ...rest, firstStep: 4 }))[5]).toEqual(whole[9]);
    expect((await statesOf(rest))[5]).not.toEqual(whole[9]);
  });

  it("makes edits of one step in the order given, before it is handed over", async () => {
    const edits = [filling(3, 4), filling(3, 1), filling(0, 2)];
    const states = await statesOf({ ...request, stops: [0, 3], edits });
    expect([...states[0].subarray(0, 3)]).toEqual([2, 2, 2]);
    expect([...states[3].subarray(0, 5)]).toEqual([1, 1, 4, 4, 4]);
    expect(request.start).not.toEqual(states[0]);
  });

  it("tells cells something else from a step on", async () => {
    const listening = { ...rule, inputSize: 2 };
    const [before, after] = [Float32Array.of(1, 0), Float32Array.of(-0.5, 2)];
    const listener = { ...request, rule: listening, parameters: randomParameters(listening, drawing(5)) };
    const inputs = [before];
    const switches = [{ step: 3, input: after }];
    const states = await statesOf({ ...listener, inputs, switches, stops: [3, 7] });
    const first = await statesOf({ ...listener, inputs, stops: [3, 7] });
    const second = await statesOf({
      ...listener,
      inputs: [after],
      start: first[3],
      firstStep: 3,
      stops: [4],
    });
    expect(states[3]).toEqual(first[3]);
    expect(states[7]).toEqual(second[4]);
    expect(states[7]).not.toEqual(first[7]);
  });
});
