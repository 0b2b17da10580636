import { expect, it } from "vitest";
import { rulePresets } from "../../rule/presets.ts";
import type { RunJob } from "./jobs.ts";
import { type Reply, type Request, type WorkerHandle, workerPort } from "./port.ts";

const MODULE = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

const job: RunJob = {
  rule: rulePresets.distill,
  grid: [1, 1],
  graft: undefined,
  seed: 0,
  firstStep: 0,
  compare: undefined,
  budget: 0,
  samples: [],
};

/** A worker that does nothing by itself. */
function puppet() {
  const posted: Request[] = [];
  let onError: ((error: Error) => void) | undefined;
  let onMessage: ((reply: Reply) => void) | undefined;
  const handle: WorkerHandle = {
    post: (message) => void posted.push(message),
    onMessage: (listener) => void (onMessage = listener),
    onError: (listener) => void (onError = listener),
    terminate: () => {},
  };
  return {
    handle,
    posted,
    fail: (error: Error) => onError?.(error),
    reply: (reply: Reply) => onMessage?.(reply),
  };
}

it("fails the jobs under way and all later ones once its worker has failed", async () => {
  const { handle, fail } = puppet();
  const port = workerPort(handle, MODULE);
  const underWay = port.run(job, undefined);
  fail(new Error("blob workers are forbidden"));
  await expect(underWay).rejects.toThrow("blob workers are forbidden");
  await expect(port.run(job, undefined)).rejects.toThrow("blob workers are forbidden");
});

it("rejects an aborted job at once, tells the worker, and ignores its answer", async () => {
  const { handle, posted, reply } = puppet();
  const port = workerPort(handle, MODULE);
  const controller = new AbortController();
  const aborted = port.run(job, controller.signal);
  controller.abort();
  await expect(aborted).rejects.toHaveProperty("name", "AbortError");
  expect(posted.map(({ kind }) => kind)).toEqual(["start", "run", "abort"]);
  expect(() => reply({ id: 0, error: "aborted", name: "Error" })).not.toThrow();
});

it("rejects what is under way when it is closed", async () => {
  const port = workerPort(puppet().handle, MODULE);
  const underWay = port.run(job, undefined);
  port.close();
  await expect(underWay).rejects.toThrow("the engine was disposed");
});
