// A rollout of 1,000 steps, every cell alive, trained within 1 GiB.
import { outcomeOf } from "../../dist/cli/bench/check.js";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { row } from "../report.mjs";
import { startOurs } from "../stepper.mjs";

const MIB = 2 ** 20;
/** For the recording; the rest of the GiB is for Node, the states and the optimiser. */
const BUDGET = 640 * MIB;

export const title =
  "Long rollout: 1,000 steps, 72x72, batch 8, every cell alive, one training step within 1 GiB";

export async function run({ threads, quick }) {
  await verifyBudget(threads);
  const workload = { pattern: "full", steps: 1000, ...(quick && { grid: [16, 16], batch: 1, steps: 40 }) };
  const child = await startOurs({ threads, memoryBudget: BUDGET, workload });
  try {
    const { seconds, peakBytes, loss } = await child.ask("step");
    if (!Number.isFinite(loss)) throw new Error(`the loss of the rollout is ${loss}`);
    return {
      verified: [{ what: "gradient within a small budget against unlimited: the same bits" }],
      rows: [
        row("one training step", seconds, "s"),
        row("peak memory", peakBytes / MIB, "MiB", { atMost: 1024 }),
      ],
    };
  } finally {
    child.close();
  }
}

/** A budget that forces most steps to be computed again must not change a bit. */
async function verifyBudget(threads) {
  const workload = benchWorkload({ grid: [40, 40], pattern: "full", batch: 2, steps: 60 });
  const [within, unlimited] = await Promise.all(
    [8 * MIB, Infinity].map(async (memoryBudget) => {
      const engine = await createEngine({ threads, memoryBudget });
      try {
        return await outcomeOf(engine, workload);
      } finally {
        await engine.dispose();
      }
    }),
  );
  const differs = within.gradient.some((value, i) => !Object.is(value, unlimited.gradient[i]));
  if (differs) throw new Error("the gradient within a memory budget differs from the one without");
}
