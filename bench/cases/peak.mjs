// GFLOP/s of a whole training step on one thread, against a bare matrix product on the same core.
import { verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { trainingSteps } from "../../dist/cli/bench/timed.js";
import { benchWorkload, trainingFlopsPerCell } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { peakRun } from "../kernels/peak.mjs";
import { row } from "../report.mjs";

const PAIRS = 15;

export const title =
  "Arithmetic: the training step on one thread, against a bare SIMD matrix product in the cache";

export async function run({ scratch, quick }) {
  const engine = await createEngine({ threads: 1 });
  try {
    const deviation = await verifyAgainstReference(engine);
    const peak = await peakRun(engine.build, scratch);
    const workload = benchWorkload(quick ? { batch: 1, steps: 4 } : {});
    const step = await trainingSteps(engine, workload);
    const flops = trainingFlopsPerCell(workload.rule);
    const stepRate = async () => {
      const { cellUpdates, seconds } = await step();
      return (cellUpdates * flops) / seconds / 1e9;
    };
    await stepRate();
    const peaks = [];
    const steps = [];
    for (let i = 0; i < (quick ? 1 : PAIRS); i++) {
      peaks.push(peak());
      steps.push(await stepRate());
    }
    const shares = steps.map((rate, i) => (100 * rate) / peaks[i]);
    return {
      build: engine.build,
      verified: [
        { what: `wasm (${engine.build}) against the reference engine`, deviation },
        { what: "the matrix product against plain loops" },
      ],
      rows: [
        row("bare matrix product", peaks, "GFLOP/s"),
        row("training step, everything included", steps, "GFLOP/s"),
        row("share of the peak", shares, "%", { atLeast: 75 }),
      ],
    };
  } finally {
    await engine.dispose();
  }
}
