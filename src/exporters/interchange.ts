/** Models as other programs take them: plain tensors, with the rule beside them as JSON. */
import * as z from "zod/mini";
import { FormatError, UserError } from "../errors.ts";
import { perceptionRadius } from "../rule/parts/perceive.ts";
import { PERCEIVE_WEIGHT, depthwiseOf } from "../rule/parts/depthwise.ts";
import { networkTable, parameterViews } from "../rule/parameters.ts";
import type { Rule } from "../rule/rule.ts";
import { joinRule, type PictureRule, pictureRuleSchema } from "../model/pictureRule.ts";
import { plantingSchema } from "../model/startSchema.ts";
import { type GivenCoordinates, plantingOf, type Seeds } from "../model/start.ts";
import { describeFault } from "../config/schema.ts";
import type { Tensor, TensorFile } from "../tensor.ts";
import { VERSION } from "../version.ts";
import { kernelMatrix } from "../formats/kernelStack.ts";
import { type Model, withPicture, modelPlane } from "../model/model.ts";

/** Which way round weights lie: (out, in), as PyTorch has them, or (in, out), as Flax, NumPy's products and Neoblast do. */
export const layouts = ["out-in", "in-out"] as const;
/** Which way round weights lie: (out, in), as PyTorch has them, or (in, out), as Flax, NumPy's products and Neoblast do. */
export type Layout = (typeof layouts)[number];

/** Name of the tensor of perception kernels. */
export const PERCEIVE = PERCEIVE_WEIGHT;

/** What a model draws, as far as it is known; what it was trained by is not its own any more once others have changed it. */
const drawnFields = {
  target: z.optional(z.string()),
  picture: z.optional(z.object({ source: z.string(), size: z.int(), padding: z.int() })),
};
const drawnSchema = z.object({
  grid: z.readonly(z.tuple([z.int(), z.int()])),
  ...drawnFields,
  goals: z.optional(z.array(z.object(drawnFields))),
});

/** What an exported file says about itself. */
export type Carried = Readonly<{
  rule: PictureRule;
  layout: Layout;
  provenance: Readonly<z.infer<typeof drawnSchema>>;
  seeds?: Seeds | undefined;
  coordinates?: GivenCoordinates | undefined;
}>;

const carriedSchema = z.object({
  rule: pictureRuleSchema,
  layout: z.enum(layouts),
  provenance: drawnSchema,
  start: z.optional(plantingSchema),
});

/**
 * A model as plain tensors: `update.N.weight`, `update.N.bias` (out), and the kernels as `perceive.weight`; texts `rule`
 * and `provenance` (JSON), `layout` and `version`; and `start` (JSON) where that is not one seed in the centre alone.
 *
 * @param layout "out-in": weights (out, in), kernels (C * K, 1, side, side) for a depthwise convolution whose groups are
 * the channels; "in-out": weights (in, out), kernels (K, side, side). Those of a trained depthwise perception, which differ
 * from channel to channel, are (side, side, 1, C * K) there, as Flax has them.
 *
 * @throws UserError for a model without a picture, whose rule's JSON could not say where that lies; for one that does not run on
 *   a plane, or whose perception is neither kernels nor depthwise.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { encodeNpz, exportModel } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * const { tensors, metadata } = exportModel(await loadModel("lizard.safetensors"), "in-out");
 * console.log(Object.keys(tensors).join(", "));
 * // perceive.weight, update.0.weight, update.0.bias, update.1.weight, update.1.bias
 * await writeFile("lizard.npz", encodeNpz({ tensors, metadata }));
 * ```
 */
export function exportModel(model: Model, layout: Layout): TensorFile {
  const { rule, parameters, provenance, start } = model;
  modelPlane(model);
  const { perceive } = rule;
  if (perceive && perceive.kind !== "depthwise") {
    throw new UserError(
      `this model's cells perceive by "${perceive.kind}", which is no convolution that other programs know`,
    );
  }
  const conventions = joinRule(withPicture(model));
  const views = parameterViews(rule, parameters);
  const tensors: Record<string, Tensor> = Object.create(null);
  tensors[PERCEIVE] = rule.perceive
    ? ownKernelTensor(rule, views[PERCEIVE], layout)
    : kernelTensor(rule, layout);
  for (const { name, shape } of networkTable(rule)) {
    const turned = shape.length === 2 && layout === "out-in";
    tensors[name] = turned
      ? { shape: shape.toReversed(), data: transposed(views[name], shape[0], shape[1]) }
      : { shape, data: views[name] };
  }
  const planting = plantingOf(start);
  const metadata = {
    rule: JSON.stringify(conventions),
    layout,
    provenance: JSON.stringify(provenance),
    ...(planting && { start: JSON.stringify(planting) }),
    version: `neoblast ${VERSION}`,
  };
  return { tensors, metadata };
}

/** What `exportModel` wrote beside the tensors; undefined for a file from elsewhere. @throws FormatError where damaged. */
export function carriedBy({ metadata }: TensorFile): Carried | undefined {
  if (!metadata.version?.startsWith("neoblast ")) return undefined;
  const value = {
    layout: metadata.layout,
    rule: parseJson("rule", metadata.rule),
    provenance: parseJson("provenance", metadata.provenance),
    ...(metadata.start !== undefined && { start: parseJson("start", metadata.start) }),
  };
  const result = carriedSchema.safeParse(value);
  if (result.success) {
    const { start, ...carried } = result.data;
    return { ...carried, ...start };
  }
  throw new FormatError(`damaged export of a model: ${describeFault(result.error, value)}`);
}

/** A matrix (rows, columns) turned round, (columns, rows). */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[row * columns + column];
    }
  }
  return result;
}

function kernelTensor(rule: Rule, layout: Layout): Tensor {
  const side = 2 * Math.max(1, perceptionRadius(rule)) + 1;
  const stack = rule.kernels.flatMap((kernel) => [...kernelMatrix(kernel, side).weights]);
  if (layout === "in-out") {
    return { shape: [rule.kernels.length, side, side], data: Float32Array.from(stack) };
  }
  const data = new Float32Array(rule.channels * stack.length);
  for (let channel = 0; channel < rule.channels; channel++) data.set(stack, channel * stack.length);
  return { shape: [rule.channels * rule.kernels.length, 1, side, side], data };
}

/** Kernels of each channel's own. @param weight shape (K, side, side, C). */
function ownKernelTensor(rule: Rule, weight: Float32Array, layout: Layout): Tensor {
  const { size: side, kernels: K } = depthwiseOf(rule);
  const { channels: C } = rule;
  const taps = side * side;
  const data = new Float32Array(weight.length);
  for (let feature = 0; feature < C * K; feature++) {
    const [channel, kernel] = [Math.floor(feature / K), feature % K];
    for (let tap = 0; tap < taps; tap++) {
      const at = layout === "out-in" ? feature * taps + tap : tap * C * K + feature;
      data[at] = weight[(kernel * taps + tap) * C + channel];
    }
  }
  return { shape: layout === "out-in" ? [C * K, 1, side, side] : [side, side, 1, C * K], data };
}

function parseJson(name: string, text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`damaged export of a model: its text ${JSON.stringify(name)} is not JSON`, {
      cause,
    });
  }
}
