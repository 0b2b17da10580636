// GFLOP/s of our steps, beside bare matrix products of the same sizes on the same card: ours in WGSL, and a peer's.
import { join } from "node:path";
import { benchWorkload, trainingFlopsPerCell } from "../../dist/cli/bench/workload.js";
import { layerSizes } from "../../dist/rule/parameters.js";
import { DeviceProduct } from "../kernels/deviceProduct.mjs";
import { writeWorkload } from "../peers/peers.mjs";
import { row } from "../report.mjs";
import { denseWorkloads, forwardWork } from "./dense.mjs";
import { PEERS, startPeers } from "./peers.mjs";
import { trainingWorkload } from "./training.mjs";
import { alternate } from "./turns.mjs";
import { trainingWork, withEngine } from "./work.mjs";

/** Of the grid whose cells the products have: 128 MiB of hidden numbers, the largest array that every device has. */
const SIDE = { full: 512, quick: 12 };

export const title =
  "Arithmetic: matrix products of a step in GFLOP/s, against bare products of 262,144 cells";

export async function run(context) {
  if (!context.requestDevice) return { skipped: [{ name: "bare products", reason: "no graphics card" }] };
  const side = context.quick ? SIDE.quick : SIDE.full;
  const cells = benchWorkload({ grid: [side, side], batch: 1, steps: 1, pattern: "full" });
  const folder = join(context.scratch, "product");
  writeWorkload(folder, cells);
  const starting = startPeers(PEERS.product, { folder, places: [""], checked: false }, context);
  const products = new DeviceProduct(await context.requestDevice(), context.quick);
  try {
    const sizes = layerSizes(cells.rule);
    const chain = await products.chain(side * side, sizes);
    return await withEngine(context.createEngine, async (engine) => {
      const peers = await starting;
      const dense = denseWorkloads(context);
      const steps = {
        "training step, 72x72": await rateOf(trainingWork, engine, trainingWorkload(context), 1),
        "training step, 1024x1024": await rateOf(trainingWork, engine, dense.training, 1),
        "forward, 1024x1024": await rateOf(forwardWork, engine, dense.forward, 1 / 3),
      };
      const running = peers.filter(({ stepper }) => stepper);
      const sides = {
        ...Object.fromEntries(sizes.slice(1).map((_, i) => [nameOf(sizes, i), () => chain.rate(i)])),
        "WGSL, both in turn": () => chain.rate(0, 1),
        ...Object.fromEntries(running.map(({ stepper }) => [stepper.name, theirRate(stepper)])),
        ...steps,
      };
      context.say("products and steps in turns");
      const rates = await alternate(Object.values(sides), context);
      const named = Object.fromEntries(Object.keys(sides).map((name, i) => [name, rates[i]]));
      const share = (name) => named[name].map((rate, i) => (100 * rate) / named["WGSL, both in turn"][i]);
      const others = Object.keys(named).filter((name) => name in steps || name.startsWith("PyTorch"));
      return {
        verified: [
          { what: `WGSL products against plain loops; ${chain.tilings.map(formatTile).join(", ")}` },
        ],
        rows: [
          ...Object.entries(named).map(([name, values]) => row(name, values, "GFLOP/s")),
          ...others.map((name) => row(`${name}: of WGSL's both`, share(name), "%")),
        ],
        skipped: peers
          .filter(({ reason }) => reason)
          .map(({ peer, reason }) => ({ name: peer.name, reason })),
      };
    });
  } finally {
    for (const { stepper } of await starting) stepper?.close();
    products.dispose();
  }
}

const nameOf = (sizes, i) => `WGSL, cells x ${sizes[i]} times ${sizes[i]} x ${sizes[i + 1]}`;

const formatTile = ({ rows, columns, high, wide }) => `tiles of ${rows}x${columns} in ${high}x${wide}`;

const theirRate = (stepper) => async () => {
  const { loss: flops, seconds } = await stepper.ask("step");
  return flops / seconds / 1e9;
};

/** GFLOP/s of the cells that are updated; `share`: of a training step's products. */
async function rateOf(work, engine, workload, share) {
  const { step, cells } = await work(engine, workload);
  const flops = share * trainingFlopsPerCell(workload.rule);
  return async () => {
    const seconds = await step();
    return (cells() * flops) / seconds / 1e9;
  };
}
