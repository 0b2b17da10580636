import type { QueueStatus } from "../../cluster/queue/status.ts";
import { statusOf } from "../../cluster/queue/status.ts";
import { buildOf } from "../../cluster/queue/words.ts";
import { addressOf } from "../queueOption.ts";
import { duration } from "../terminal/pace.ts";
import { print, printJson } from "../terminal/print.ts";
import type { QueueStatusOptions } from "./options.ts";

/** Prints what happens in a queue. */
export async function queueStatus({ queue, json }: QueueStatusOptions): Promise<void> {
  const status = await statusOf(addressOf(queue));
  if (json) printJson(status);
  else print(...statusLines(status));
}

/** The same in words, a line each. */
export function statusLines({ workers, queues }: QueueStatus): string[] {
  const rate = workers.reduce((sum, { lately }) => sum + lately, 0);
  const sum = (of: "running" | "waiting") => queues.reduce((total, queue) => total + queue[of], 0);
  const failures = [...queues, ...workers].reduce((total, { failed }) => total + failed, 0);
  return [
    `${counted(workers.length, "worker")}, ${sum("running")} running, ${sum("waiting")} waiting, ${failures} failed; ${counted(rate, "job")} in the last minute`,
    ...queues.map(
      ({ build, neoblast, tag, running, waiting, failed, done }) =>
        `  work for ${buildOf(build)} of neoblast ${neoblast}${tag === undefined ? "" : `, tag ${tag}`}: ${running} running, ${waiting} waiting, ${failed} failed, ${done} to be fetched`,
    ),
    ...workers.map(
      ({ name, build, neoblast, threads, tags, done, failed, lately, seconds, busy, doing }) =>
        `  ${name}: ${buildOf(build)} of neoblast ${neoblast}, ${counted(threads, "thread")}${tags.length > 0 ? `, tags ${tags.join(",")}` : ""}; here for ${duration(seconds)}, busy ${Math.round((100 * busy) / Math.max(seconds, 1e-9))}%; ${done} done, ${failed} failed, ${lately} in the last minute; ${doing.length > 0 ? `does ${doing.join(" and ")}` : "waits"}`,
    ),
  ];
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
