/** The queue with a Redis of its own; askers and workers are in this process. */
import type { Worker as BullWorker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { parseConfig } from "../../config/config.ts";
import { referenceEngine } from "../../engine/reference/engine.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import type { Codec, JobKind } from "../job.ts";
import { queueAddress } from "./address.ts";
import { encodePart } from "../message.ts";
import { queuePackages } from "./connection.ts";
import { placeOf, queueName } from "./envelope.ts";
import { openQueue, type QueueOptions } from "./executor.ts";
import { redisPath, startRedis, type TestRedis } from "./redis.case.ts";
import { work, type WorkerOptions } from "./worker.ts";

const schema = z.strictObject({ n: z.int(), wait: z.int() });
type Numbers = z.infer<typeof schema>;
const codec: Codec<Numbers> = {
  encode: (head) => ({ head }),
  decode: ({ head }) => parseConfig(schema, head),
};

/** Squares `n` after `wait` milliseconds; of a big one the result is long. */
const square: JobKind<Numbers, Numbers & { data: Float32Array }> = {
  name: "square",
  version: 3,
  input: codec,
  output: {
    encode: ({ data, ...head }) => ({ head, tensors: { data: { shape: [data.length], data } } }),
    decode: ({ head, tensors }) => {
      const data = tensors.data?.data;
      if (!(data instanceof Float32Array)) throw new UserError("no data");
      return { ...parseConfig(schema, head), data };
    },
  },
  title: ({ n }) => `square of ${n}`,
  async run({ n, wait }, { signal, progress }) {
    if (n === 13) throw new UserError("not thirteen");
    progress({ n });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, wait);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    return { n: n * n, wait, data: Float32Array.from({ length: n }, Math.sqrt) };
  },
};

describe.skipIf(redisPath === undefined)("a queue (needs redis-server)", () => {
  let redis: TestRedis;
  const lines: string[] = [];
  const said = (text: string | RegExp) =>
    expect.poll(() => lines.join("\n"), { timeout: 60_000 }).toMatch(text);

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  function join(name: string, options: Partial<WorkerOptions> = {}) {
    const controller = new AbortController();
    const ended = work(
      queueAddress(redis.url, ""),
      {
        engine: referenceEngine(),
        threads: 1,
        kinds: [square],
        name,
        tags: [],
        lock: 1,
        patience: 20,
        say: (line) => lines.push(line),
        ...options,
      },
      controller.signal,
    );
    // Who waits for it hears of it, too.
    ended.catch(() => undefined);
    return {
      ended,
      leave: async () => {
        controller.abort();
        await ended;
      },
    };
  }

  const ask = (options: Partial<QueueOptions> = {}) =>
    openQueue(queueAddress(redis.url, ""), {
      build: referenceEngine().build,
      look: 0.25,
      patience: 20,
      say: (line) => lines.push(line),
      ...options,
    });

  it("has jobs done by whoever is there, each once, with long results and failures", async () => {
    const workers = [join("one"), join("two")];
    const executor = await ask();
    const reports: unknown[] = [];
    const sizes = [3, 5000, 7, 20_000];
    const done = await Promise.all(
      sizes.map((n) =>
        executor.submit(square, { n, wait: 100 }, { onProgress: (report) => reports.push(report) }),
      ),
    );
    for (const [i, { output }] of done.entries()) {
      expect(output.n).toBe(sizes[i] ** 2);
      expect(output.data).toEqual(Float32Array.from({ length: sizes[i] }, Math.sqrt));
    }
    expect(new Set(done.map(({ worker }) => worker))).toEqual(new Set(["one", "two"]));
    expect(reports).toContainEqual({ n: 7 });
    await expect(executor.submit(square, { n: 13, wait: 0 })).rejects.toThrow(/^(one|two): not thirteen$/);
    await expect.poll(() => executor.slots, { timeout: 20_000 }).toBe(2);
    // The same at the same time is one job.
    const { jobs } = executor.traffic();
    await Promise.all([1, 2, 3].map(() => executor.submit(square, { n: 4, wait: 50 })));
    expect(executor.traffic().jobs).toBe(jobs + 1);
    await executor.close();
    await Promise.all(workers.map(({ leave }) => leave()));
  });

  it("gives a job to another worker where one is not to do it", async () => {
    const executor = await ask();
    const first = join("one");
    expect((await executor.submit(square, { n: 2, wait: 1 })).worker).toBe("one");
    const again = executor.submit(square, { n: 2, wait: 1 }, { copy: 1, not: ["one"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = join("two");
    expect((await again).worker).toBe("two");
    await Promise.all([first.leave(), second.leave(), executor.close()]);
  });

  it("hands back at once what a leaving worker holds", async () => {
    const executor = await ask();
    const first = join("one", { lock: 60 });
    let begun = 0;
    const job = executor.submit(square, { n: 6, wait: 700 }, { onStart: () => begun++ });
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    const began = performance.now();
    await first.leave();
    const second = join("two", { lock: 60 });
    expect((await job).worker).toBe("two");
    expect(begun).toBe(2);
    // Not after the minute of the lock.
    expect(performance.now() - began).toBeLessThan(10_000);
    await said(/square of 6: handed back after/);
    await Promise.all([second.leave(), executor.close()]);
  });

  it("stops a job that nobody wants any more, and leaves one whose asker has gone", async () => {
    const executor = await ask({ lease: 1 });
    const worker = join("one");
    const controller = new AbortController();
    let begun = 0;
    const { signal } = controller;
    const job = executor.submit(square, { n: 8, wait: 60_000 }, { signal, onStart: () => begun++ });
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    controller.abort(new Error("enough"));
    await expect(job).rejects.toThrow("enough");
    await said(/square of 8: stopped after/);
    const rejected = executor.submit(square, { n: 9, wait: 60_000 }).catch((error: unknown) => error);
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    await executor.close();
    expect(await rejected).toEqual(new UserError("the work was stopped"));
    await worker.leave();
  });

  it("finds what was done while the asker was away, under the same name", async () => {
    const worker = join("one");
    const first = await ask({ owner: "me" });
    let begun = 0;
    const job = first.submit(square, { n: 11, wait: 400 }, { onStart: () => begun++ }).catch(() => undefined);
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    const second = await ask({ owner: "me" });
    const { output } = await second.submit(square, { n: 11, wait: 400 });
    expect(output.n).toBe(121);
    expect(lines.filter((line) => line.startsWith("square of 11:"))).toHaveLength(1);
    await job;
    await Promise.all([first.close(), second.close()]);
    await worker.leave();
  });

  it("leaves work for another build, and says so once", async () => {
    const strange: Engine = { ...referenceEngine(), build: "strict" };
    const worker = join("one");
    const executor = await ask({ build: "strict" });
    const job = executor.submit(square, { n: 5, wait: 1 });
    await said(
      /Work that wants strict kernels of neoblast [\d.]+ is left to others: this worker has \w+ kernels of [\d.]+, whose bits differ\./,
    );
    await said(/Waiting for workers with strict kernels of neoblast [\d.]+; one has/);
    const right = join("two", { engine: strange });
    expect(await job).toMatchObject({ worker: "two", output: { n: 25 } });
    await Promise.all([worker.leave(), right.leave(), executor.close()]);
  });

  it("keeps what is asked for by a tag for those who have it", async () => {
    const plain = join("one");
    const tagged = join("two", { tags: ["gpu"] });
    const executor = await ask({ tag: "gpu" });
    const done = await Promise.all([1, 2, 3].map((n) => executor.submit(square, { n, wait: 20 })));
    expect(done.map(({ worker }) => worker)).toEqual(["two", "two", "two"]);
    await Promise.all([plain.leave(), tagged.leave(), executor.close()]);
  });

  it("goes on after Redis was killed and came back, and gives up after a while where it does not", async () => {
    const patient = await ask();
    const first = join("one");
    const jobs = [1, 2, 3, 4].map((n) => patient.submit(square, { n, wait: 150 }));
    await Promise.race(jobs);
    await redis.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await redis.start();
    expect((await Promise.all(jobs)).map(({ output }) => output.n)).toEqual([1, 4, 9, 16]);
    await said("The queue is back.");
    await Promise.all([patient.close(), first.leave()]);

    const executor = await ask({ patience: 1 });
    const worker = join("two", { patience: 1 });
    let begun = 0;
    const last = executor
      .submit(square, { n: 5, wait: 5_000 }, { onStart: () => begun++ })
      .catch((error: unknown) => error);
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    await redis.kill();
    expect(String(await last)).toMatch(
      /the queue at redis:\S+ has been away for 1 s, which is as long as was to be waited: nobody listens there/,
    );
    await expect(worker.ended).rejects.toThrow(/ has been away for 1 s, /);
    await executor.close();
    await redis.start();
  });

  it("asks for a password, and takes it from the environment alone", async () => {
    const closed = await startRedis("--requirepass", "open sesame");
    const opened = (password: string) =>
      openQueue(queueAddress(closed.url, password), { build: "strict", say: () => undefined });
    for (const password of ["", "wrong"]) {
      await expect(opened(password)).rejects.toThrow(
        /^cannot reach the queue at redis:\S+: it does not accept the password; set it in the environment as NEOBLAST_QUEUE_PASSWORD$/,
      );
    }
    await (await opened("open sesame")).close();
    await closed.stop();
    await expect(opened("")).rejects.toThrow(
      /^cannot reach the queue at redis:\S+: nobody listens there; see that Redis or Valkey runs there, or name another by --queue$/,
    );
  });

  it("asks again where a worker sends a result that is cut short, or an outcome that is none", async () => {
    const executor = await ask();
    const name = queueName(placeOf(referenceEngine().build));
    const { Worker } = await queuePackages();
    const whole = Buffer.from(encodePart({ head: { n: 1 } }));
    const answers: unknown[] = [
      { outcome: "done", worker: "odd", message: { base64: whole.subarray(0, 40).toString("base64") } },
      { outcome: "done", worker: "odd", message: { base64: whole.toString("base64") } },
      { outcome: "done", worker: "odd", message: { blob: "0".repeat(64) } },
      { outcome: "splendid" },
    ];
    const connection = { host: "127.0.0.1", port: redis.port };
    const odd: BullWorker = new Worker(
      name,
      async () => {
        // It takes no more once it has said all.
        if (answers.length === 1) await odd.pause(true);
        return answers.shift();
      },
      { connection, prefix: "neoblast" },
    );
    const job = executor.submit(square, { n: 21, wait: 1 });
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(0);
    await odd.close();
    const good = join("good");
    expect(await job).toMatchObject({ worker: "good", output: { n: 441 } });
    await said("What odd sent is left out and asked for again: the message is damaged or was cut short");
    await Promise.all([executor.close(), good.leave()]);
  });
});
