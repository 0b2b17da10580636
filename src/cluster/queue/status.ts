/** What happens in a queue. */
import { VERSION } from "../../version.ts";
import type { QueueAddress } from "./address.ts";
import { connect, PREFIX } from "./connection.ts";
import { queuesOn, type WorkerReport, workersOn } from "./roster.ts";

export type QueueStatus = Readonly<{
  /** Version of neoblast that asks. */
  neoblast: string;
  workers: readonly WorkerReport[];
  /** What work is for the same build, version and tag. */
  queues: readonly Readonly<{
    build: string;
    neoblast: string;
    tag?: string | undefined;
    running: number;
    waiting: number;
    failed: number;
    /** Done, and not yet fetched by who asked. */
    done: number;
  }>[];
}>;

/** @throws UserError, one sentence, where the queue cannot be reached. */
export async function statusOf(address: QueueAddress): Promise<QueueStatus> {
  const connection = await connect(address, { patience: 10, say: () => undefined });
  try {
    const { packages, redis } = connection;
    const workers = await workersOn(redis);
    const queues = [];
    for (const [name, place] of Object.entries(await queuesOn(redis))) {
      const queue = new packages.Queue(name, { connection: redis, prefix: PREFIX, skipMetasUpdate: true });
      queue.on("error", () => undefined);
      const counts = await queue.getJobCounts("active", "waiting", "failed", "completed");
      const { active: running, waiting, failed, completed: done } = counts;
      queues.push({ ...place, running, waiting, failed, done });
      await queue.close();
    }
    return { neoblast: VERSION, workers, queues };
  } finally {
    await connection.close();
  }
}
