/** Parameters on their way: what one optimiser update changes, as a value. */
import { FormatError } from "../../errors.ts";
import type { ParameterEntry } from "../../rule/parameters.ts";
import { show } from "../../config/schema.ts";
import type { Tensor } from "../../tensor.ts";
import { allFinite, clipByGlobalNorm, norm, normalizePerTensor } from "../optim/gradient.ts";
import type { Optimizer, OptimizerState } from "../optim/optimizer.ts";
import type { BpttSettings } from "./settings.ts";
import type { Json, Snapshot } from "../snapshot.ts";

export type TrainState = Readonly<{
  parameters: Float32Array;
  optimizer: OptimizerState;
  /** Running mean of the parameters, where one is kept. */
  average: Float32Array | null;
}>;

/** What is learned before the first update. */
export function initialTrainState(
  parameters: Float32Array,
  table: readonly ParameterEntry[],
  optimizer: Optimizer,
  { average }: Pick<BpttSettings, "average">,
): TrainState {
  return {
    parameters: parameters.slice(),
    optimizer: optimizer.init(table),
    average: average === null ? null : parameters.slice(),
  };
}

/**
 * One update along a raw gradient, which is normalised and clipped as the settings say.
 *
 * @param gradient changed where it is clipped. @param length its norm. @param spare what nobody needs any more; see `Optimizer.update`.
 * @returns undefined where a number that the update made is not finite.
 */
export function updateTrainState(
  learned: TrainState,
  gradient: Float32Array,
  length: number,
  table: readonly ParameterEntry[],
  optimizer: Optimizer,
  learningRate: number,
  settings: Pick<BpttSettings, "gradient" | "average">,
  spare?: TrainState,
): TrainState | undefined {
  const { normalize, clip } = settings.gradient;
  const normalized = normalize ? normalizePerTensor(table, gradient) : gradient;
  const clipped =
    clip === null
      ? normalized
      : clipByGlobalNorm(normalized, clip, normalized === gradient ? length : norm(normalized));
  const { parameters, state, finite } = optimizer.update(
    table,
    learned.parameters,
    clipped,
    learned.optimizer,
    learningRate,
    spare && { parameters: spare.parameters, state: spare.optimizer },
  );
  if (!(finite ?? [parameters, ...Object.values(state.tensors)].every(allFinite))) return undefined;
  const average =
    settings.average === null || !learned.average
      ? null
      : runningMean(learned.average, parameters, settings.average, state.count);
  return { parameters, optimizer: state, average };
}

/** mean * d + (1 - d) * parameters, with d = min(decay, (1 + count) / (10 + count)), so that the start is soon forgotten. */
function runningMean(mean: Float32Array, parameters: Float32Array, decay: number, count: number) {
  const kept = Math.min(decay, (1 + count) / (10 + count));
  const next = new Float32Array(mean.length);
  for (let i = 0; i < mean.length; i++) next[i] = kept * mean[i] + (1 - kept) * parameters[i];
  return next;
}

/** A copy, flat. */
export function tensor(data: Float32Array): Tensor {
  return { shape: [data.length], data: data.slice() };
}

export function saveTrainState({ parameters, optimizer, average }: TrainState): Snapshot {
  return {
    meta: { count: optimizer.count },
    tensors: {
      parameters: tensor(parameters),
      ...(average && { average: tensor(average) }),
      ...prefixed(
        "optimizer",
        Object.fromEntries(Object.entries(optimizer.tensors).map(([name, data]) => [name, tensor(data)])),
      ),
    },
  };
}

/**
 * What a snapshot holds, in the form of `like`.
 * @throws FormatError where a tensor is missing or of another size.
 */
export function restoreTrainState({ meta, tensors }: Snapshot, like: TrainState): TrainState {
  const take = (name: string, { length }: Float32Array) => tensorOf({ meta, tensors }, name, length);
  return {
    parameters: take("parameters", like.parameters),
    average: like.average && take("average", like.average),
    optimizer: {
      count: wholeOf(meta, "count"),
      tensors: Object.fromEntries(
        Object.entries(like.optimizer.tensors).map(([name, data]) => [name, take(`optimizer.${name}`, data)]),
      ),
    },
  };
}

/** A copy of a snapshot's tensor. @throws FormatError where it is missing or of another size. */
export function tensorOf({ tensors }: Snapshot, name: string, length: number): Float32Array {
  const data = tensors[name]?.data;
  if (!(data instanceof Float32Array) || data.length !== length) {
    throw new FormatError(`this checkpoint has no tensor ${name} of ${length} numbers`);
  }
  return data.slice();
}

/** A count in a snapshot's meta. @throws FormatError where it is none. */
export function wholeOf(meta: Snapshot["meta"], key: string): number {
  const value = meta[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new FormatError(`${key} in this checkpoint is ${show(value)}; it must be a whole number`);
  }
  return value;
}

/** An object in a snapshot's meta. @throws FormatError where it is none. */
export function objectOf(meta: Snapshot["meta"], key: string): Snapshot["meta"] {
  const value = meta[key];
  if (!isObject(value)) throw new FormatError(`this checkpoint has no ${key}`);
  return value;
}

function isObject(value: Json | undefined): value is Snapshot["meta"] {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Tensors = Snapshot["tensors"];

/** Tensors renamed to `prefix.name`. */
export function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [`${prefix}.${name}`, t]));
}

/** Tensors named `prefix.name`, as `name`. */
export function withPrefix(prefix: string, tensors: Tensors): Tensors {
  const start = `${prefix}.`;
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, t]) =>
      name.startsWith(start) ? [[name.slice(start.length), t]] : [],
    ),
  );
}
