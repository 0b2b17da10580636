// Evolution on several processes against threads of one: generations a minute for cax-es, two workers of one thread each by a
// queue against two threads here, in pairs; messages and bytes of a generation; and, by the service times measured, what up to
// 1,000 workers would come to. Usage: node bench/cluster.mjs [--json] [--quick] [--pairs N] [--generations N]. Needs a build, a
// redis-server and some minutes; with --quick, which only shows that it works, seconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEvolution, resolveEvolutionConfig } from "../dist/index.train.js";
import { createEngine, loadTarget } from "../dist/node/index.js";
import { judgingBy, SHORTEST } from "../dist/cluster/members/judge.js";
import { membersKind } from "../dist/cluster/members/kind.js";
import { rangesOf } from "../dist/cluster/members/ranges.js";
import { encodePart } from "../dist/cluster/message.js";
import { queueAddress } from "../dist/cluster/queue/address.js";
import { openQueue } from "../dist/cluster/queue/executor.js";
import { queuePackages } from "../dist/cluster/queue/connection.js";
import { createStrategy } from "../dist/train/evolution/settings.js";
import { findRedis } from "../scripts/redis.mjs";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    pairs: { type: "string" },
    generations: { type: "string" },
  },
});
const { quick, json } = options;
const PAIRS = Number(options.pairs ?? (quick ? 1 : 3));
const GENERATIONS = Number(options.generations ?? (quick ? 1 : 3));
const print = (text) => void (json || process.stdout.write(`${text}\n`));

const server = findRedis();
if (!server) {
  process.stdout.write("skipped: no redis-server\n");
  process.exit(0);
}

const overrides = quick
  ? { target: { size: 8, padding: 2 }, training: { population: 8, generations: 64, rollout: 8 } }
  : {};
const config = resolveEvolutionConfig({ preset: "cax-es", overrides });
const { rule, training } = config;
const { population } = training;
const picture = await loadTarget(config.target.source, {
  ...config.target,
  premultiplied: rule.image.premultiplied,
});

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address();
  listener.close();
  await once(listener, "close");
  return port;
}

async function reached(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const folder = mkdtempSync(join(tmpdir(), "neoblast-bench-redis-"));
const port = await freePort();
const redisOptions = `--bind 127.0.0.1 --port ${port} --save  --appendonly yes --dir ${folder}`;
const children = [spawn(server, redisOptions.split(" "), { stdio: "ignore" })];
const url = `redis://127.0.0.1:${port}/0`;
const bin = fileURLToPath(new URL("../bin/neoblast.js", import.meta.url));

/** A worker of one thread, once it has joined. */
async function startWorker() {
  const child = spawn(process.execPath, [bin, "worker", "--queue", url, "--threads", "1"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  child.stderr.setEncoding("utf8");
  for (let text = ""; !text.includes("has joined");) {
    const [more] = await once(child.stderr, "data");
    text += more;
  }
  child.stderr.resume();
  return child;
}

/** Seconds of processor time and what has travelled, as Redis counts them. */
async function usageOf(redis) {
  const fields = new Map(
    (await redis.info())
      .split("\r\n")
      .map((line) => line.split(":"))
      .filter(([, value]) => value !== undefined),
  );
  const of = (name) => Number(fields.get(name));
  return {
    seconds: of("used_cpu_user") + of("used_cpu_sys"),
    commands: of("total_commands_processed"),
    input: of("total_net_input_bytes"),
    output: of("total_net_output_bytes"),
  };
}

/** Seconds of processor time that this process takes for some work. */
async function processorSeconds(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** One generation after the other, of whichever trainer is asked: its seconds. */
async function generation(running) {
  const { value } = await running.next();
  return value.seconds;
}

async function measured() {
  await reached(port);
  const { Redis } = await queuePackages();
  const redis = new Redis(port);
  const engines = [await createEngine({ threads: 2 }), await createEngine({ threads: 1 })];
  await Promise.all([startWorker(), startWorker()]);
  const [local, own] = engines;
  const executor = await openQueue(queueAddress(url, ""), { build: own.build, say: print });
  while (executor.slots < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  const judging = judgingBy({ executor, say: print });
  try {
    const here = createEvolution({ engine: local, config, target: picture });
    const there = createEvolution({ engine: own, config, target: picture, judging });
    const [running, asking] = [here.run(), there.run()];
    // The first compiles, and sends what all have in common.
    await generation(running);
    await generation(asking);
    const before = { ...(await usageOf(redis)), ...executor.traffic() };
    const rows = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const pairs = [];
      for (let i = 0; i < GENERATIONS; i++) {
        pairs.push([await generation(running), await generation(asking)]);
      }
      rows.push({ here: median(pairs.map(([one]) => one)), there: median(pairs.map(([, other]) => other)) });
    }
    const after = { ...(await usageOf(redis)), ...executor.traffic() };
    const usage = Object.fromEntries(
      Object.keys(after).map((key) => [key, (after[key] - before[key]) / PAIRS / GENERATIONS]),
    );
    const others = there.model;
    if (here.model.some((value, i) => !Object.is(value, others[i]))) {
      throw new Error("the queue's model has other bits than the one made here");
    }
    const service = {
      member: await memberSeconds(own),
      ...(await tellSeconds()),
      ...(await jobSeconds(executor, redis, own)),
      /** Bytes that each worker fetches for a generation. */
      centre: encodePart({ head: {}, tensors: { mean: { shape: [others.length], data: others } } }).length,
    };
    return {
      machine: `${availableParallelism()} x ${cpus()[0]?.model.trim()}, Node ${process.version}`,
      build: own.build,
      population,
      rows,
      ratio: median(rows.map((row) => row.here / row.there)),
      usage,
      service,
      simulated: [population, 8 * population].flatMap((members) =>
        [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000].map((workers) => simulated(workers, members, service)),
      ),
    };
  } finally {
    await executor.close();
    redis.disconnect();
    for (const engine of engines) await engine.dispose();
    for (const child of children.toReversed()) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    rmSync(folder, { recursive: true });
  }
}

/** Seconds that one thread takes for a member. */
async function memberSeconds(engine) {
  const few = Math.min(population, 64);
  const settings = { ...config, training: { ...training, population: few } };
  const running = createEvolution({ engine, config: settings, target: picture }).run();
  await generation(running);
  return (await processorSeconds(() => generation(running))) / few;
}

/** Seconds of who asks between two generations: the search moves its centre, which is packed to be sent. */
async function tellSeconds() {
  const strategy = createStrategy(training.strategy, { population, seed: 0, generations: 10 });
  const trainer = createEvolution({ engine: { declines: () => undefined }, config, target: picture });
  const search = strategy.init(trainer.model);
  const losses = Float64Array.from({ length: population }, (_, i) => (i * 7919) % population);
  const tells = [];
  const packs = [];
  for (let i = 0; i < 5; i++) {
    const tell = () => strategy.tell(search, i, losses, training.strategy.learningRate);
    tells.push(await processorSeconds(async () => void tell()));
    const data = tell().mean;
    const part = { head: {}, tensors: { mean: { shape: [data.length], data } } };
    packs.push(await processorSeconds(async () => void encodePart(part)));
  }
  return { tell: median(tells), pack: median(packs) };
}

/** Seconds of who asks, and of Redis, for each job, by jobs that are hardly any work. */
async function jobSeconds(executor, redis, engine) {
  const tiny = { ...config, training: { ...training, rollout: 1, population: 2 ** 16 } };
  const setting = { config: tiny, grid: picture.grid, target: picture.data };
  const { model } = createEvolution({ engine, config: tiny, target: picture });
  const centre = { mean: model, tensors: {} };
  const submit = (first) => executor.submit(membersKind, { setting, centre, generation: 0, first, count: 1 });
  await submit(0);
  const count = quick ? 20 : 1000;
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const { seconds } = await usageOf(redis);
  const asker = (await processorSeconds(() => Promise.all(all.map(submit)))) / count;
  return { asker, redis: ((await usageOf(redis)).seconds - seconds) / count };
}

/**
 * A generation of so many members by so many workers, event by event. Who asks and Redis each do one thing at a time, in the
 * order in which it comes; the centre goes to each worker once, over one network of a gigabit a second; each way takes half a
 * millisecond. Redis has three things to do for a job: to take it, to give it out, to take its result.
 */
function simulated(workers, members, { member, tell, pack, redis, asker, centre }) {
  const WAY = 0.0005;
  const BYTES = 125e6;
  const tellTime = (tell * members) / population;
  const ranges = rangesOf(members, workers, Math.ceil(SHORTEST / member));
  let askerFree = pack;
  let redisFree = 0;
  const busy = { asker: 0, redis: 0, network: 0 };
  let networkFree = 0;
  const byRedis = (at) => {
    redisFree = Math.max(redisFree, at) + redis / 3;
    busy.redis += redis / 3;
    return redisFree;
  };
  const byAsker = (at) => {
    askerFree = Math.max(askerFree, at) + asker / 2;
    busy.asker += asker / 2;
    return askerFree;
  };
  const posted = ranges.map(() => byRedis(byAsker(pack) + WAY));
  const free = Array.from({ length: workers }, () => ({ at: 0, hasCentre: false }));
  const results = ranges.map(({ count }, i) => {
    const worker = free.reduce((first, each) => (each.at < first.at ? each : first));
    let at = byRedis(Math.max(worker.at, posted[i]) + WAY) + WAY;
    if (!worker.hasCentre) {
      networkFree = Math.max(networkFree, at) + centre / BYTES;
      busy.network += centre / BYTES;
      at = networkFree;
      worker.hasCentre = true;
    }
    worker.at = at + count * member;
    return worker.at + WAY;
  });
  let last = 0;
  for (const at of results.toSorted((a, b) => a - b)) last = Math.max(last, byAsker(byRedis(at) + WAY));
  const seconds = last + tellTime;
  const work = (members * member) / workers;
  return {
    workers,
    members,
    generationsAMinute: 60 / seconds,
    /** Of the workers' time, the part in which they judge. */
    efficiency: work / seconds,
    /** Seconds of a generation. */
    parts: { work, tell: tellTime, ...busy, seconds },
  };
}

const ms = (seconds) => `${(1000 * seconds).toFixed(2)} ms`;

function report({ machine, build, rows, ratio, usage, service, simulated: table }) {
  print(`${machine}, ${build} kernels; cax-es, population ${population}, the same bits each time`);
  print("generations a minute: two threads here, two workers of one thread, their ratio");
  for (const { here, there } of rows) {
    print(`  ${(60 / here).toFixed(2)}  ${(60 / there).toFixed(2)}  ${((100 * here) / there).toFixed(1)}%`);
  }
  print(`  median of the ratios: ${(100 * ratio).toFixed(1)}%`);
  print(
    `a generation: ${usage.jobs.toFixed(1)} jobs, ${usage.commands.toFixed(0)} commands of Redis; ${usage.sent.toFixed(0)} bytes of messages sent, ${usage.received.toFixed(0)} received; ${usage.input.toFixed(0)} bytes into Redis and ${usage.output.toFixed(0)} out, with all that the queue says beside`,
  );
  print(
    `service times: a member ${ms(service.member)}; Redis ${ms(service.redis)} a job; who asks ${ms(service.asker)} a job and ${ms(service.tell + service.pack)} a generation`,
  );
  print("simulated: members, workers, generations a minute, part of the workers' time in which they judge");
  for (const { members, workers, generationsAMinute, efficiency } of table) {
    print(
      `  ${String(members).padStart(6)}  ${String(workers).padStart(5)}  ${generationsAMinute.toFixed(1).padStart(7)}  ${(100 * efficiency).toFixed(0).padStart(4)}%`,
    );
  }
}

const result = await measured();
report(result);
if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
