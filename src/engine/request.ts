/** Checks shared by all engines, so that every engine refuses the same requests in the same words. */
import type { Cotangent, Need, RolloutRequest } from "../engine.ts";
import { parameterCount } from "../rule/parameters.ts";
import { cellCount, type Grid, gridText, planeOf, sameGrid, stateSize, wholeBox } from "../rule/grid.ts";
import { axesOf } from "../rule/rule.ts";

/** Largest number of cells of a grid. */
export const MAX_CELLS = 1 << 24;
/** Largest number of steps of one rollout. */
export const MAX_STEPS = 1 << 24;

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}

/** Steps of a sample. */
export function stepsOf(request: RolloutRequest, sample: number): number {
  return typeof request.steps === "number" ? request.steps : request.steps[sample];
}

/** Steps of a sample whose states are kept, ascending and without repeats. */
export function keptSteps(request: RolloutRequest, sample: number): number[] {
  const keep = typeof request.keep === "function" ? request.keep(sample) : (request.keep ?? []);
  return [...new Set(keep)].toSorted((a, b) => a - b);
}

/** Parameters of a sample. */
export function parametersOf(request: RolloutRequest, sample: number): Float32Array {
  return request.parameters instanceof Float32Array ? request.parameters : request.parameters[sample];
}

/** What a request needs of an engine. */
export function needOf({ record = false, graft, compare, keep }: RolloutRequest): Need {
  return { record, graft: graft !== undefined, compare: compare !== undefined, keep: keep !== undefined };
}

const SHAPES = { 1: "[width]", 2: "[height, width]", 3: "[depth, height, width]" };

function checkGrid(grid: Grid, axes: 1 | 2 | 3): void {
  const fits = grid.length === axes && grid.every((cells) => isWhole(cells, 1, MAX_CELLS));
  if (fits && cellCount(grid) <= MAX_CELLS) return;
  throw new RangeError(`grid must be ${SHAPES[axes]} with 1 to ${MAX_CELLS} cells, not [${grid.join(", ")}]`);
}

/** For those who write an engine: checks a request before it is run. @throws RangeError naming the field, its value and what is allowed. */
export function checkRequest(request: RolloutRequest): void {
  const { rule, grid, states, inputs, sampleIds } = request;
  const batch = states.length;
  checkGrid(grid, axesOf(rule));
  const size = stateSize(rule, grid);
  states.forEach((state, sample) => {
    if (state instanceof Float32Array) {
      if (state.length !== size) {
        throw new RangeError(
          `state ${sample} has ${state.length} numbers; ${grid.join(" x ")} x ${rule.channels} = ${size} are needed`,
        );
      }
    } else if (!sameGrid(state.grid, grid) || state.channels !== rule.channels) {
      throw new RangeError(
        `state ${sample} is ${gridText(state.grid)} with ${state.channels} channels; the request is ${gridText(grid)} with ${rule.channels}`,
      );
    }
  });
  const perSample = !(request.parameters instanceof Float32Array);
  if (perSample && request.parameters.length !== batch) {
    throw new RangeError(
      `${request.parameters.length} parameter sets for ${batch} samples; give one for all or one per sample`,
    );
  }
  const count = parameterCount(rule);
  for (let sample = 0; sample < (perSample ? batch : 1); sample++) {
    const { length } = parametersOf(request, sample);
    if (length !== count) throw new RangeError(`${length} parameters; the rule has ${count}`);
  }
  checkGraft(request, count);
  if ((inputs?.length ?? 0) !== (rule.inputSize > 0 ? batch : 0)) {
    throw new RangeError(
      rule.inputSize > 0
        ? `${inputs?.length ?? 0} inputs for ${batch} samples; the rule needs one each`
        : "inputs were given, but the rule has inputSize 0",
    );
  }
  inputs?.forEach((input, sample) => {
    if (input.length !== rule.inputSize) {
      throw new RangeError(
        `input ${sample} has length ${input.length}; the rule's inputSize is ${rule.inputSize}`,
      );
    }
  });
  if (sampleIds && sampleIds.length !== batch) {
    throw new RangeError(`${sampleIds.length} sample ids for ${batch} samples`);
  }
  if (typeof request.steps !== "number" && request.steps.length !== batch) {
    throw new RangeError(`${request.steps.length} step counts for ${batch} samples`);
  }
  for (const [what, number] of [
    ["seed", request.seed],
    ["firstStep", request.firstStep ?? 0],
    ...(sampleIds ?? []).map((id, sample) => [`sample id ${sample}`, id] as const),
  ] as const) {
    if (!isWhole(number, 0, 0xffffffff)) {
      throw new RangeError(`${what} must be a whole number from 0 to 4294967295, not ${number}`);
    }
  }
  for (let sample = 0; sample < batch; sample++) {
    const steps = stepsOf(request, sample);
    if (!isWhole(steps, 0, MAX_STEPS)) {
      throw new RangeError(`steps must be a whole number from 0 to ${MAX_STEPS}, not ${steps}`);
    }
    for (const step of keptSteps(request, sample)) {
      if (!isWhole(step, 0, steps))
        throw new RangeError(`cannot keep step ${step} of a rollout of ${steps} steps`);
    }
  }
  checkComparison(request);
}

function checkComparison(request: RolloutRequest): void {
  const { compare, states } = request;
  if (!compare) return;
  const { grid } = request;
  const { target, steps, readout } = compare;
  const size = cellCount(grid) * 4;
  if (target.length !== size) {
    throw new RangeError(
      `the picture to compare with has ${target.length} numbers; ${grid.join(" x ")} x 4 = ${size} are needed`,
    );
  }
  const { channels } = request.rule;
  if (!isWhole(readout.channels, 1, 4) || !isWhole(readout.offset, 0, channels - readout.channels)) {
    throw new RangeError(
      `the channels to compare are ${readout.channels} from ${readout.offset} on; they must be 1 to 4 of the rule's ${channels}`,
    );
  }
  const fewest = states.reduce((least, _, sample) => Math.min(least, stepsOf(request, sample)), MAX_STEPS);
  steps.forEach((step, index) => {
    if (!(step > steps[index - 1] || index === 0)) {
      throw new RangeError(`steps to compare must ascend; ${step} follows ${steps[index - 1]}`);
    }
    if (!isWhole(step, 0, fewest)) {
      throw new RangeError(`cannot compare step ${step} of a rollout of ${fewest} steps`);
    }
  });
}

function checkGraft({ graft, grid, record }: RolloutRequest, count: number): void {
  if (!graft) return;
  const { parameters, cells } = graft;
  if (record) throw new RangeError("a rollout with a graft runs forward only; leave out record");
  const unfit = parameters.findIndex(({ length }) => length !== count);
  if (unfit >= 0) {
    throw new RangeError(
      `grafted parameter set ${unfit} has ${parameters[unfit].length} numbers; the rule has ${count}`,
    );
  }
  if (cells.length !== cellCount(grid)) {
    throw new RangeError(`the graft names ${cells.length} cells; the grid has ${grid.join(" x ")}`);
  }
  const wrong = cells.find((set) => set > parameters.length);
  if (wrong !== undefined) {
    throw new RangeError(`the graft names set ${wrong} for a cell; it has ${parameters.length}`);
  }
}

/** For those who write an engine: checks what `Rollout.backward` is given. @throws RangeError naming the cotangent and what is wrong with it. */
export function checkCotangents(request: RolloutRequest, cotangents: readonly Cotangent[]): void {
  if (cotangents.length === 0) throw new RangeError("backward needs at least one cotangent");
  const [rows, columns] = planeOf(request.grid);
  for (const { sample, step, data, box = wholeBox(request.grid) } of cotangents) {
    const size = box.height * box.width * request.rule.channels;
    if (
      Math.min(box.top, box.left, box.height, box.width) < 0 ||
      box.top + box.height > rows ||
      box.left + box.width > columns
    ) {
      throw new RangeError(`the box of a cotangent does not lie within the ${gridText(request.grid)} grid`);
    }
    checkVisit(request, "cotangent", sample, step);
    if (data.length !== size) {
      throw new RangeError(`a cotangent has ${data.length} numbers; the state has ${size}`);
    }
  }
}

/** @param what names a sample and a step. @throws RangeError where the rollout has none such. */
export function checkVisit(request: RolloutRequest, what: string, sample: number, step: number): void {
  if (!isWhole(sample, 0, request.states.length - 1)) {
    throw new RangeError(`a ${what} names sample ${sample} of ${request.states.length}`);
  }
  if (!isWhole(step, 0, stepsOf(request, sample))) {
    throw new RangeError(`a ${what} names step ${step} of ${stepsOf(request, sample)}`);
  }
}
