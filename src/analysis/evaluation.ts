/** How well an automaton draws its picture, holds it and heals. */
import { aroundCentre, type Target } from "../data/image.ts";
import { turnTarget } from "../data/turn.ts";
import type { Engine, State } from "../engine.ts";
import { disposeStates } from "../engine/states.ts";
import type { StateWindow } from "../engine/window.ts";
import { turnedRule } from "../rule/kernels.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Readout } from "../model/readout.ts";
import { placeChannels, type Start, startState, turnedStart } from "../model/start.ts";
import type { DamageKind } from "../edit/damage.ts";
import { pictureLoss } from "../train/loss/loss.ts";
import {
  damageRuns,
  DAMAGED_AT,
  type Errors,
  errorsOf,
  type Outcomes,
  outcomesOf,
  type Measurement,
  measureRuns,
  RECOVERED_AT,
  type RollOn,
  rollOn,
} from "./evaluationRuns.ts";

/** What `evaluate` measures, and how far. */
export type EvaluationRequest = Readonly<{
  engine: Engine;
  /** The rule has no input. */
  rule: Rule;
  /** Where the picture lies in a state. */
  readout: Readout;
  /** What growth starts from. */
  start: Start;
  /** Flat, by `parameterTable(rule)`. */
  parameters: Float32Array;
  grid: Plane;
  /** Shape (H, W, 4), premultiplied or not as the readout says. */
  target: Float32Array;
  /** Unsigned 32-bit seed of everything random; default 0. */
  seed?: number;
  /** Runs from there, which differ in their fire masks and in the circles that damage takes; default 8. */
  runs?: number;
  /** Steps at which growth is measured; default 96, 200, 1,000 and 10,000. */
  steps?: readonly number[];
  /**
   * Degrees by which the rule is turned (`turnedRule`), and target and seeds with it; default 0, 30 and 90. Where that
   * would take a target off a grid that is not square, a square one takes its place; errors remain means over the cells
   * of the former.
   */
  angles?: readonly number[];
  /** Kinds of damage from which recovery is measured; default the four halves, a hole and a circle. */
  damage?: readonly DamageKind[];
  /** Sees how damage heals: at each angle and of each kind, the run that it harmed most. */
  watch?: (shown: DamagedState) => void;
  /** Called with the progress, in steps of single runs. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}>;

/** A state of a run that is damaged. */
export type DamagedState = Readonly<{
  angle: number;
  damage: DamageKind;
  /** Steps since the damage; null for the state before it. */
  after: number | null;
  grid: Plane;
  /** Shape (H, W, C). */
  state: Float32Array;
}>;

/** Errors from the seed on, at each step that was asked for. */
export type Growth = Outcomes & Readonly<{ errors: readonly (Errors & Readonly<{ step: number }>)[] }>;

/** Errors after damage of one kind. */
export type Recovery = Outcomes &
  Readonly<{
    damage: DamageKind;
    /** Each so many steps after the damage. Outcomes are those of the steps after it. */
    errors: readonly (Errors & Readonly<{ after: number }>)[];
    /** The last mean error over that of the same runs, at the same step, without damage; null where one is missing or 0. */
    ratio: number | null;
  }>;

/** What was measured at one angle. */
export type AngleEvaluation = Readonly<{
  angle: number;
  growth: Growth;
  recovery: readonly Recovery[];
  /** Without damage, at the step at which recovery ends. */
  undamaged: Errors & Readonly<{ step: number }>;
}>;

/** An angle at which nothing was measured, and why. */
export type SkippedAngle = Readonly<{ angle: number; reason: string }>;

/** Plain JSON. */
export type Evaluation = Readonly<{
  seed: number;
  /** How many at each angle. */
  runs: number;
  grid: Plane;
  /** Cells of the target whose alpha exceeds the rule's threshold. */
  livingCells: number;
  /** Step after which runs are damaged. */
  damagedAt: number;
  angles: readonly AngleEvaluation[];
  skipped: readonly SkippedAngle[];
}>;

/** Steps after the damage at which recovery is measured. */
export const RECOVERY_STEPS = [0, 10, 50, RECOVERED_AT - DAMAGED_AT] as const;
/** What automata should heal from. */
export const RECOVERY_DAMAGE = [
  "half-left",
  "half-right",
  "half-top",
  "half-bottom",
  "hole",
  "circle",
] as const;

/**
 * Measures an automaton: its error, in several runs, as it grows and stays; its error after each kind of damage, as
 * it heals; and how many runs die, overgrow or diverge. All that again with the cells' sense of direction turned, as far as
 * the rule's kernels can be. Damaged runs have the fire masks of those without damage, so that they differ by nothing else.
 * The same request gives the same bits whatever the number of threads.
 *
 * @throws RangeError for a target that does not fit the grid, an angle that is no number, and as `Engine.rollout` does.
 *
 * @example
 * ```ts
 * import { createWasmEngine, evaluate, hasPicture } from "neoblast";
 * import { loadModel, loadTarget } from "neoblast/node";
 *
 * const model = await loadModel("lizard.safetensors");
 * if (!hasPicture(model)) throw new Error("this model draws nothing");
 * const { data: target } = await loadTarget("🦎", { size: 40, padding: 16, premultiplied: true });
 * const engine = await createWasmEngine();
 * const { angles } = await evaluate({
 *   ...model,
 *   engine,
 *   target,
 *   grid: [72, 72],
 *   runs: 2,
 *   steps: [96, 200],
 *   angles: [0],
 *   damage: ["half-left"],
 * });
 * const { growth, recovery } = angles[0];
 * console.log(growth.errors.map(({ step }) => step)); // [ 96, 200 ]
 * console.log(growth.died, growth.overgrown, growth.diverged); // 0 0 0
 * console.log(recovery[0].damage, recovery[0].errors.at(-1)?.after); // half-left 200
 * await engine.dispose();
 * ```
 */
export async function evaluate(request: EvaluationRequest): Promise<Evaluation> {
  const {
    engine,
    rule,
    readout,
    grid,
    parameters,
    target,
    seed = 0,
    runs = 8,
    angles = [0, 30, 90],
  } = request;
  const cells = grid[0] * grid[1];
  if (target.length !== cells * 4) {
    throw new RangeError(`the target has ${target.length} numbers; ${grid.join(" x ")} x 4 are needed`);
  }
  const steps = [...new Set(request.steps ?? [96, 200, 1000, 10000])].toSorted((a, b) => a - b);
  const turns: Turned[] = [];
  const skipped: SkippedAngle[] = [];
  for (const angle of angles) {
    const turned = turn(request, angle);
    if ("reason" in turned) skipped.push(turned);
    else turns.push(turned);
  }

  const { signal, watch = () => {}, damage = RECOVERY_DAMAGE } = request;
  const runSteps = Math.max(RECOVERED_AT, ...steps) + damage.length * (RECOVERED_AT - DAMAGED_AT);
  const total = turns.length * runs * runSteps;
  let done = 0;
  const onSteps = (count: number) => request.onProgress?.((done += count), total);

  const livingCells = livingCellsOf(rule, target);
  const kept = placeChannels(request);
  const common = { engine, parameters, seed, onSteps, ...(signal && { signal }) };
  const results: AngleEvaluation[] = [];
  for (const turned of turns) {
    const rollout = { ...common, grid: turned.target.grid };
    const task = { ...turned, readout, rollout, cells, runs, steps, damage, kept, livingCells, watch };
    results.push(await evaluateTurned(task));
  }
  return { seed, runs, grid, livingCells, damagedAt: DAMAGED_AT, angles: results, skipped };
}

/** Rule, target and first state turned by an angle. */
type Turned = Readonly<{ angle: number; rule: Rule; target: Target; from: Float32Array }>;

function turn(
  { rule, readout, grid, target, start }: EvaluationRequest,
  angle: number,
): Turned | SkippedAngle {
  if (!Number.isFinite(angle))
    throw new RangeError(`an angle is ${angle}; it must be a finite number of degrees`);
  try {
    const turned = turnedRule(rule, angle);
    const longest = Math.max(...grid);
    const room = angle % 180 === 0 ? grid : ([longest, longest] as const);
    const placed = aroundCentre({ grid, data: target }, room);
    return {
      angle,
      rule: turned,
      target: { grid: room, data: turnTarget(placed, angle, readout.premultiplied) },
      from: startState({ rule: turned, readout, start: turnedStart(start, angle) }, room),
    };
  } catch (error) {
    if (error instanceof RangeError) return { angle, reason: error.message };
    throw error;
  }
}

/** Cells of a target whose alpha exceeds the rule's threshold. */
export function livingCellsOf({ alive }: Rule, target: Float32Array): number {
  const threshold = Math.fround(alive.threshold);
  return target.filter((value, i) => i % 4 === 3 && value > threshold).length;
}

type Task = Turned &
  Readonly<{
    readout: Readout;
    /** What all rollouts have in common. */
    rollout: Omit<RollOn, "rule" | "states" | "sampleIds">;
    /** Over which errors are means. */
    cells: number;
    runs: number;
    /** Ascending. */
    steps: readonly number[];
    damage: readonly DamageKind[];
    /** Channels that damage leaves. */
    kept: readonly number[];
    livingCells: number;
    watch: (shown: DamagedState) => void;
  }>;

async function evaluateTurned(task: Task): Promise<AngleEvaluation> {
  const { angle, rule, from, rollout, runs, steps, livingCells } = task;
  const loss = lossOf(task);
  const stops = [...new Set([...steps, DAMAGED_AT, RECOVERED_AT])].toSorted((a, b) => a - b);
  const start = Array.from({ length: runs }, () => from);
  const measurements = new Map<number, readonly Measurement[]>();
  let grown: readonly State[] = [];
  for await (const { step, states } of rollOn({ ...rollout, rule, states: start }, 0, stops)) {
    measurements.set(step, await measureRuns(rollout.engine, states, loss));
    if (step === DAMAGED_AT) grown = states.map((state) => state.share());
  }
  const undamaged = errorsOf(measurements.get(RECOVERED_AT)!);
  const recovery = await recover(task, grown, undamaged);
  disposeStates(grown);
  return {
    angle,
    growth: {
      errors: steps.map((step) => ({ step, ...errorsOf(measurements.get(step)!) })),
      ...outcomesOf([...measurements.values()], rule, livingCells),
    },
    recovery,
    undamaged: { step: RECOVERED_AT, ...undamaged },
  };
}

/** The mean squared error of a state, over the cells of the grid that nothing was turned on. */
function lossOf({ rule, readout, target: { grid, data }, cells }: Task): (state: StateWindow) => number {
  const loss = pictureLoss({ rule, readout }, grid, data);
  const factor = (grid[0] * grid[1]) / cells;
  return (state) => factor * loss(state);
}

/** Damages runs, which are at step `DAMAGED_AT`, in every way, and measures how they heal. */
async function recover(task: Task, grown: readonly State[], undamaged: Errors): Promise<Recovery[]> {
  const { angle, rule, rollout, runs, livingCells, watch } = task;
  const { grid } = task.target;
  if (task.damage.length === 0) return [];
  const loss = lossOf(task);
  const states: State[] = [];
  for (const damage of task.damage) {
    states.push(...(await damageRuns({ ...rollout, rule, states: grown }, runs, damage, task.kept)));
  }
  const sampleIds = states.map((_, i) => i % runs);
  const stops = RECOVERY_STEPS.map((after) => DAMAGED_AT + after);
  const measurements: (readonly Measurement[])[] = [];
  for await (const { step, states: healing } of rollOn(
    { ...rollout, rule, states, sampleIds },
    DAMAGED_AT,
    stops,
  )) {
    measurements.push(await measureRuns(rollout.engine, healing, loss));
    for (const [i, damage] of task.damage.entries()) {
      const shown = worstOf(measurements[0].slice(i * runs, (i + 1) * runs));
      if (step === DAMAGED_AT) watch({ angle, damage, grid, after: null, state: await grown[shown].read() });
      watch({ angle, damage, grid, after: step - DAMAGED_AT, state: await healing[i * runs + shown].read() });
    }
  }
  disposeStates(states);
  return task.damage.map((damage, i) => {
    const own = measurements.map((atStep) => atStep.slice(i * runs, (i + 1) * runs));
    const errors = own.map((atStep, j) => ({ after: RECOVERY_STEPS[j], ...errorsOf(atStep) }));
    const healed = errors[errors.length - 1].mean;
    return {
      damage,
      errors,
      ratio: healed !== null && undamaged.mean ? healed / undamaged.mean : null,
      ...outcomesOf(own.slice(1), rule, livingCells),
    };
  });
}

/** Number of the run with the largest error. */
function worstOf(measurements: readonly Measurement[]): number {
  return measurements.reduce((worst, { error }, run) => (error > measurements[worst].error ? run : worst), 0);
}
