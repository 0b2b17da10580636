// What layers in half precision save, and what they cost: the same run forward by the engine in both.
import { SEED } from "../../dist/cli/bench/workload.js";
import { disposeStates } from "../../dist/engine/states.js";
import { denseWorkloads, forwardWork } from "./dense.mjs";
import { alternate } from "./turns.mjs";
import { farthest, within } from "./verify.mjs";
import { nameOf, withEngine } from "./work.mjs";

/** Of the largest change of a number in the steps of the check: one tap or weight left out is more. */
const TOLERANCE = 0.01;

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
        const [own, expected] = [await changeOf(half, part), await changeOf(single, part)];
        const what = `changes of ${half.name} against ${single.name}, ${part.steps} steps`;
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

/** By how much all numbers of the first state change. */
async function changeOf(engine, workload) {
  const { final } = await engine.rollout({ ...workload, seed: SEED });
  const state = await final[0].read();
  disposeStates(final);
  return state.map((value, i) => value - workload.states[0][i]);
}
