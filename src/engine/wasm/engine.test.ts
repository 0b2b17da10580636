import { expect, it } from "vitest";
import { initialParameters } from "../../rule/parameters.ts";
import { rulePresets } from "../../rule/presets.ts";
import { createWorkerEngine } from "./engine.ts";
import type { RunResult } from "./jobs.ts";
import type { Reply, Request, WorkerHandle } from "./port.ts";

const nothing = { top: 0, left: 0, height: 0, width: 0, data: new Float32Array(0) };
const result: RunResult = {
  final: { step: 1, window: nothing, livingCells: 0 },
  kept: [],
  compared: [],
  cellUpdates: 0,
};

/** A worker that answers each job after so many milliseconds, and counts the samples that it got. */
function worker(delay: number, counts: number[], index: number): WorkerHandle {
  let answer: ((reply: Reply) => void) | undefined;
  return {
    post(request: Request) {
      if (request.kind !== "run") return;
      const { samples } = request.job;
      counts[index] += samples.length;
      setTimeout(() => answer?.({ id: request.id, result: samples.map(() => result) }), delay);
    },
    onMessage: (listener) => void (answer = listener),
    onError: () => {},
    terminate: () => {},
  };
}

it.each([true, false])("shares samples evenly where it records (%s), else by who is done", async (record) => {
  const counts = [0, 0];
  const delays = [1, 100];
  let started = 0;
  const spawn = () => worker(delays[started], counts, started++);
  const engine = await createWorkerEngine({ threads: 2, sharedMemory: false, kernels: "strict", spawn });
  const rule = rulePresets.distill;
  const parameters = initialParameters(rule, 1);
  const states = Array.from({ length: 8 }, () => new Float32Array(8 * 8 * rule.channels));
  await engine.rollout({ rule, grid: [8, 8], parameters, states, steps: 1, seed: 0, record });
  const [fast, slow] = counts;
  expect(fast + slow).toBe(8);
  expect(fast === slow).toBe(record);
  await engine.dispose();
});
