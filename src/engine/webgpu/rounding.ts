/** Weights in half precision. */
import type { Commands } from "./commands.ts";
import type { Buffers, Context } from "./context.ts";
import { THREADS } from "./sizes.ts";

/** Workgroups that round weights, at most. */
const ROUNDING_GROUPS = 1024;

/** Rounds the weights to half precision, where layers are computed in it. */
export async function roundWeights(
  { device, programs }: Context,
  commands: Commands,
  { weights, rounded }: Pick<Buffers, "weights" | "rounded">,
): Promise<void> {
  if (!rounded) return;
  const pipeline = await programs.round();
  const group = device.gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: weights } },
      { binding: 1, resource: { buffer: rounded } },
    ],
  });
  const groups = Math.min(ROUNDING_GROUPS, Math.ceil(rounded.size / 8 / THREADS));
  commands.dispatch(pipeline, group, undefined, [groups, 1]);
}
