/** The kinds of jobs that a worker does. */
import { sentRun } from "../sweep/jobs.ts";
import { membersKind } from "../../cluster/members/kind.ts";
import type { AnyKind } from "../../cluster/queue/worker.ts";

export const jobKinds: readonly AnyKind[] = [membersKind, sentRun];
