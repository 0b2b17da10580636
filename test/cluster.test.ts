/**
 * Many machines, as several processes on this one: whatever happens to workers, to the queue and to who asks, an evolution
 * ends with the bits of a run here, and nothing is lost.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { encodePart } from "../src/cluster/message.ts";
import { judgingBy } from "../src/cluster/members/judge.ts";
import { queueAddress } from "../src/cluster/queue/address.ts";
import { placeOf, queueName } from "../src/cluster/queue/envelope.ts";
import { openQueue } from "../src/cluster/queue/executor.ts";
import { redisPath, startRedis, type TestRedis } from "../src/cluster/queue/redis.case.ts";
import type { Engine } from "../src/engine.ts";
import { createEvolution, resolveEvolutionConfig } from "../src/experiments/evolution/evolution.ts";
import type { Judging } from "../src/experiments/experiment.ts";
import { createEngine } from "../src/node/engine.ts";
import { BIN, call, metricsOf, modelBytes, signalAt, train } from "./commandLine.ts";

const ODD = fileURLToPath(new URL("cluster/oddWorker.mjs", import.meta.url));

const config = resolveEvolutionConfig({
  overrides: {
    seed: 3,
    target: { source: "x", size: 8, padding: 2, seeds: [[0, 0]] },
    rule: { channels: 8, hidden: [8], seed: { from: 3, to: 8 } },
    training: { generations: 5, population: 12, rollout: 8, fitness: "last:2" },
  },
});
const grid = [12, 12] as const;
const data = Float32Array.from({ length: 576 }, (_, i) => (i % 4 === 3 ? 1 : (i % 7) / 7));

/** A run to its end: what each generation says but seconds, and the model. @param at is called after each generation. */
async function evolved(
  engine: Engine,
  judging?: Judging,
  at: (step: number) => Promise<void> = async () => {},
) {
  const trainer = createEvolution({ engine, config, target: { grid, data }, judging });
  const progress = [];
  for await (const { seconds: _, ...numbers } of trainer) {
    progress.push(numbers);
    await at(numbers.step);
  }
  return { progress, model: trainer.model };
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once("exit", resolve);
  });
}

describe.skipIf(redisPath === undefined)("an evolution on many machines (needs redis-server)", () => {
  let redis: TestRedis;
  let engine: Engine;
  let place: string;
  let here: Awaited<ReturnType<typeof evolved>>;
  const children = new Set<ChildProcess>();
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);

  type Member = { child: ChildProcess; name: string; text: () => string };
  /** A worker that has joined. */
  function joined(words: readonly string[]): Promise<Member> {
    const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
    children.add(child);
    let text = "";
    return new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        const [, name] = /^Worker (\S+) has joined/m.exec(text) ?? [];
        if (name !== undefined) resolve({ child, name, text: () => text });
      });
      child.once("exit", () => reject(new Error(text)));
    });
  }
  const usual = () =>
    joined([BIN, "worker", "--queue", redis.url, ..."--kernels strict --threads 1 --lock 1".split(" ")]);
  const odd = (how: object) => joined([ODD, redis.url, JSON.stringify(how)]);
  const ask = () =>
    openQueue(queueAddress(redis.url, ""), { build: "strict", look: 0.25, patience: 30, say });

  let client: Redis;
  let queue: Queue;
  let fast: Member;
  let doomed: Member;
  /** More than ten times slower than the others, and an hour ahead. */
  let slow: Member;
  let midway: Member;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "neoblast-cluster-"));
    redis = await startRedis();
    client = new Redis(redis.port, { maxRetriesPerRequest: null });
    client.on("error", () => undefined);
    queue = new Queue(queueName(placeOf("strict")), { connection: client, prefix: "neoblast" });
    queue.on("error", () => undefined);
    [fast, doomed, slow, midway, engine] = await Promise.all([
      usual(),
      usual(),
      odd({ slow: 150, clock: 3_600_000 }),
      odd({ slow: 150, clock: -3_600_000 }),
      createEngine({ threads: 1, kernels: "strict" }),
    ]);
    here = await evolved(engine);
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all([...children].map(ended));
    await engine.dispose();
    await queue.close();
    client.disconnect();
    await redis.stop();
    rmSync(place, { recursive: true });
  });

  it("half of the workers are killed, one of them in mid-range, and another is slow with a wrong clock", async () => {
    const executor = await ask();
    await expect.poll(() => executor.slots, { timeout: 20_000 }).toBe(4);
    let killed = 0;
    /** Kills one while it holds a range, and another with it. */
    const strike = async () => {
      for (;;) {
        const active = await queue.getJobs(["active"]);
        if (active.some(({ processedBy }) => processedBy === midway.name)) break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      for (const { child } of [midway, doomed]) child.kill("SIGKILL");
      killed++;
    };
    let striking: Promise<void> | undefined;
    const judging = judgingBy({ executor, say });
    const there = await evolved(engine, judging, async (step) => {
      if (step === 1) striking = strike();
    });
    await striking;
    expect(killed).toBe(1);
    expect(there).toEqual(here);
    // The slow one, an hour ahead, has done its part.
    expect(slow.text()).toMatch(/^generation \d, members \d+ to \d+: /m);
    await executor.close();
  });

  it("Redis is killed, away for a while, and back with its append-only file; nonsense lies in the queue", async () => {
    const executor = await ask();
    const judging = judgingBy({ executor, say });
    const there = await evolved(engine, judging, async (step) => {
      if (step === 0) {
        const cut = encodePart({ head: { generation: 0, first: 0, count: 1 } }).subarray(0, 60);
        const message = { base64: Buffer.from(cut).toString("base64") };
        const job = { protocol: 1, kind: "members", version: 1, neoblast: "0.1.0", build: "strict" };
        const rest = { owner: "nobody", copy: 0, not: [], message, shared: {} };
        await client.set("neoblast:owner:nobody", "1");
        await queue.addBulk([
          { name: "cut", data: { ...job, ...rest } },
          { name: "later", data: { ...job, ...rest, protocol: 9 } },
          { name: "strange", data: "what?" },
        ]);
      }
      if (step !== 2) return;
      await redis.kill();
      setTimeout(() => void redis.start(), 700);
    });
    expect(there).toEqual(here);
    expect(lines).toContainEqual(expect.stringMatching(/^The queue is away; waiting for it: redis:/));
    expect(lines).toContain("The queue is back.");
    const all = `${fast.text()}${slow.text()}`;
    expect(all).toMatch(/cut: failed after .*: the message is damaged or was cut short/);
    expect(all).toMatch(
      /later: failed after .*: the job is of protocol 9, and this version of neoblast speaks protocol 1/,
    );
    expect(all).toMatch(/strange: failed after .*: the job is damaged: it does not say what a job has to/);
    await executor.close();
  });

  it("a worker that lies is named, and what it says is left out", async () => {
    slow.child.kill("SIGKILL");
    const liar = await odd({ lies: true });
    const executor = await ask();
    await expect.poll(() => executor.slots, { timeout: 20_000 }).toBe(2);
    lines.length = 0;
    // All are checked, so that it is found out for sure.
    expect(await evolved(engine, judgingBy({ executor, say, verify: 1 }))).toEqual(here);
    expect(lines).toEqual([
      expect.stringMatching(`^${liar.name} says of member \\d+ of generation \\d loss `),
    ]);
    liar.child.kill("SIGKILL");
    await executor.close();
  });

  it("who asks is killed and resumed; a worker that is asked to leave does, and says it is well", async () => {
    const tiny = "evolve 🦋 --size 6 --padding 2 --population 8 --generations 6 --rollout 8 --kernels strict";
    const alone = train([...tiny.split(" "), "--out", "alone"], place);
    const asks = [...tiny.split(" "), "--queue", redis.url, "--verify", "20%", "--out", "many"];
    const killed = await signalAt(
      [...asks, "--checkpoint-every", "0"],
      place,
      "SIGKILL",
      ({ step }) => step === 2,
    );
    expect(killed.signal).toBe("SIGKILL");
    await train(["evolve", "--resume", "many", "--queue", redis.url, "--patience", "20"], place);
    await alone;
    expect(modelBytes(place, "many")).toEqual(modelBytes(place, "alone"));
    expect(metricsOf(place, "many")).toEqual(metricsOf(place, "alone"));

    const { code, stdout } = await call(["queue", "status", "--queue", redis.url]);
    expect(code).toBeUndefined();
    expect(stdout).toMatch(/^[12] workers?, 0 running, 0 waiting, \d+ failed; \d+ jobs in the last minute\n/);
    expect(stdout).toContain(`  ${fast.name}: strict kernels of neoblast 0.1.0, 1 thread; here for `);
    fast.child.kill("SIGINT");
    expect(await ended(fast.child)).toBe(0);
    expect(fast.text()).toMatch(/\nThe worker has left\.\n$/);
  });
});
