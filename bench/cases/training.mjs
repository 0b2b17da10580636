// A training step on the default configuration, side by side with the peers, and the memory of each.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outcomeOf, verify, verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { benchWorkload } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { PEERS, readOutcome, startPeer, writeWorkload } from "../peers/peers.mjs";
import { row } from "../report.mjs";
import { Stepper } from "../stepper.mjs";

/** Our steps to one of a peer's; their median counts. */
const OURS = 3;
const MIB = 2 ** 20;

export const title =
  "Training step: 72x72, batch 8, 80 steps, 16 channels, 128 hidden, grown disc of radius 14, fire rate 0.5, Adam";

export async function run({ threads, scratch, all, say }) {
  const folder = join(scratch, "training");
  const check = benchWorkload({ batch: 2, steps: 20, fireRate: 1 });
  writeWorkload(folder, benchWorkload());
  writeWorkload(join(folder, "check"), check);
  const { deviation, expected, build } = await ourOutcome(check, threads);
  const result = {
    build,
    verified: [{ what: `wasm (${build}) against the reference engine`, deviation }],
    rows: [],
    skipped: [],
  };

  const script = fileURLToPath(new URL("../step.mjs", import.meta.url));
  const ours = await Stepper.start(process.execPath, [script, JSON.stringify({ threads })]);
  try {
    await ourStep(ours);
    for (const peer of PEERS) {
      if (peer.extra && !all) {
        result.skipped.push({ name: peer.name, reason: "npm run bench -- --all includes it" });
        continue;
      }
      say(`beside ${peer.name}`);
      let theirs;
      try {
        theirs = await startPeer(peer, folder, threads);
        await theirs.ask("check");
      } catch (error) {
        theirs?.close();
        result.skipped.push({ name: peer.name, reason: error.message });
        continue;
      }
      try {
        const outcome = readOutcome(join(folder, "check"), check);
        const difference = verify(outcome, expected, check.rule, theirs.name);
        result.verified.push({
          what: `${theirs.name} against wasm, every cell firing`,
          deviation: difference,
        });
        result.rows.push(...(await compare(ours, theirs, peer)));
      } finally {
        theirs.close();
      }
    }
    if (result.rows.length === 0) result.rows = await alone(ours);
  } finally {
    ours.close();
  }
  return result;
}

/** What our engine makes of the workload that peers are checked on. */
async function ourOutcome(check, threads) {
  const engine = await createEngine({ threads });
  try {
    const deviation = await verifyAgainstReference(engine);
    return { deviation, expected: await outcomeOf(engine, check), build: engine.build };
  } finally {
    await engine.dispose();
  }
}

async function ourStep(ours) {
  const steps = [];
  for (let i = 0; i < OURS; i++) steps.push(await ours.ask("step"));
  const seconds = row("", steps.map((step) => step.seconds), "s").value; // prettier-ignore
  return { seconds, peakBytes: steps.at(-1).peakBytes };
}

/** Ours, theirs, ours, theirs ... after one of theirs that does not count. */
async function compare(ours, theirs, { pairs, targets }) {
  await theirs.ask("step");
  const measured = [];
  for (let i = 0; i < pairs; i++)
    measured.push({ our: await ourStep(ours), their: await theirs.ask("step") });
  const { our, their } = measured.at(-1);
  const column = (pick) => measured.map(pick);
  return [
    row(
      ours.name,
      column((pair) => pair.our.seconds),
      "s",
    ),
    row(
      theirs.name,
      column((pair) => pair.their.seconds),
      "s",
    ),
    row(
      "Neoblast is faster by",
      column((pair) => pair.their.seconds / pair.our.seconds),
      "times",
      targets?.faster,
    ),
    row(`${ours.name}, peak memory`, our.peakBytes / MIB, "MiB"),
    row(`${theirs.name}, peak memory`, their.peakBytes / MIB, "MiB"),
    row("Neoblast's share of that memory", (100 * our.peakBytes) / their.peakBytes, "%", targets?.memory),
  ];
}

async function alone(ours) {
  const steps = [];
  for (let i = 0; i < 5; i++) steps.push(await ourStep(ours));
  return [
    row(ours.name, steps.map(({ seconds }) => seconds), "s"), // prettier-ignore
    row(`${ours.name}, peak memory`, steps.at(-1).peakBytes / MIB, "MiB"),
  ];
}
