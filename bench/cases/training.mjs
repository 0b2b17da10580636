// A training step on the default configuration, side by side with the peers, and the memory of each.
import { join } from "node:path";
import { outcomeOf, verify, verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { spreadOf } from "../../dist/cli/bench/timed.js";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { besidePeers, takeOutcome, TRAINING_PEERS, writeWorkload } from "../peers/peers.mjs";
import { row } from "../report.mjs";
import { startOurs } from "../stepper.mjs";

/** Our steps to one of a peer's; their median counts. */
const OURS = 3;
/** Our turns where there is no peer. */
const ALONE = 5;
const SMALL = { grid: [24, 24], batch: 2, steps: 4 };
const MIB = 2 ** 20;

export const title =
  "Training step: 72x72, batch 8, 80 steps, 16 channels, 128 hidden, grown disc of radius 14, fire rate 0.5, Adam";

export async function run({ threads, scratch, all, quick, say }) {
  const folder = join(scratch, "training");
  const workload = quick ? SMALL : {};
  const check = benchWorkload({ ...workload, batch: 2, steps: quick ? 4 : 20, fireRate: 1 });
  writeWorkload(folder, benchWorkload(workload));
  writeWorkload(join(folder, "check"), check);
  const { build, deviation, expected } = await checkOurs(check, threads);
  const verified = [{ what: `wasm (${build}) against the reference engine`, deviation }];
  const rows = [];

  const ours = await startOurs({ threads, workload });
  try {
    await ourTurn(ours);
    const places = { folder, threads, all, quick, say };
    const skipped = await besidePeers(TRAINING_PEERS, places, async (theirs, peer) => {
      await theirs.ask("check");
      const outcome = takeOutcome(join(folder, "check"), check);
      const difference = verify(outcome, expected, check.rule, theirs.name);
      verified.push({ what: `${theirs.name} against wasm, every cell firing`, deviation: difference });
      rows.push(...(await compare(ours, theirs, peer)));
    });
    if (rows.length === 0) rows.push(...(await alone(ours, quick ? 1 : ALONE)));
    return { build, verified, rows, skipped };
  } finally {
    ours.close();
  }
}

/** Checks our engine, and says what the peers should make of their check. */
async function checkOurs(check, threads) {
  const engine = await createEngine({ threads });
  try {
    const deviation = await verifyAgainstReference(engine);
    return { build: engine.build, deviation, expected: await outcomeOf(engine, check) };
  } finally {
    await engine.dispose();
  }
}

async function ourTurn(ours) {
  const steps = [];
  for (let i = 0; i < OURS; i++) steps.push(await ours.ask("step"));
  const { median } = spreadOf(steps.map((step) => step.seconds));
  return { seconds: median, peakBytes: steps.at(-1).peakBytes };
}

/** Ours, theirs, ours, theirs ... after one of theirs that does not count. */
async function compare(ours, theirs, { pairs, targets }) {
  await theirs.ask("step");
  const our = [];
  const their = [];
  for (let i = 0; i < pairs; i++) {
    our.push(await ourTurn(ours));
    their.push(await theirs.ask("step"));
  }
  const ratios = our.map(({ seconds }, i) => their[i].seconds / seconds);
  const share = (100 * our.at(-1).peakBytes) / their.at(-1).peakBytes;
  return [
    ...rowsOf(ours.name, our),
    ...rowsOf(theirs.name, their),
    row("Neoblast is faster by", ratios, "times", targets?.faster),
    row("Neoblast's share of that memory", share, "%", targets?.memory),
  ];
}

async function alone(ours, count) {
  const turns = [];
  for (let i = 0; i < count; i++) turns.push(await ourTurn(ours));
  return rowsOf(ours.name, turns);
}

function rowsOf(name, turns) {
  const seconds = turns.map((turn) => turn.seconds);
  return [row(name, seconds, "s"), row(`${name}, peak memory`, turns.at(-1).peakBytes / MIB, "MiB")];
}
