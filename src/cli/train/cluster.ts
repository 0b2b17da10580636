/** Training whose members other machines judge. */
import type { QueueAddress } from "../../cluster/queue/address.ts";
import type { Engine } from "../../engine.ts";
import type { Judging } from "../../experiments/experiment.ts";
import { addressOf, PATIENCE, type QueueOptions } from "../queueOption.ts";
import { say } from "../terminal/print.ts";
import { usageError } from "../values.ts";
import type { TrainingOptions } from "./options.ts";

export type Cluster = Readonly<{
  judging: Judging;
  /** Takes back what is not done. */
  close(): Promise<void>;
}>;

/**
 * The queue that the command line names; undefined where it names none.
 *
 * @throws UserError, exit status 2, for what is no address, and for options that need one.
 */
export function queueOf({ queue, verify, tag, patience }: QueueOptions): QueueAddress | undefined {
  if (queue !== undefined) return addressOf(queue);
  const given = Object.entries({ verify, tag, patience }).find(([, value]) => value !== undefined);
  if (given) throw usageError(`--${given[0]} is for work on other machines; name their queue by --queue`);
  return undefined;
}

/** @throws UserError, one sentence, where the queue cannot be reached or its packages are missing. */
export async function openCluster(
  address: QueueAddress | undefined,
  engine: Engine,
  { verify, tag, patience = PATIENCE }: TrainingOptions,
): Promise<Cluster | undefined> {
  if (!address) return undefined;
  const [{ judgingBy }, { openQueue }] = await Promise.all([
    import("../../cluster/members/judge.ts"),
    import("../../cluster/queue/executor.ts"),
  ]);
  const executor = await openQueue(address, { build: engine.build, tag, patience, say });
  return { judging: judgingBy({ executor, verify, say }), close: () => executor.close() };
}
