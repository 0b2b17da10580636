/** A small automaton that has learned nothing yet: 12 channels, 64 hidden units. */
import { initialParameters, type Model, picturePresets, splitRule } from "neoblast";
import { SIDE } from "./pictures.ts";

const CHANNELS = 12;

const { rule, readout, start } = splitRule({
  ...picturePresets.distill,
  channels: CHANNELS,
  hidden: [64],
  seed: { from: 3, to: CHANNELS },
});

/** It does nothing. @param seed of its random numbers. */
export function newborn(seed: number): Model {
  const parameters = initialParameters(rule, seed);
  return { rule, readout, start, parameters, provenance: { grid: [SIDE, SIDE] } };
}
