/** The model that the page plays where there is no gallery. */
import type { Model } from "../../src/model/model.ts";
import { parameterCount, parameterTable } from "../../src/rule/parameters.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";

const SIDE = 64;
/** Colours between which cells oscillate, as middle and amplitude. */
const COLOURS = [
  [0.42, 0.38],
  [0.7, 0.24],
  [0.58, 0.3],
] as const;
const ALPHA = 3;
/** Channels that oscillate, a quarter of a period apart; their middle; and the angle in radians a step. */
const [X, Y] = [4, 5];
const CENTRE = 0.5;
const TURN = 0.16;
const DIFFUSION = 0.6;

/**
 * Made by hand, without a hidden layer: living cells spread, each cell oscillates from the step on at which it is reached,
 * and neighbours pull each other along, so that waves run through the colony.
 */
export function firstModel(): Model {
  const kernels = ["identity", "laplacian"] as const;
  const conventions = splitRule({ ...picturePresets.distill, kernels: [...kernels], hidden: [] });
  const { rule } = conventions;
  const [weight, bias] = parameterTable(rule);
  const parameters = new Float32Array(parameterCount(rule));
  const set = (from: number, kernel: (typeof kernels)[number], to: number, value: number) => {
    const input = from * kernels.length + kernels.indexOf(kernel);
    parameters[weight.offset + input * rule.channels + to] += value;
  };
  const draw = (to: number, value: number) => {
    set(to, "identity", to, -0.5);
    parameters[bias.offset + to] += 0.5 * value;
  };
  draw(ALPHA, 1);
  for (const [c, [middle, half]] of COLOURS.entries()) {
    draw(c, middle - half);
    set(X, "identity", c, half);
  }
  // Rotation by Euler steps grows the amplitude; this shrinks it back.
  const shrink = -(TURN * TURN) / 2;
  for (const [own, other, sign] of [
    [X, Y, -1],
    [Y, X, 1],
  ] as const) {
    set(own, "identity", own, shrink);
    set(other, "identity", own, sign * TURN);
    set(own, "laplacian", own, DIFFUSION);
    parameters[bias.offset + own] = -CENTRE * (shrink + sign * TURN);
  }
  return { ...conventions, parameters, provenance: { grid: [SIDE, SIDE], target: "A colony in waves" } };
}
