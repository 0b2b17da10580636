// A training step of a texture, side by side with PyTorch's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { verify } from "../../dist/cli/bench/check.js";
import { referenceEngine } from "../../dist/engine/reference/engine.js";
import { createEngine } from "../../dist/node/engine.js";
import { besidePeers, takeOutcome, TEXTURE_PEERS, writeWorkload } from "../peers/peers.mjs";
import { row } from "../report.mjs";
import { startOurs } from "../stepper.mjs";
import { textureNumbers, textureOutcome, textureWorkload } from "../textureWork.mjs";

/** Our steps to one of a peer's; their median counts. */
const OURS = 3;
/** Our turns where there is no peer. */
const ALONE = 5;
const SMALL = { size: 16, batch: 2, steps: 4 };
const MIB = 2 ** 20;

export const title =
  "Texture: 64x64 torus, batch 4, 48 steps, 12 channels, 96 hidden, sliced transport of patches on a pyramid, Adam";

export async function run({ threads, scratch, all, quick, say }) {
  const folder = join(scratch, "texture");
  const workload = quick ? SMALL : {};
  const check = textureWorkload({ size: quick ? 16 : 32, batch: 2, steps: 4, fireRate: 1 });
  write(folder, textureWorkload(workload));
  write(join(folder, "check"), check);
  const engine = await createEngine({ threads });
  const { build } = engine;
  const expected = await textureOutcome(engine, check);
  await engine.dispose();
  const reference = await textureOutcome(referenceEngine(), check);
  const deviation = verify(expected, reference, check.rule, "the wasm engine");
  const verified = [{ what: `wasm (${build}) against the reference engine`, deviation }];
  const rows = [];
  const ours = await startOurs({ threads, texture: workload });
  try {
    await ours.ask("step");
    const places = { folder, threads, all, quick, say };
    const skipped = await besidePeers(TEXTURE_PEERS, places, async (theirs, peer) => {
      await theirs.ask("check");
      const outcome = takeOutcome(join(folder, "check"), check);
      const difference = verify(outcome, expected, check.rule, theirs.name);
      verified.push({ what: `${theirs.name} against wasm, every cell firing`, deviation: difference });
      rows.push(...(await compare(ours, theirs, peer)));
    });
    if (rows.length === 0) rows.push(...rowsOf(ours.name, await turns(ours, quick ? 1 : ALONE)));
    return { build, verified, rows, skipped };
  } finally {
    ours.close();
  }
}

function write(folder, workload) {
  writeWorkload(folder, workload);
  writeFileSync(join(folder, "texture.json"), JSON.stringify(textureNumbers(workload)));
}

async function turns(ours, count) {
  const steps = [];
  for (let i = 0; i < count; i++) steps.push(await ours.ask("step"));
  return steps;
}

async function compare(ours, theirs, { pairs, targets }) {
  await theirs.ask("step");
  const [our, their, ratios] = [[], [], []];
  for (let i = 0; i < pairs; i++) {
    const turn = (await turns(ours, OURS)).toSorted((a, b) => a.seconds - b.seconds)[OURS >> 1];
    our.push(turn);
    their.push(await theirs.ask("step"));
    ratios.push(their.at(-1).seconds / turn.seconds);
  }
  return [
    ...rowsOf(ours.name, our),
    ...rowsOf(theirs.name, their),
    row("Neoblast is faster by", ratios, "times", targets.faster),
  ];
}

function rowsOf(name, steps) {
  return [
    row(
      name,
      steps.map(({ seconds }) => seconds),
      "s",
    ),
    row(`${name}, peak memory`, steps.at(-1).peakBytes / MIB, "MiB"),
  ];
}
