// A training step that draws what an encoder says, side by side with PyTorch's, and the share that is not the automaton's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEngine } from "../../dist/node/engine.js";
import { encoderTable } from "../../dist/nets/encoder.js";
import { encodeNpy } from "../../dist/formats/npy.js";
import { digitsOutcome, digitsWorkload } from "../digitsWork.mjs";
import { compare, deviationOf, rowsOf, turns } from "../peers/compare.mjs";
import { besidePeers, DIGITS_PEERS, writeWorkload } from "../peers/peers.mjs";
import { startOurs } from "../stepper.mjs";

const ALONE = 5;
const SMALL = { batch: 2, steps: 4 };

export const title =
  "Digits: encoder (2,494,864 numbers), 28x28, batch 8, 64 steps, 32 channels, 256 hidden, z of 8, Adam";

export async function run({ threads, scratch, all, quick, say }) {
  const folder = join(scratch, "digits");
  const workload = quick ? SMALL : {};
  const check = digitsWorkload({ batch: 2, steps: quick ? 4 : 12, fireRate: 1 });
  writeDigits(folder, digitsWorkload(workload));
  writeDigits(join(folder, "check"), check);
  const engine = await createEngine({ threads });
  const { build } = engine;
  const expected = await digitsOutcome(engine, check);
  await engine.dispose();
  const verified = [];
  const rows = [];
  const ours = await startOurs({ threads, digits: workload });
  try {
    await ours.ask("step");
    const skipped = await besidePeers(
      DIGITS_PEERS,
      { folder, threads, all, quick, say },
      async (theirs, peer) => {
        await theirs.ask("check");
        const deviation = deviationOf(join(folder, "check"), expected, theirs.name);
        verified.push({ what: `${theirs.name} against ours, every cell firing`, deviation });
        rows.push(...(await compare(ours, theirs, peer)));
      },
    );
    if (rows.length === 0) rows.push(...rowsOf(ours.name, await turns(ours, quick ? 1 : ALONE)));
    return { build, verified, rows, skipped };
  } finally {
    ours.close();
  }
}

function writeDigits(folder, workload) {
  const { settings, pictures, noise, encoder, grid } = workload;
  mkdirSync(folder, { recursive: true });
  const save = (name, shape, data) =>
    writeFileSync(join(folder, `${name}.npy`), encodeNpy({ shape: [...shape], data }));
  writeWorkload(folder, { ...workload, target: new Float32Array(grid[0] * grid[1] * 4) });
  const all = new Float32Array(pictures.length * pictures[0].length);
  pictures.forEach((picture, i) => all.set(picture, i * picture.length));
  save("pictures", [pictures.length, ...grid, 1], all);
  save("noise", [pictures.length, settings.latent], noise);
  for (const { name, shape, offset, size } of encoderTable(settings)) {
    save(name, shape, encoder.slice(offset, offset + size));
  }
}
