/** A connection to Redis or Valkey that comes back by itself, and says when the queue is gone for good. */
import type { Redis as Client } from "ioredis";
import { UserError } from "../../errors.ts";
import { missingPackage } from "../../node/optional.ts";
import { WorkFailure } from "../executor.ts";
import { addressText, PASSWORD_VARIABLE, type QueueAddress } from "./address.ts";

/** Before the names of all keys. */
export const PREFIX = "neoblast";

/** Milliseconds: longest pause between two attempts; of the first contact; after which a silent connection is given up. */
const RETRY = 1000;
const FIRST_CONTACT = 10_000;
const SILENCE = 30_000;

export type QueuePackages = Readonly<
  Pick<typeof import("bullmq"), "Queue" | "QueueEvents" | "Worker"> & Pick<typeof import("ioredis"), "Redis">
>;

/** What a queue is made with. @throws UserError where it is not installed. */
export async function queuePackages(): Promise<QueuePackages> {
  try {
    const [{ Queue, QueueEvents, Worker }, { Redis }] = await Promise.all([
      import("bullmq"),
      import("ioredis"),
    ]);
    return { Queue, QueueEvents, Worker, Redis };
  } catch (error) {
    if (missingPackage(error) === undefined) throw error;
    throw new UserError(
      "a queue needs the packages bullmq and ioredis, which are not installed: npm install bullmq ioredis",
      { cause: error },
    );
  }
}

/** How ioredis connects. */
export function connectionOptions({ tls, ...address }: QueueAddress) {
  return {
    ...address,
    ...(tls && { tls: { servername: address.host } }),
    connectionName: "neoblast",
    connectTimeout: FIRST_CONTACT,
    socketTimeout: SILENCE,
    keepAlive: 10_000,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number): number | null => Math.min(RETRY, 25 * 2 ** Math.min(times, 10)),
  };
}

export type Connection = Readonly<{
  address: QueueAddress;
  /** How to connect once more. */
  options: ReturnType<typeof connectionOptions>;
  packages: QueuePackages;
  redis: Client;
  /** Aborted, with a WorkFailure, once the queue has been away for too long. */
  gone: AbortSignal;
  /** Ends it, even where the queue is away. */
  close(): Promise<void>;
}>;

/**
 * Connects, and fails at once where that is not possible; later on it connects again, however often it takes.
 *
 * @param patience seconds that the queue may be away.
 * @param say is told, in a line, when it goes and when it is back.
 * @throws UserError, one sentence, where nobody answers, or does not let us in.
 */
export async function connect(
  address: QueueAddress,
  { patience, say }: Readonly<{ patience: number; say: (line: string) => void }>,
): Promise<Connection> {
  const packages = await queuePackages();
  const options = connectionOptions(address);
  await firstContact(packages, address);
  const redis = new packages.Redis(options);
  // BullMQ makes further connections of this one, and does not end those that are on their way to a queue which is away.
  const copies: Client[] = [];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    const copy = duplicate(override);
    copies.push(copy);
    return copy;
  };
  const controller = new AbortController();
  let reason = "the connection was closed";
  let timer: NodeJS.Timeout | undefined;
  redis.on("error", (error: Error) => (reason = reasonOf(error)));
  redis.on("close", () => {
    if (timer || controller.signal.aborted) return;
    say(`The queue is away; waiting for it: ${addressText(address)}`);
    timer = setTimeout(() => {
      controller.abort(
        new WorkFailure(
          `the queue at ${addressText(address)} has been away for ${patience} s, which is as long as was to be waited: ${reason}`,
        ),
      );
    }, patience * 1000);
  });
  redis.on("ready", () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = undefined;
    say("The queue is back.");
  });
  return {
    address,
    options,
    packages,
    redis,
    gone: controller.signal,
    async close() {
      redis.removeAllListeners("close");
      clearTimeout(timer);
      for (const each of [redis, ...copies]) each.disconnect();
    },
  };
}

async function firstContact({ Redis }: QueuePackages, address: QueueAddress): Promise<void> {
  const client = new Redis({
    ...connectionOptions(address),
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  let failure: Error | undefined;
  client.on("error", (error: Error) => (failure ??= error));
  try {
    await client.connect();
    await client.ping();
  } catch (cause) {
    const error = failure ?? (cause instanceof Error ? cause : new Error(String(cause)));
    throw new UserError(`cannot reach the queue at ${addressText(address)}: ${reasonOf(error)}`, { cause });
  } finally {
    client.disconnect();
  }
}

/** Why there is no connection, in words, and what would be right. */
function reasonOf(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password|without any password/i.test(error.message)) {
    return `it does not accept the password; set it in the environment as ${PASSWORD_VARIABLE}`;
  }
  return REASONS[code] ?? (error.message === "" ? code : error.message);
}

const START = "see that Redis or Valkey runs there, or name another by --queue";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: `nobody listens there; ${START}`,
  ECONNRESET: `it closed the connection; ${START}`,
  ENOTFOUND: "there is no host of that name; name another by --queue",
  EAI_AGAIN: "there is no host of that name, as far as can be told now; name another by --queue",
  ETIMEDOUT: `it does not answer; ${START}`,
  EHOSTUNREACH: "there is no way to that host; name another by --queue",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "its certificate is signed by itself; name the file of it in NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate is not signed by anybody known; name the file of the signer in NODE_EXTRA_CA_CERTS",
};
