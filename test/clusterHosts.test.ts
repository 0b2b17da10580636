/** Workers on hosts of their own, each in a network namespace: one of them loses its network in the middle of a run. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgingBy } from "../src/cluster/members/judge.ts";
import { queueAddress } from "../src/cluster/queue/address.ts";
import { openQueue } from "../src/cluster/queue/executor.ts";
import { redisPath, startRedis, type TestRedis } from "../src/cluster/queue/redis.case.ts";
import type { Engine } from "../src/engine.ts";
import { createEvolution, resolveEvolutionConfig } from "../src/experiments/evolution/evolution.ts";
import type { Judging } from "../src/experiments/experiment.ts";
import { createEngine } from "../src/node/engine.ts";
import { BIN } from "./commandLine.ts";

const PASSWORD = "open sesame";

function ip(words: string): boolean {
  return spawnSync("ip", words.split(" "), { stdio: "ignore" }).status === 0;
}

/** A host: a namespace that sees this machine at `here`, and nothing else. */
function hostOf(number: number) {
  const name = `nb${process.pid}n${number}`;
  const link = `nb${process.pid}l${number}`;
  const [here, there] = [1, 2].map((end) => `10.231.${(process.pid + number) % 250}.${end}`);
  const make = () =>
    ip(`netns add ${name}`) &&
    ip(`link add ${link} type veth peer name eth0 netns ${name}`) &&
    ip(`addr add ${here}/30 dev ${link}`) &&
    ip(`link set ${link} up`) &&
    ip(`-n ${name} addr add ${there}/30 dev eth0`) &&
    ip(`-n ${name} link set eth0 up`);
  return { name, link, here, make, remove: () => ip(`netns del ${name}`) };
}

/** Whether this system lets us make hosts: Linux, as root, with iproute2. */
function hasHosts(): boolean {
  const trial = hostOf(0);
  const isMade = trial.make();
  trial.remove();
  return isMade;
}

describe.skipIf(redisPath === undefined || !hasHosts())(
  "workers on hosts of their own (needs redis-server, ip and root)",
  () => {
    const hosts = [hostOf(1), hostOf(2)];
    const children: ChildProcess[] = [];
    let redis: TestRedis;
    let engine: Engine;

    beforeAll(async () => {
      for (const host of hosts) expect(host.make()).toBe(true);
      const addresses = hosts.map(({ here }) => here);
      redis = await startRedis("--bind", "127.0.0.1", ...addresses, "--requirepass", PASSWORD);
      engine = await createEngine({ threads: 1, kernels: "strict" });
    });
    afterAll(async () => {
      for (const child of children) child.kill("SIGKILL");
      await engine.dispose();
      await redis.stop();
      for (const host of hosts) host.remove();
    });

    /** A worker that has joined. */
    function joined({ name, here }: (typeof hosts)[number]): Promise<void> {
      const queue = `redis://${here}:${redis.port}/0`;
      const words = ["netns", "exec", name, process.execPath, BIN, "worker", "--queue", queue];
      const more = "--kernels strict --threads 1 --lock 1".split(" ");
      const env = { ...process.env, NEOBLAST_QUEUE_PASSWORD: PASSWORD };
      const child = spawn("ip", [...words, ...more], { env, stdio: ["ignore", "ignore", "pipe"] });
      children.push(child);
      return new Promise((resolve, reject) => {
        let text = "";
        child.stderr.setEncoding("utf8").on("data", (part: string) => {
          text += part;
          if (text.includes(" has joined ")) resolve();
        });
        child.once("exit", () => reject(new Error(text)));
      });
    }

    it("ends with the bits of a run here", async () => {
      await Promise.all(hosts.map(joined));
      const config = resolveEvolutionConfig({
        overrides: {
          seed: 9,
          target: { source: "x", size: 8, padding: 2, seeds: [[0, 0]] },
          rule: { channels: 8, hidden: [8], seed: { from: 3, to: 8 } },
          training: { generations: 6, population: 12, rollout: 8, fitness: "last:2" },
        },
      });
      const target = { grid: [12, 12] as const, data: new Float32Array(576).fill(0.5) };
      const run = async (judging?: Judging, at: (step: number) => void = () => undefined) => {
        const trainer = createEvolution({ engine, config, target, judging });
        for await (const { step } of trainer) at(step);
        return trainer.model;
      };
      const executor = await openQueue(queueAddress(redis.url, PASSWORD), {
        build: "strict",
        look: 0.25,
        say: () => undefined,
      });
      await expect.poll(() => executor.slots, { timeout: 20_000 }).toBe(2);
      const there = await run(judgingBy({ executor, say: () => undefined }), (step) => {
        if (step === 2) expect(ip(`link set ${hosts[0].link} down`)).toBe(true);
      });
      expect(there).toEqual(await run());
      await expect.poll(() => executor.slots, { timeout: 20_000 }).toBe(1);
      await executor.close();
    });
  },
);
