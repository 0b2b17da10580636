/** Parts that several jobs have in common: kept under their SHA-256, sent once, and checked by whoever fetches them. */
import type { Redis } from "ioredis";
import { FormatError } from "../../errors.ts";
import type { Received } from "../job.ts";
import { decodePart, encodePart, type Part } from "../message.ts";
import { sha256 } from "./envelope.ts";
import { PREFIX } from "./connection.ts";

/** Seconds that a part stays after it was last sent or renewed. */
const LIFETIME = 900;
/** Milliseconds after which one that is still in use is renewed. */
const RENEW = 120_000;
/** Most parts that a worker keeps, the latest used. */
const KEPT = 16;

export function blobKey(hash: string): string {
  return `${PREFIX}:blob:${hash}`;
}

type Sent = {
  readonly hash: string;
  readonly bytes: Uint8Array;
  sentAt: number;
  /** Until it is there. */
  sending: Promise<unknown>;
};

/** Sends parts, each once. Counts what it sends. */
export class PartSender {
  readonly #redis: Redis;
  readonly #sent = new WeakMap<Part, Sent>();
  bytes = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The hashes of parts, by name, which are there then. */
  async send(parts: Readonly<Record<string, Part>>): Promise<Record<string, string>> {
    const hashes: Record<string, string> = {};
    await Promise.all(
      Object.entries(parts).map(async ([name, part]) => {
        const entry = this.#entryOf(part);
        hashes[name] = entry.hash;
        if (performance.now() - entry.sentAt > RENEW) this.#put(entry);
        await entry.sending;
      }),
    );
    return hashes;
  }

  /** Sends those again whose hashes are named. */
  async resend(parts: Readonly<Record<string, Part>>, hashes: readonly string[]): Promise<void> {
    const entries = Object.values(parts).map((part) => this.#entryOf(part));
    const missing = entries.filter(({ hash }) => hashes.includes(hash));
    for (const entry of missing) this.#put(entry);
    await Promise.all(missing.map(({ sending }) => sending));
  }

  #entryOf(part: Part): Sent {
    const known = this.#sent.get(part);
    if (known) return known;
    const bytes = encodePart(part);
    const entry = { hash: sha256(bytes), bytes, sentAt: -Infinity, sending: Promise.resolve() };
    this.#sent.set(part, entry);
    return entry;
  }

  #put(entry: Sent): void {
    entry.sentAt = performance.now();
    this.bytes += entry.bytes.length;
    entry.sending = this.#redis.set(blobKey(entry.hash), Buffer.from(entry.bytes), "EX", LIFETIME);
  }
}

/** Parts as a worker has them. */
export class PartStore {
  readonly #kept = new Map<string, Required<Part>>();

  /** Those of the hashes that are not here. */
  missing(hashes: readonly string[]): string[] {
    return hashes.filter((hash) => !this.#kept.has(hash));
  }

  /** @throws FormatError where the bytes are no part, or not the one that the hash names. */
  add(hash: string, bytes: Uint8Array): void {
    if (sha256(bytes) !== hash) throw new FormatError("a shared part is not the one that the job names");
    this.#kept.set(hash, decodePart(bytes));
  }

  /** Parts by name, the same objects whenever they are asked for; undefined where one is not here. */
  take(hashes: Readonly<Record<string, string>>): Received["shared"] | undefined {
    const found: Record<string, Required<Part>> = {};
    for (const [name, hash] of Object.entries(hashes)) {
      const part = this.#kept.get(hash);
      if (!part) return undefined;
      // The latest used are the last.
      this.#kept.delete(hash);
      this.#kept.set(hash, part);
      found[name] = part;
    }
    for (const hash of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(hash);
    }
    return found;
  }
}
