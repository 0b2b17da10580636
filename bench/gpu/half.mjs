// What layers in half precision save, and what they cost: the same run forward by the engine in both.
import { SEED } from "../../dist/cli/bench/workload.js";
import { disposeStates } from "../../dist/engine/states.js";
import { denseWorkloads, forwardWork } from "./dense.mjs";
import { alternate } from "./turns.mjs";
import { farthest, within } from "./verify.mjs";
import { nameOf, withEngine } from "./work.mjs";

/** Of the largest number of a state, after the steps of the check: a step adds a thousandth of what it changes. */
const TOLERANCE = 1e-3;

export const title = "Half precision: layers in float16 beside float32, 1024x1024, every cell lives";

export async function run(context) {
  if (!context.adapter.features?.includes("shader-f16")) {
    return { skipped: [{ name: "webgpu-f16", reason: "the device does not compute in half precision" }] };
  }
  const { forward, part } = denseWorkloads(context);
  return await withEngine(context.createEngine, (single) =>
    withEngine(
      () => context.createEngine({ halfPrecision: true }),
      async (half) => {
        const [own, expected] = [await stateOf(half, part), await stateOf(single, part)];
        const what = `${half.name} against ${single.name}, ${part.steps} steps`;
        const deviation = within(farthest(own, expected), TOLERANCE, half.name);
        const engines = [half, single];
        const works = await Promise.all(engines.map((engine) => forwardWork(engine, forward)));
        const [ours, theirs] = await alternate(
          works.map(({ step }) => step),
          context,
        );
        const sides = [
          { name: nameOf(half), seconds: ours },
          { name: nameOf(single), seconds: theirs, ratios: theirs.map((seconds, i) => seconds / ours[i]) },
        ];
        return {
          verified: [{ what, deviation }],
          measurements: [{ what: `${forward.steps} steps forward`, sides }],
        };
      },
    ),
  );
}

async function stateOf(engine, workload) {
  const { final } = await engine.rollout({ ...workload, seed: SEED });
  const state = await final[0].read();
  disposeStates(final);
  return state;
}
