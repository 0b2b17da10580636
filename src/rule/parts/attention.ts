/**
 * Attention over the neighbourhood: `rule.perceive` = { kind: "attention", heads, size }. Of each channel, cells see their own
 * number, and for each head the mean over the 3 cells along each axis around them, weighted by how much the head attends to each:
 * the softmax of the product of the cell's query with the neighbour's key, of `size` numbers each, and a number for the
 * neighbour's place. All are trained; `rule.kernels` plays no part.
 *
 * Source: Tesfaldet, Nowrouzezahrai and Pal, "Attention-based Neural Cellular Automata", 2022, whose values are projected, too;
 * here they are the channels themselves, and the layer that follows mixes them.
 */
import { neighbourOffsets } from "../kernels.ts";
import { axesOf, type Rule } from "../rule.ts";
import type { PerceiveKind } from "./kind.ts";

/** @throws RangeError for a rule of another kind. */
export function attentionOf({ perceive }: Pick<Rule, "perceive">): { heads: number; size: number } {
  if (perceive?.kind === "attention") return perceive;
  throw new RangeError("the rule's perception is not attention");
}

/** The cells that one attends to, itself included, in cells along each axis. */
export function attentionOffsets(rule: Pick<Rule, "axes">): (readonly number[])[] {
  return neighbourOffsets(axesOf(rule), 1);
}

/** Queries and keys of cells: shape (C, heads, size) each; places: (heads, neighbours). */
const PLACES = "perceive.place";

export const attention: PerceiveKind = {
  kernels: (rule) => 1 + attentionOf(rule).heads,
  radius: () => 1,
  tensors(rule) {
    const { heads, size } = attentionOf(rule);
    const { channels } = rule;
    return [
      { name: "perceive.query", shape: [channels, heads, size] },
      { name: "perceive.key", shape: [channels, heads, size] },
      { name: PLACES, shape: [heads, attentionOffsets(rule).length] },
    ];
  },
  /** Places begin far apart, so that heads differ; the rest with the variance that keeps products of its size at 1. */
  begin(rule, tensor, uniform, name) {
    const bound = name === PLACES ? 2 : Math.sqrt(3 / rule.channels);
    for (let i = 0; i < tensor.length; i++) tensor[i] = bound * (2 * uniform(i) - 1);
  },
};
