// A training step of cells that classify, side by side with PyTorch's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeNpy } from "../../dist/formats/npy.js";
import { createEngine } from "../../dist/node/engine.js";
import { classifyWorkload } from "../classifyWork.mjs";
import { goalOutcome } from "../goalWork.mjs";
import { compare, deviationOf, rowsOf, turns } from "../peers/compare.mjs";
import { besidePeers, CLASSIFY_PEERS, writeWorkload } from "../peers/peers.mjs";
import { startOurs } from "../stepper.mjs";

const ALONE = 5;
const SMALL = { batch: 2, steps: 4 };

export const title =
  "Classify: self-classifying digits (22,580 numbers), 28x28, batch 16, 20 steps, fire rate 0.5, noise, Adam";

export async function run({ threads, scratch, all, quick, say }) {
  const folder = join(scratch, "classify");
  const workload = quick ? SMALL : {};
  const check = classifyWorkload({ batch: 2, steps: quick ? 4 : 20, fireRate: 1, noise: 0 });
  writeDigits(folder, classifyWorkload(workload));
  writeDigits(join(folder, "check"), check);
  const engine = await createEngine({ threads });
  const { build } = engine;
  const expected = await goalOutcome(engine, check);
  await engine.dispose();
  const verified = [];
  const rows = [];
  const ours = await startOurs({ threads, classify: workload });
  try {
    await ours.ask("step");
    const places = { folder, threads, all, quick, say };
    const skipped = await besidePeers(CLASSIFY_PEERS, places, async (theirs, peer) => {
      await theirs.ask("check");
      const deviation = deviationOf(join(folder, "check"), expected, theirs.name);
      verified.push({ what: `${theirs.name} against ours, every cell firing, no noise`, deviation });
      rows.push(...(await compare(ours, theirs, peer)));
    });
    if (rows.length === 0) rows.push(...rowsOf(ours.name, await turns(ours, quick ? 1 : ALONE)));
    return { build, verified, rows, skipped };
  } finally {
    ours.close();
  }
}

function writeDigits(folder, workload) {
  const { grid, labels, rule } = workload;
  writeWorkload(folder, { ...workload, target: new Float32Array(grid[0] * grid[1] * 4) });
  const save = (name, data) =>
    writeFileSync(join(folder, `${name}.npy`), encodeNpy({ shape: [data.length], data }));
  save("labels", Float32Array.from(labels));
  save("noise", Float32Array.of(rule.noise));
}
