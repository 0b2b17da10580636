// What the cases of `bench/gpu.mjs` share: checking our engine, the peers' part of a check, a training step.
import { join } from "node:path";
import { outcomeOf, verifyAgainstReference } from "../../dist/cli/bench/check.js";
import { trainingSteps } from "../../dist/cli/bench/timed.js";
import { createEngine } from "../../dist/node/engine.js";
import { VERSION } from "../../dist/version.js";
import { takeOutcome } from "../peers/peers.mjs";
import { secondsOf } from "./turns.mjs";
import { verifyOutcome } from "./verify.mjs";

/** An engine for as long as something is done with it. */
export async function withEngine(create, use) {
  const engine = await create();
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

/** The engine that ours on the card has to agree with. */
export const onProcessor = ({ threads }, use) => withEngine(() => createEngine({ threads }), use);

export const nameOf = ({ name }) => `Neoblast ${VERSION} (${name})`;

/** Our engine against the reference engine on a small rollout, and against the Wasm engine on the given workloads. */
export async function verifyEngine(engine, wasm, workloads) {
  const verified = [
    {
      what: `${engine.name} against the reference engine`,
      deviation: await verifyAgainstReference(engine),
    },
  ];
  for (const { what, workload, tolerance } of workloads) {
    const [own, expected] = [await outcomeOf(engine, workload), await outcomeOf(wasm, workload)];
    const deviation = verifyOutcome(own, expected, workload.rule, `the ${engine.name} engine`, tolerance);
    verified.push({ what: `${engine.name} against wasm, ${what}`, deviation });
  }
  return verified;
}

/** Checks what a peer made of a workload in which every cell fires, in the folder's folder `check`. */
export function outcomeCheck(folder, check, expected) {
  return (out, _answers, name, tolerance) => {
    const outcome = takeOutcome(join(folder, "check", out), check);
    const deviation = verifyOutcome(outcome, expected, check.rule, name, tolerance);
    return { what: `${name} against wasm, every cell firing`, deviation };
  };
}

/** A training step of a workload: resolves to seconds, and tells the cells that were updated. */
export async function trainingWork(engine, workload) {
  const train = await trainingSteps(engine, workload);
  let cellUpdates = 0;
  const step = () => secondsOf(async () => ({ cellUpdates } = await train()));
  return { step, cells: () => cellUpdates };
}
