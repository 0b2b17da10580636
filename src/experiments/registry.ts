/** The experiments that the command line and the page know, in the order in which they list them: one line each. */
import { arc } from "./arc/experiment.ts";
import { classify } from "./classification/experiment.ts";
import { digits } from "./digits/experiment.ts";
import { evolve } from "./evolution/experiment.ts";
import type { Experiment } from "./experiment.ts";
import { grow } from "./growing/experiment.ts";
import { reinforce } from "./reinforcement/experiment.ts";
import { complete, denoise } from "./restoration/experiment.ts";
import { texture } from "./texture/experiment.ts";
import { transform } from "./transform/experiment.ts";

export const experiments: readonly Experiment[] = [
  grow,
  evolve,
  reinforce,
  digits,
  classify,
  denoise,
  complete,
  texture,
  transform,
  arc,
];
