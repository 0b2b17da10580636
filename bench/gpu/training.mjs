// The training step that `npm run bench` has, too.
import { join } from "node:path";
import { outcomeOf } from "../../dist/cli/bench/check.js";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { writeWorkload } from "../peers/peers.mjs";
import { besidePeers, PEERS } from "./peers.mjs";
import { nameOf, onProcessor, outcomeCheck, trainingWork, verifyEngine, withEngine } from "./work.mjs";

const SMALL = { grid: [24, 24], batch: 2, steps: 4 };

export const title =
  "Training step: 72x72, batch 8, 80 steps, 16 channels, 128 hidden, grown disc of radius 14, fire rate 0.5, Adam";

export const trainingWorkload = ({ quick }) => benchWorkload(quick ? SMALL : {});

export async function run(context) {
  const folder = join(context.scratch, "training");
  const workload = trainingWorkload(context);
  const shape = { ...(context.quick && SMALL), batch: 2, steps: context.quick ? 4 : 20 };
  const check = benchWorkload({ ...shape, fireRate: 1 });
  writeWorkload(folder, workload);
  writeWorkload(join(folder, "check"), check);
  return await withEngine(context.createEngine, async (engine) => {
    const verified = [];
    const prepare = () =>
      onProcessor(context, async (wasm) => {
        const masked = { what: "a batch of 2", workload: benchWorkload(shape) };
        verified.push(...(await verifyEngine(engine, wasm, [masked])));
        const { step } = await trainingWork(engine, workload);
        return {
          name: nameOf(engine),
          verify: outcomeCheck(folder, check, await outcomeOf(wasm, check)),
          works: { "": { what: "training step", step } },
        };
      });
    const beside = await besidePeers(PEERS.training, { folder }, prepare(), context);
    return { ...beside, verified: [...verified, ...beside.verified] };
  });
}
