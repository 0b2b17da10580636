/** What a job and its outcome look like in the queue. All of it comes from elsewhere, so all of it is checked. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { FormatError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import { MAX_CONTENT_BYTES, PROTOCOL } from "../message.ts";

/** Bytes up to which a message stands in the job itself; a longer one has a key of its own. */
export const INLINE_BYTES = 4096;

const name = z.string().check(z.minLength(1), z.maxLength(100));
const hash = z.string().check(z.refine((text) => /^[0-9a-f]{64}$/.test(text), "must be a SHA-256"));

/** Bytes, or the key under which they are. */
const payloadSchema = z.union([
  z.strictObject({ base64: z.string().check(z.maxLength(2 * INLINE_BYTES)) }),
  z.strictObject({ blob: hash }),
]);
export type Payload = Readonly<z.infer<typeof payloadSchema>>;

const jobSchema = z.strictObject({
  protocol: z.int(),
  kind: name,
  version: z.int(),
  /** Version of neoblast whose bits are wanted. */
  neoblast: name,
  /** Build of the engine whose bits are wanted. */
  build: z.string().check(z.maxLength(500)),
  /** Who wants it: as long as its lease is there. */
  owner: name,
  /** Tells apart equal jobs that are to be done more than once. */
  copy: z.int(),
  /** Workers that must not do it. */
  not: z.array(name).check(z.maxLength(1000)),
  message: payloadSchema,
  /** Parts that several jobs share: their SHA-256 by name. */
  shared: z.record(name, hash),
});
export type JobData = Readonly<z.infer<typeof jobSchema>>;

const outcomeSchema = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("done"), worker: name, message: payloadSchema }),
  /** Nobody can do it. */
  z.strictObject({
    outcome: z.literal("failed"),
    worker: name,
    sentence: z.string().check(z.maxLength(4000)),
  }),
  /** Not done, and to be asked for again by whoever wants it: a part was missing, or nobody seemed to want it. */
  z.strictObject({
    outcome: z.literal("again"),
    worker: name,
    missing: z.array(hash).check(z.maxLength(100)),
  }),
]);
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

/** @throws FormatError, one sentence, for what is no job of this version. */
export function parseJob(value: unknown): JobData {
  const protocol = z.object({ protocol: z.int() }).safeParse(value);
  if (protocol.success && protocol.data.protocol !== PROTOCOL) {
    throw new FormatError(
      `the job is of protocol ${protocol.data.protocol}, and this version of neoblast speaks protocol ${PROTOCOL}`,
    );
  }
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw new FormatError("the job is damaged: it does not say what a job has to");
  return parsed.data;
}

/** @throws FormatError for what is no outcome. */
export function parseOutcome(value: unknown): Outcome {
  const parsed = outcomeSchema.safeParse(value);
  if (!parsed.success) throw new FormatError("a worker sent an outcome that is none");
  return parsed.data;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Name of a job: equal for equal messages, so that who asks again for the same finds what is there already. Who wants it
 * does not count, nor does how the message is kept.
 */
export function jobId(data: JobData, message: Uint8Array): string {
  const { protocol, kind, version, neoblast, build, copy, not } = data;
  const shared = Object.entries(data.shared).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(
    JSON.stringify([protocol, kind, version, neoblast, build, copy, not, shared, sha256(message)]),
  );
}

export type QueuePlace = Readonly<{ build: string; neoblast: string; tag?: string | undefined }>;

/** Name of the queue for work of a build and a version: workers join those whose work they can do. */
export function queueName({ build, neoblast, tag }: QueuePlace): string {
  const words = [neoblast, build, ...(tag === undefined ? [] : [tag])];
  const plain = words.map((word) => word.replaceAll(/[^\w.+-]+/g, "_").slice(0, 40));
  return words.some((word, i) => word !== plain[i])
    ? `${plain.join("@")}@${sha256(words.join("\n")).slice(0, 8)}`
    : plain.join("@");
}

/** The queue of this version. */
export function placeOf(build: string, tag?: string): QueuePlace {
  return { build, neoblast: VERSION, ...(tag !== undefined && { tag }) };
}

/** @throws FormatError where it is longer than what is read. */
export function bytesOf(payload: Payload, blob: Uint8Array | null): Uint8Array {
  const bytes = "base64" in payload ? Buffer.from(payload.base64, "base64") : blob;
  if (!bytes) throw new FormatError("a part of the message is missing");
  if (bytes.length > MAX_CONTENT_BYTES + 2 ** 20) throw new FormatError("the message is too long");
  return bytes;
}
