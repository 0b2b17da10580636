/** What a request comes to on the device: the uniform numbers of its rule and grid, weights, and members of grafts. */
import type { RolloutRequest } from "../../engine.ts";
import { fireLimit } from "../../random.ts";
import { cellCount, type Grid } from "../../rule/grid.ts";
import { axesOf } from "../../rule/rule.ts";
import { noiseKey } from "../../step/noise.ts";
import { pinnedMask } from "../../step/step.ts";
import { parametersOf } from "../request.ts";
import type { Plan } from "./layout.ts";
import { deviceKind } from "./perceive/kinds.ts";
import { firstBias, pack } from "./plan.ts";
import type { GridFields } from "./shaders/common.ts";

/** What shaders read of a grid and its random numbers. */
export function gridFields({ grid, seed }: RolloutRequest) {
  const [depth, height, width] = [1, 1, ...grid].slice(-3);
  return { depth, height, width, cells: cellCount(grid), seed, noiseKey: noiseKey(seed) };
}

/** What shaders read of a rule. */
export function ruleFields({ rule, C, size }: Plan) {
  const { alive, channels, fireRate, noise = 0 } = rule;
  const axes = axesOf(rule);
  const reach = alive.reach ?? 1;
  const limit = fireLimit(fireRate);
  const pinned = pinnedMask(rule);
  const word = (first: number) => {
    let bits = 0;
    for (let c = first; c < first + 32; c++)
      if (c < C && (c >= channels || pinned[c] === 1)) bits |= 1 << (c - first);
    return bits >>> 0;
  };
  return {
    channels,
    stride: size,
    wraps: Number(rule.boundary === "wrap"),
    fireLimit: Math.max(0, limit),
    fires: Number(limit >= 0),
    masked: Number(alive.mask !== "none"),
    both: Number(alive.mask === "both"),
    aliveVector: alive.channel >> 2,
    alivePart: alive.channel & 3,
    alivePinned: pinned[alive.channel],
    around: reach === 0 ? 1 : 3 ** axes,
    middleDepth: reach * Number(axes === 3),
    middleHeight: reach * Number(axes >= 2),
    middleWidth: reach,
    pinnedLow: word(0),
    pinnedHigh: word(32),
    threshold: alive.threshold,
    stepSize: rule.stepSize,
    sigma: noise,
  } satisfies Partial<GridFields>;
}

/** The perception's constants; where edges touch, taps are led back into the grid. */
export function constantsOf({ rule, taps }: Plan, grid: Grid): Float32Array {
  const numbers = deviceKind(rule)!.constants(rule);
  if (rule.boundary !== "wrap") return numbers;
  const extents = [1, 1, ...grid].slice(-3);
  for (let i = 0; i < 4 * taps; i++) if (i % 4 < 3) numbers[i] %= extents[i % 4];
  return numbers;
}

/** Parameter sets, those of samples first and grafted ones after them, and then first biases where there is an input. */
export function weightsOf(plan: Plan, request: RolloutRequest) {
  const { parameters, graft, inputs, states } = request;
  const own = parameters instanceof Float32Array ? [parameters] : parameters;
  const grafted = graft?.parameters ?? [];
  const sets = [...own, ...grafted].map((flat) => pack(plan, flat));
  const biases = inputs
    ? states.flatMap((_, sample) =>
        [parametersOf(request, sample), ...grafted].map((flat) => firstBias(plan, flat, inputs[sample])),
      )
    : [];
  const numbers = new Float32Array(sets.length * plan.size * 4 + biases.length * plan.layers[0].outputs);
  [...sets, ...biases].reduce((at, part) => {
    numbers.set(part, at);
    return at + part.length;
  }, 0);
  return { numbers, grafts: own.length, biases: sets.length * plan.size };
}

/** One byte a cell as words of four. */
export function wordsOf(cells: Uint8Array): Uint32Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(cells.length / 4) * 4);
  bytes.set(cells);
  return new Uint32Array(bytes.buffer);
}
