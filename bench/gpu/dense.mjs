// A large grid on which every cell lives: forward, and a training step.
import { join } from "node:path";
import { outcomeOf } from "../../dist/cli/bench/check.js";
import { benchWorkload, SEED } from "../../dist/cli/bench/workload.js";
import { disposeStates } from "../../dist/engine/states.js";
import { writeWorkload } from "../peers/peers.mjs";
import { besidePeers, PEERS } from "./peers.mjs";
import { secondsOf } from "./turns.mjs";
import { nameOf, onProcessor, outcomeCheck, trainingWork, verifyEngine, withEngine } from "./work.mjs";

const FULL = { side: 1024, checked: 128, forward: 64, training: 8 };
const SMALL = { side: 32, checked: 24, forward: 4, training: 2 };
/** Steps of the check on the whole grid, which is there for its size. */
const FEW = 2;
/** Of a gradient that a million cells add up to in float32, in another order. */
const WHOLE_TOLERANCE = 1e-3;

export const title = "Dense: 1024x1024, every cell lives, 16 channels, 128 hidden, fire rate 0.5";

const full = (side, steps, fireRate) =>
  benchWorkload({ grid: [side, side], batch: 1, steps, fireRate, pattern: "full" });

/** The workloads of the two things that are timed, and of the checks. */
export function denseWorkloads({ quick }) {
  const { side, checked, forward, training } = quick ? SMALL : FULL;
  const whole = full(side, forward);
  return {
    forward: whole,
    training: { ...whole, steps: training },
    whole: { ...whole, steps: FEW },
    part: full(checked, training),
    check: full(checked, training, 1),
  };
}

export async function run(context) {
  const folder = join(context.scratch, "dense");
  const workloads = denseWorkloads(context);
  const { forward, training, whole, part, check } = workloads;
  writeWorkload(join(folder, "forward"), forward, { forward: true });
  writeWorkload(join(folder, "training"), training);
  writeWorkload(join(folder, "check"), check);
  return await withEngine(context.createEngine, async (engine) => {
    const verified = [];
    const prepare = () =>
      onProcessor(context, async (wasm) => {
        const cases = [
          { what: `${part.grid.join("x")}, ${part.steps} steps`, workload: part },
          {
            what: `${whole.grid.join("x")}, ${FEW} steps`,
            workload: whole,
            tolerance: WHOLE_TOLERANCE,
          },
        ];
        verified.push(...(await verifyEngine(engine, wasm, cases)));
        return {
          name: nameOf(engine),
          verify: outcomeCheck(folder, check, await outcomeOf(wasm, check)),
          works: {
            forward: {
              what: `${forward.steps} steps forward`,
              step: (await forwardWork(engine, forward)).step,
            },
            training: {
              what: `training step of ${training.steps} steps`,
              step: (await trainingWork(engine, training)).step,
            },
          },
        };
      });
    const places = ["forward", "training"];
    const beside = await besidePeers(PEERS.dense, { folder, places }, prepare(), context);
    return { ...beside, verified: [...verified, ...beside.verified] };
  });
}

/** A rollout of which nothing is recorded, from states that lie on the device; it is over when its last state is known. */
export async function forwardWork(engine, workload) {
  const { final: states } = await engine.rollout({ ...workload, steps: 0, seed: SEED });
  let cellUpdates = 0;
  const once = async () => {
    const rollout = await engine.rollout({ ...workload, states, seed: SEED });
    await Promise.all(rollout.final.map((state) => state.stats()));
    ({ cellUpdates } = await rollout.stats());
    disposeStates(rollout.final);
  };
  return { step: () => secondsOf(once), cells: () => cellUpdates };
}
