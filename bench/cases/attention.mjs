// A training step of cells that attend to their neighbours: the Wasm engine, the plain step and PyTorch.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { verify } from "../../dist/cli/bench/check.js";
import { referenceEngine } from "../../dist/engine/reference/engine.js";
import { encodeNpy } from "../../dist/formats/npy.js";
import { createEngine } from "../../dist/node/engine.js";
import { attentionWorkload } from "../attentionWork.mjs";
import { goalOutcome, goalSteps } from "../goalWork.mjs";
import { compare, deviationOf, rowsOf, turns } from "../peers/compare.mjs";
import { ATTENTION_PEERS, besidePeers, writeWorkload } from "../peers/peers.mjs";
import { row } from "../report.mjs";
import { startOurs } from "../stepper.mjs";

const ALONE = 5;
/** Of ours and the plain step, which takes ten seconds each time. */
const PLAIN = 3;
const SMALL = { size: 8, batch: 2, steps: 4 };

export const title =
  "Attention: two heads of 8 over 3x3 cells, completing digits, 28x28, batch 4, 28 steps, fire rate 0.5, Adam";

export async function run({ threads, scratch, all, quick, say }) {
  const folder = join(scratch, "attention");
  const workload = quick ? SMALL : {};
  const check = attentionWorkload({ size: 12, batch: 2, steps: quick ? 4 : 16, fireRate: 1 });
  writePictures(folder, attentionWorkload(workload));
  writePictures(join(folder, "check"), check);
  const engine = await createEngine({ threads });
  const { build } = engine;
  const expected = await goalOutcome(engine, check);
  await engine.dispose();
  const reference = await goalOutcome(referenceEngine(), check);
  const deviation = verify(flat(expected), flat(reference), check.rule, "the wasm engine");
  const verified = [{ what: `wasm (${build}) against the reference engine`, deviation }];
  const rows = [];
  const ours = await startOurs({ threads, attention: workload });
  try {
    await ours.ask("step");
    const places = { folder, threads, all, quick, say };
    const skipped = await besidePeers(ATTENTION_PEERS, places, async (theirs, peer) => {
      await theirs.ask("check");
      const difference = deviationOf(join(folder, "check"), expected, theirs.name);
      verified.push({ what: `${theirs.name} against wasm, every cell firing`, deviation: difference });
      rows.push(...(await compare(ours, theirs, peer)));
    });
    if (rows.length === 0) rows.push(...rowsOf(ours.name, await turns(ours, quick ? 1 : ALONE)));
    say("beside the plain step");
    rows.push(...(await besidePlain(ours, workload, quick ? 1 : PLAIN)));
    return { build, verified, rows, skipped };
  } finally {
    ours.close();
  }
}

/** Ours and the plain step, which has one thread, in turns. */
async function besidePlain(ours, workload, count) {
  const step = await goalSteps(referenceEngine(), attentionWorkload(workload));
  const plain = [];
  const ratios = [];
  for (let i = 0; i < count; i++) {
    const { seconds } = await ours.ask("step");
    plain.push((await step()).seconds);
    ratios.push(plain.at(-1) / seconds);
  }
  return [row("the plain step", plain, "s"), row("Neoblast's engine is faster by", ratios, "times")];
}

/** Gradients of all parameters, in the order of the table. */
function flat({ final, gradient }) {
  const parts = Object.values(gradient);
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { states: final, gradient: all };
}

function writePictures(folder, workload) {
  const { grid, pictures, readout, rule } = workload;
  writeWorkload(folder, { ...workload, target: new Float32Array(grid[0] * grid[1] * 4) });
  const data = Float32Array.from(pictures.flatMap((picture) => [...picture]));
  writeFileSync(join(folder, "pictures.npy"), encodeNpy({ shape: [pictures.length, ...grid], data }));
  const numbers = { offset: readout.offset, pinned: rule.pinned.length };
  writeFileSync(join(folder, "picture.json"), JSON.stringify(numbers));
}
