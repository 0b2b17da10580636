/** Options that several experiments have: each means the same everywhere. */
import type { Ramp } from "../train/ramp.ts";
import { highest } from "../train/ramp.ts";
import type { ExperimentConfig, OptionTable } from "./experiment.ts";

/** Of training by gradients through rollouts. */
export const trainingOptions = {
  "--steps": { field: "training.steps", help: "training steps" },
  "--batch": { field: "training.batch", help: "samples per training step", rare: true },
  "--pool": {
    field: "training.pool.size",
    help: "size of the pool: states that training starts from again",
    rare: true,
  },
  "--rollout": { field: "training.rollout", help: "steps that a sample runs, drawn from a to b", rare: true },
} as const satisfies OptionTable;

/** Of pictures that training grows, each on its own grid. */
export const pictureOptions = {
  "--size": { field: "target.size", value: "cells", help: "longest side of the picture in cells" },
  "--padding": {
    field: "target.padding",
    value: "cells",
    help: "empty cells around the picture",
    rare: true,
  },
} as const satisfies OptionTable;

/** Of sets of pictures, whose pixels are the cells. */
export const pictureSetOptions = {
  "--size": {
    field: "data.size",
    value: "pixels",
    help: "width and height of a picture: each pixel is a cell",
  },
  "--colour": {
    field: "data.channels",
    help: "use colours and alpha (RGBA) rather than grey",
    becomes: 4,
  },
} as const satisfies OptionTable;

type SteppedConfig = ExperimentConfig &
  Readonly<{ training: Readonly<{ steps: number; batch: Ramp<number> }> }>;

/** What all experiments have in common that make a number of training steps. */
export const stepped = {
  total: ({ training }: SteppedConfig) => training.steps,
  samples: ({ training }: SteppedConfig) => highest(training.batch),
};

/** `Experiment.prolong` of an experiment that goes on to so many training steps in all. */
export function moreSteps<C extends SteppedConfig>(
  config: C,
  { steps = config.training.steps }: Readonly<{ steps?: number | undefined }>,
): C {
  return { ...config, training: { ...config.training, steps } };
}
