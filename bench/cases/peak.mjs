// GFLOP/s of a whole training step on one thread, against a bare matrix product on the same core.
import { verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { trainingSteps } from "../../dist/cli/bench/timed.js";
import { benchWorkload, trainingFlopsPerCell } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { neighbourOffsets } from "../../dist/rule/kernels.js";
import { peakRun } from "../kernels/peak.mjs";
import { productsRun } from "../kernels/products.mjs";
import { row } from "../report.mjs";

const PAIRS = 15;

/** Other rules, by what differs from the article's. */
const OTHERS = {
  "32 channels, 256 hidden": { rule: { channels: 32, hidden: [256] } },
  "20 channels, a convolution of nine taps, 80 and 80 hidden": {
    rule: {
      channels: 20,
      kernels: neighbourOffsets(2, 1).map((offset) => ({ taps: [{ offset, weight: 1 }] })),
      hidden: [80, 80],
    },
  },
  "12 channels, four kernels, 96 hidden, all cells of a torus": {
    rule: {
      channels: 12,
      kernels: ["identity", "sobelX", "sobelY", "laplacian"],
      hidden: [96],
      boundary: "wrap",
      alive: { channel: 3, threshold: 0.1, mask: "none" },
      seed: { from: 3, to: 12 },
    },
    pattern: "full",
  },
};
const OTHER_PAIRS = 5;

/** Blocks of the tape that a sample of the workload fills: 80 steps of some 366 cells, in three or four chunks each. */
const TAPE = 300;

export const title =
  "Arithmetic: the training step on one thread, against a bare SIMD matrix product in the cache";

export async function run({ scratch, quick }) {
  const engine = await createEngine({ threads: 1 });
  try {
    const deviation = await verifyAgainstReference(engine);
    const peak = await peakRun(engine.build, scratch, quick);
    const pairs = async (count, options = {}) => {
      const workload = benchWorkload({ ...options, ...(quick && { batch: 1, steps: 4 }) });
      const step = await trainingSteps(engine, workload);
      const flops = trainingFlopsPerCell(workload.rule);
      const stepRate = async () => {
        const { cellUpdates, seconds } = await step();
        return (cellUpdates * flops) / seconds / 1e9;
      };
      await stepRate();
      return besidePeak(stepRate, count);
    };
    const besidePeak = async (rateOf, count) => {
      const peaks = [];
      const rates = [];
      for (let i = 0; i < (quick ? 1 : count); i++) {
        peaks.push(peak());
        rates.push(await rateOf());
      }
      return { peaks, rates, shares: rates.map((rate, i) => (100 * rate) / peaks[i]) };
    };
    const products = async (blocks) => {
      const rateOf = await productsRun(engine.build, benchWorkload().rule, blocks);
      const times = quick ? 1 : Math.ceil(TAPE / blocks);
      rateOf(times);
      return (await besidePeak(() => rateOf(times), PAIRS)).shares;
    };
    const cached = await products(1);
    const taped = await products(quick ? 2 : TAPE);
    const { peaks, rates, shares } = await pairs(PAIRS);
    const others = [];
    for (const [label, options] of Object.entries(OTHERS)) {
      const other = await pairs(OTHER_PAIRS, { batch: 2, ...options });
      others.push(row(`${label}: share of the peak`, other.shares, "%"));
    }
    return {
      build: engine.build,
      verified: [
        { what: `wasm (${engine.build}) against the reference engine`, deviation },
        { what: "the matrix product against plain loops" },
      ],
      rows: [
        row("bare matrix product", peaks, "GFLOP/s"),
        row("training step, everything included", rates, "GFLOP/s"),
        row("share of the peak", shares, "%", { atLeast: 80 }),
        row("  of its products alone, in the cache", cached, "%"),
        row("  of its products alone, on a tape", taped, "%"),
        ...others,
      ],
    };
  } finally {
    await engine.dispose();
  }
}
