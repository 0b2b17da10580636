/** Settings of training by backpropagation through time, as plain JSON. */
import * as z from "zod/mini";
import { STREAM, uniformInteger } from "../../random.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { optimizerSchema } from "../optim/settings.ts";
import { rampSchema, rangeSchema } from "../ramp.ts";
import { scheduleSchema } from "../optim/schedule.ts";

/** Fields of `loss` that say at which steps of a rollout it is taken. */
export const placementFields = {
  /**
   * `last`: after the rollout; `random`: each sample's rollout ends at a step drawn from its later part, and the loss is
   * taken there; `mean`: over several steps.
   */
  placement: withDefault(z.enum(["last", "random", "mean"]), "last"),
  /** For `random` and `mean`, the later part begins after this fraction of the rollout. */
  from: withDefault(between(0, 1), 0.5),
  /** `mean` takes every n-th step, counted back from the last. */
  every: withDefault(whole(1, 1e5), 1),
};

/** How numbers are learned along their gradient: what each optimiser's settings have. */
export const learningFields = {
  /** Peak learning rate. */
  learningRate: z.number().check(z.gt(0), z.maximum(100)),
  schedule: scheduleSchema,
  /** Training steps in which the learning rate rises to its peak. */
  warmup: whole(0, 1e6),
  optimizer: optimizerSchema,
  gradient: z.strictObject({
    /** Divide each tensor's gradient by its norm. */
    normalize: z.boolean(),
    /** Largest norm of the whole gradient, after `normalize`; null for any. */
    clip: z.nullable(z.number().check(z.gt(0))),
  }),
};

/** Fields that every experiment trained by `BpttTrainer` has under `training`. */
export const bpttFields = {
  /** Training steps. */
  steps: whole(1, 1e6),
  /** Samples a step. */
  batch: rampSchema(whole(1, 256)),
  /** Steps of a rollout, drawn uniformly between the two for each training step. */
  rollout: rampSchema(rangeSchema),
  ...learningFields,
  loss: z.strictObject(placementFields),
  /** Decay of the running mean of the parameters that becomes the model; null: the parameters themselves. */
  average: withDefault(z.nullable(z.number().check(z.minimum(0), z.lt(1))), null),
};

const bpttSchema = z.strictObject(bpttFields);
/** Settings of backpropagation through time, as plain JSON. */
export type BpttSettings = Readonly<z.infer<typeof bpttSchema>>;
export type LossPlacement = Readonly<BpttSettings["loss"]>;

/**
 * Steps of a rollout at which a sample's loss is taken, with weights of sum 1. The sample runs to the last of them.
 *
 * @param draw words that `random` is drawn from: seed, training step, sample.
 */
export function lossSteps(
  { placement, from, every }: LossPlacement,
  steps: number,
  [seed, step, sample]: readonly [seed: number, step: number, sample: number],
): { step: number; weight: number }[] {
  const first = Math.max(1, Math.ceil(from * steps));
  switch (placement) {
    case "last":
      return [{ step: steps, weight: 1 }];
    case "random":
      return [{ step: uniformInteger(first, steps, seed, STREAM.lossStep, step, sample), weight: 1 }];
    case "mean": {
      const count = Math.floor((steps - first) / every) + 1;
      return Array.from({ length: count }, (_, i) => ({ step: steps - i * every, weight: 1 / count }));
    }
    default:
      return placement satisfies never;
  }
}
