// Running a grown automaton, nothing recorded: automaton steps a second on one thread.
import { verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { forwardRun } from "../../dist/cli/bench/timed.js";
import { benchWorkload, SEED } from "../../dist/cli/bench/workload.js";
import { createEngine } from "../../dist/node/engine.js";
import { row } from "../report.mjs";

const RUNS = 7;

export const title = "Running: one grown disc on 72x72, fire rate 0.5, one thread";

export async function run({ quick }) {
  const engine = await createEngine({ threads: 1 });
  try {
    const deviation = await verifyAgainstReference(engine);
    await verifyUnrecorded(engine, quick ? { steps: 4 } : {});
    const measure = forwardRun(engine, quick ? 10 : undefined);
    await measure();
    const rates = [];
    for (let i = 0; i < (quick ? 1 : RUNS); i++) rates.push(await measure());
    return {
      verified: [
        { what: `wasm (${engine.build}) against the reference engine`, deviation },
        { what: "unrecorded against recorded rollout: the same bits" },
      ],
      rows: [row("automaton steps", rates, "steps/s", { atLeast: 8000 })],
    };
  } finally {
    await engine.dispose();
  }
}

async function verifyUnrecorded(engine, workload) {
  const request = { ...benchWorkload({ ...workload, batch: 1 }), seed: SEED };
  const [plain, recorded] = [
    await engine.rollout(request),
    await engine.rollout({ ...request, record: true }),
  ];
  const [one, other] = [await plain.final[0].read(), await recorded.final[0].read()];
  recorded.dispose();
  if (one.some((value, i) => value !== other[i])) throw new Error("recording changes the rollout");
}
