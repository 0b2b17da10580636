/** A Redis of a test's own: on a free port, with an append-only file in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
// oxlint-disable-next-line typescript/ban-ts-comment -- a script without types
// @ts-expect-error
import { findRedis } from "../../../scripts/redis.mjs";

const path: unknown = findRedis();
/** Path of the server; undefined where there is none, so that tests are skipped. */
export const redisPath = typeof path === "string" ? path : undefined;

export type TestRedis = Readonly<{
  url: string;
  port: number;
  /** Kills it at once, as a machine that fails does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what is in its append-only file. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}>;

/** @param words more options of redis-server. */
export async function startRedis(...words: string[]): Promise<TestRedis> {
  if (redisPath === undefined) throw new Error("there is no redis-server");
  const server = redisPath;
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "neoblast-redis-"));
  let child: ChildProcess | undefined;
  const kill = async () => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    const options = `--bind 127.0.0.1 --port ${port} --save  --appendonly yes --appendfsync always --dir ${folder}`;
    child = spawn(server, [...options.split(" "), ...words], { stdio: "ignore" });
    await listens(port);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function listens(port: number): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("redis-server did not start");
}
