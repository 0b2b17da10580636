/** From layers and conventions to a model. */
import * as z from "zod/mini";
import { FormatError, UserError } from "../errors.ts";
import { fieldAt, mergeConfig, parseConfig, withChanges } from "../config/config.ts";
import { parameterCount, parameterViews } from "../rule/parameters.ts";
import type { Kernel } from "../rule/rule.ts";
import { type PictureRule, pictureRuleSchema } from "../model/pictureRule.ts";
import { PERCEIVE_WEIGHT } from "../rule/parts/depthwise.ts";
import { kernelCount } from "../rule/parts/perceive.ts";
import type { ImportOptions } from "./imported.ts";
import { byChannel, type Depthwise, type RowOrder } from "./perception.ts";

/** A dense layer; ReLU follows all but the last. */
export type DenseLayer = Readonly<{
  inputs: number;
  outputs: number;
  /** Shape (in, out). */
  weight: Float32Array;
  /** Shape (out); undefined where it has none. */
  bias: Float32Array | undefined;
}>;

export type Parts = Readonly<{
  /** At least one. */
  layers: readonly DenseLayer[];
  /** Conventions to begin with, of any number of channels. */
  base: PictureRule;
  /** Kernels that the file holds; undefined where it holds none. */
  kernels: readonly Kernel[] | undefined;
  /** Kernels of each channel's own that it holds. */
  depthwise?: Depthwise | undefined;
  /** Order of the first layer's features. */
  order: RowOrder;
}>;

const settingsSchema = z.strictObject({ rule: pictureRuleSchema });

/**
 * @throws FormatError where the layers make no rule; UserError (exit status 2) where what was stated does not fit them.
 */
export function assemble(
  { layers, base, kernels, depthwise, order }: Parts,
  options: Stated,
): { rule: PictureRule; parameters: Float32Array } {
  const rule = ruleOf({ layers, base, kernels, depthwise, order }, options);
  const parameters = new Float32Array(parameterCount(rule));
  const views = parameterViews(rule, parameters);
  if (depthwise) views[PERCEIVE_WEIGHT].set(depthwise.weight);
  layers.forEach(({ weight, outputs, bias }, layer) => {
    const rows = layer === 0 ? byChannel(weight, outputs, rule.channels, kernelCount(rule), order) : weight;
    views[`update.${layer}.weight`].set(rows);
    if (bias) views[`update.${layer}.bias`].set(bias);
  });
  return { rule, parameters };
}

function ruleOf({ layers, base, kernels, depthwise }: Parts, options: Stated): PictureRule {
  const last = layers[layers.length - 1];
  if (base.perceive && !depthwise) {
    throw new FormatError("the file's own rule has trained kernels, but the file holds none");
  }
  const facts = {
    channels: last.outputs,
    hidden: layers.slice(0, -1).map(({ outputs }) => outputs),
    outputBias: last.bias !== undefined,
    perceive: depthwise?.perceive,
  };
  const changes = statedBy(options);
  const assumed = { ...withChannels(base, last.outputs), ...facts, ...(kernels && { kernels }) };
  const { perceive, ...shared } = assumed;
  const known = perceive ? assumed : shared;
  const rule = parsed(mergeConfig({ rule: known }, changes), !isEmpty(changes));
  if (perceive && states(options, "kernels")) {
    throw new UserError(
      "rule.kernels is stated, but the file has kernels of each channel's own, which take their place; leave it out",
      { exitCode: 2 },
    );
  }
  for (const field of ["channels", "hidden", "outputBias", "perceive"] as const) {
    if (JSON.stringify(rule[field]) === JSON.stringify(facts[field])) continue;
    throw new UserError(
      `rule.${field} is ${JSON.stringify(rule[field])}, but the file's layers make it ${JSON.stringify(facts[field]) ?? "none"}`,
      { exitCode: 2 },
    );
  }
  const count = kernelCount(rule);
  const seen = rule.channels * count;
  const { inputs } = layers[0];
  if (inputs === seen + rule.inputSize) return rule;
  // As many numbers as some more kernels would give are as likely to come from those.
  const isInput =
    inputs > seen &&
    (kernels !== undefined || perceive !== undefined || (inputs - seen) % rule.channels !== 0);
  if (isInput && !states(options, "inputSize"))
    return parsed({ rule: { ...rule, inputSize: inputs - seen } }, false);
  throw new FormatError(
    `the first layer takes ${inputs} numbers, but ${count} kernels on ${rule.channels} channels and an input of ${rule.inputSize} are ${seen + rule.inputSize}; state what it takes, as in --set rule.inputSize=8 or --set 'rule.kernels=["identity","sobelX","sobelY","laplacian"]', whose Laplacian is the 9-point one divided by 16; docs/import.md has taps for others`,
  );
}

function parsed(value: unknown, isStated: boolean): PictureRule {
  try {
    return parseConfig(settingsSchema, value).rule;
  } catch (error) {
    if (isStated || !(error instanceof UserError)) throw error;
    throw new FormatError(`the file makes no rule: ${error.message}`, { cause: error });
  }
}

/** The same conventions for another number of channels: what is counted from the last channel still is. */
export function withChannels(rule: PictureRule, channels: number): PictureRule {
  const { image, alive, seed } = rule;
  const more = channels - rule.channels;
  const moved = (place: number, isLast: boolean) => (isLast ? place + more : place);
  return {
    ...rule,
    channels,
    image: { ...image, offset: moved(image.offset, image.offset + image.channels === rule.channels) },
    alive: { ...alive, channel: moved(alive.channel, alive.channel + 1 === rule.channels) },
    seed: {
      ...seed,
      from: moved(seed.from, seed.from + 1 === rule.channels),
      to: moved(seed.to, seed.to === rule.channels),
    },
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

type Stated = Pick<ImportOptions, "overrides" | "sets">;

/** What was stated of the rule, all together. */
function statedBy(options: Stated): unknown {
  return withChanges({}, options);
}

/** Whether a field of the rule is among what was stated. */
export function states(options: Stated, field: keyof PictureRule): boolean {
  return stated(options, field) !== undefined;
}

/** What was stated of a field of the rule, unchecked; undefined for nothing. */
export function stated(options: Stated, field: keyof PictureRule): unknown {
  return fieldAt(statedBy(options), "rule", field);
}
