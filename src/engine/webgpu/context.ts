/** What all rollouts of an engine share, and the buffers of one. */
import type { Pace } from "./commands.ts";
import type { Device } from "./device.ts";
import type { Fields } from "./fields.ts";
import type { Programs } from "./program.ts";

export type Context = Readonly<{
  device: Device;
  programs: Programs;
  fields: Fields;
  pace: Pace;
  memoryBudget: number;
}>;

/** Of a rollout: what shaders bind, see `shaders/forward.ts`. */
export type Buffers = Readonly<
  Record<"grid" | "samples" | "weights" | "sets" | "tape" | "marks" | "life" | "updates", GPUBuffer>
> &
  /** The weights in half precision, where layers are computed in it. */
  Readonly<{ rounded?: GPUBuffer }>;
