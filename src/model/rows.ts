import { kernelTaps } from "../rule/kernels.ts";
import { axesOf, type Rule } from "../rule/rule.ts";
import type { Model } from "./model.ts";
import { isDrawnFor } from "./readout.ts";

/**
 * A model whose cells form a row, as one of cells on a plane that is one row high, with the same bits: for what knows rows and
 * columns. Others pass as they are, and so do rows that perceive by trained kernels or attention, whose windows have one axis.
 */
export function asPlane(model: Model): Model {
  const { rule, start, provenance } = model;
  if (axesOf(rule) !== 1 || rule.perceive) return model;
  const { pictures } = start;
  return {
    ...model,
    rule: planeRule(rule),
    start: {
      ...start,
      seeds: start.seeds.map(([cells]) => [0, cells]),
      ...(pictures && { pictures: { ...pictures, grid: [1, pictures.grid[0]] } }),
    },
    provenance: { ...provenance, grid: [1, provenance.grid[0]] },
  };
}

/** Whether people draw for its cells: they work on a picture that no step changes. No pointer draws the rows that a row is given. */
export function takesDrawings(model: Model): boolean {
  const { grid } = model.provenance;
  return isDrawnFor(model) && grid.length === 2 && grid[0] > 1;
}

function planeRule({ axes, ...rule }: Rule): Rule {
  return {
    ...rule,
    kernels: rule.kernels.map((kernel) => ({
      taps: kernelTaps(kernel, axes).map(({ offset, weight }) => ({ offset: [0, ...offset], weight })),
    })),
  };
}
