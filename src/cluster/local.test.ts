import { expect, it } from "vitest";
import { referenceEngine } from "../engine/reference/engine.ts";
import type { JobKind } from "./job.ts";
import { localExecutor } from "./local.ts";

const plain = {
  encode: (n: number) => ({ head: { n } }),
  decode: ({ head }: { head: unknown }) => Number(Object.entries(head ?? {})[0][1]),
};
/** Waits as many milliseconds, and gives their square. */
const square: JobKind<number, number> = {
  name: "square",
  version: 1,
  input: plain,
  output: plain,
  title: (n) => `square of ${n}`,
  async run(n, { signal, progress }) {
    progress({ n });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, n);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    if (n === 13) throw new RangeError("not thirteen");
    return n * n;
  },
};

it("does as many jobs at once as it has engines, each with one of its own", async () => {
  const engines = [referenceEngine(), referenceEngine()];
  const executor = localExecutor(engines);
  expect(executor.slots).toBe(2);
  const began: number[] = [];
  const done: number[] = [];
  const outputs = await Promise.all(
    [30, 5, 10].map(async (n) => {
      const { output, worker } = await executor.submit(square, n, { onStart: () => began.push(n) });
      done.push(n);
      expect(worker).toBe("this process");
      return output;
    }),
  );
  expect(outputs).toEqual([900, 25, 100]);
  expect(began).toEqual([30, 5, 10]);
  expect(done).toEqual([5, 10, 30]);
  await executor.close();
});

it("hands on progress, failures and interruptions", async () => {
  const executor = localExecutor([referenceEngine()]);
  const reports: unknown[] = [];
  await executor.submit(square, 2, { onProgress: (report) => reports.push(report) });
  expect(reports).toEqual([{ n: 2 }]);
  await expect(executor.submit(square, 13)).rejects.toThrow("not thirteen");
  const controller = new AbortController();
  const long = executor.submit(square, 60_000, { signal: controller.signal });
  const next = executor.submit(square, 60_000, { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort(new Error("enough"));
  expect(await Promise.allSettled([long, next])).toMatchObject([
    { status: "rejected", reason: { message: "enough" } },
    { status: "rejected", reason: { message: "enough" } },
  ]);
  // The engine is free again.
  expect(await executor.submit(square, 3)).toMatchObject({ output: 9 });
  const [last] = await Promise.allSettled([executor.submit(square, 60_000), executor.close()]);
  expect(last).toMatchObject({ status: "rejected", reason: { message: "the work was stopped" } });
});

it("needs an engine", () => {
  expect(() => localExecutor([])).toThrow("a local executor needs an engine");
});
