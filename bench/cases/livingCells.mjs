// Cost follows living cells, not the grid: the same disc on 512x512 and on 72x72.
import { outcomeOf, verify } from "../../dist/cli/bench/check.js";
import { trainingSteps } from "../../dist/cli/bench/timed.js";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { cropState } from "../../dist/engine/window.js";
import { row } from "../report.mjs";

const PAIRS = 8;
const SMALL = [72, 72];
const LARGE = [512, 512];

export const title = "Empty space: a training step of the same disc on 512x512, against 72x72";

export async function run({ threads, quick }) {
  const engine = await createEngine({ threads });
  try {
    const deviation = await verifySame(engine);
    const work = quick ? { batch: 1, steps: 4 } : {};
    const small = await trainingSteps(engine, benchWorkload({ ...work, grid: SMALL }));
    const large = await trainingSteps(engine, benchWorkload({ ...work, grid: LARGE }));
    await small();
    await large();
    const times = { small: [], large: [] };
    for (let i = 0; i < (quick ? 1 : PAIRS); i++) {
      times.small.push((await small()).seconds);
      times.large.push((await large()).seconds);
    }
    const ratios = times.large.map((seconds, i) => seconds / times.small[i]);
    return {
      verified: [{ what: "512x512 against 72x72, every cell firing", deviation }],
      rows: [
        row("72x72", times.small, "s"),
        row("512x512", times.large, "s"),
        row("512x512 costs", ratios, "times", { atMost: 1.5 }),
      ],
    };
  } finally {
    await engine.dispose();
  }
}

/** Where every cell fires, both grids come to the same; the mean square error is over more cells on the larger one. */
async function verifySame(engine) {
  const outcome = async (grid) => {
    const workload = benchWorkload({ grid, batch: 1, steps: 10, fireRate: 1 });
    const { states, gradient } = await outcomeOf(engine, workload);
    const scaled = gradient.map((value) => value * grid[0] * grid[1]);
    return {
      states: states.map((state) => cropState(state, grid, workload.rule.channels).data),
      gradient: scaled,
    };
  };
  return verify(await outcome(LARGE), await outcome(SMALL), benchWorkload({ batch: 1 }).rule, "512x512");
}
