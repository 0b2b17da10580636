/** How well an automaton makes a texture, keeps it, heals it, and makes it on other grids. */
import type { Target } from "../data/image.ts";
import { applyDamage } from "../edit/damage.ts";
import type { Engine, State } from "../engine.ts";
import { expandWindow, type StateWindow } from "../engine/window.ts";
import type { PictureModel } from "../model/model.ts";
import { startState } from "../model/start.ts";
import { gridText, type Plane } from "../rule/grid.ts";
import { textureLoss, textureSettings } from "../train/loss/texture.ts";
import { type Errors, errorsOf, measureRuns, rollOn } from "./evaluationRuns.ts";

/** At which step a disc is erased, and how many steps later runs are looked at. */
export const ERASED_AT = 200;
export const HEALING_STEPS = [0, 50, 200] as const;
/** Steps that grids of other shapes run. */
const GRID_STEPS = 400;
/** Seed of directions that no training drew, and how many are looked along, with all patches. */
const HELD_OUT = 0x9e3779b9;
const DIRECTIONS = 64;

/** Relative errors: 0 for the target's own patches, 1 for one even colour. Null: diverged. */
export type TextureEvaluation = Readonly<{
  seed: number;
  runs: number;
  grid: Plane;
  /** Loss of a picture that has the target's mean colour everywhere: the unit of all errors. */
  evenLoss: number;
  steps: readonly (Errors & Readonly<{ step: number }>)[];
  healing: readonly (Errors & Readonly<{ after: number }>)[];
  /**
   * Mean difference between neighbours across the torus's edges over that between neighbours elsewhere, after the last of the
   * steps: 1 where there is no seam. Null: diverged, or all even.
   */
  seam: number | null;
  grids: readonly (Errors & Readonly<{ grid: Plane }>)[];
}>;

/** A state of the first run, and what it shows. */
export type TextureState = Readonly<{ caption: string; grid: Plane; state: Float32Array }>;

export type TextureEvaluationRequest = Readonly<{
  engine: Engine;
  model: PictureModel;
  target: Target;
  /** Unsigned 32-bit seed of everything random; default 0. */
  seed?: number;
  /** Runs of other fire masks, and other noise where they start from it; default 4. */
  runs?: number;
  /** Steps at which the texture is looked at; default 100, 1,000 and 10,000. */
  steps?: readonly number[];
  watch?: (state: TextureState) => void;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}>;

/**
 * Evaluates a texture model, by the loss that trains textures, along directions that no training drew.
 *
 * @throws what `Engine.rollout` and `textureLoss` throw.
 */
export async function evaluateTexture({
  engine,
  model,
  target,
  seed = 0,
  runs = 4,
  steps = [100, 1000, 10000],
  watch = () => {},
  onProgress = () => {},
  signal,
}: TextureEvaluationRequest): Promise<TextureEvaluation> {
  const { rule, parameters } = model;
  const { grid } = target;
  const [height, width] = grid;
  const larger: readonly Plane[] = [
    [2 * height, 2 * width],
    [height, 3 * width],
  ];
  const lastStep = Math.max(0, ...steps);
  const total = runs * (lastStep + ERASED_AT + HEALING_STEPS[2]) + larger.length * GRID_STEPS;
  let done = 0;
  const onSteps = (count: number) => onProgress((done += count), total);
  const lossOn = (on: Plane) => {
    const settings = { ...textureSettings, directions: DIRECTIONS, patches: Number.MAX_SAFE_INTEGER };
    const loss = textureLoss(model, on, { ...target, wraps: false }, settings, HELD_OUT);
    return (state: StateWindow) => loss(state, { goal: 0, trainingStep: 0 });
  };
  const evenLoss = lossOn(grid)(evenState(model, target));
  const relative = (loss: (state: StateWindow) => number) => (state: StateWindow) => loss(state) / evenLoss;
  const startsOn = (on: Plane, count: number) =>
    Array.from({ length: count }, (_, run) => startState(model, on, [seed, 0, run]));
  const rollout = { engine, rule, parameters, seed, onSteps, ...(signal && { signal }) };
  const show = async (caption: string, on: Plane, state: State) =>
    watch({ caption, grid: on, state: await state.read() });

  const error = relative(lossOn(grid));
  const measured: (Errors & { step: number })[] = [];
  let seam: number | null = null;
  const stops = [...new Set(steps)].toSorted((a, b) => a - b);
  for await (const { step, states } of rollOn({ ...rollout, grid, states: startsOn(grid, runs) }, 0, stops)) {
    measured.push({ step, ...errorsOf(await measureRuns(engine, states, error)) });
    await show(`${step} steps`, grid, states[0]);
    if (step === lastStep) seam = seamOf(await states[0].read(), model, grid);
  }

  let erased: Float32Array[] = [];
  for await (const { states } of rollOn({ ...rollout, grid, states: startsOn(grid, runs) }, 0, [ERASED_AT])) {
    erased = (await engine.read(states)).map((window, run) => {
      const cells = expandWindow(window, grid, rule.channels);
      applyDamage(cells, grid, rule.channels, "hole", [seed, ERASED_AT, run]);
      return cells;
    });
  }
  const healing: (Errors & { after: number })[] = [];
  const later = HEALING_STEPS.map((after) => ERASED_AT + after);
  for await (const { step, states } of rollOn({ ...rollout, grid, states: erased }, ERASED_AT, later)) {
    const after = step - ERASED_AT;
    healing.push({ after, ...errorsOf(await measureRuns(engine, states, error)) });
    if (after !== HEALING_STEPS[1]) await show(after === 0 ? "erased" : "healed", grid, states[0]);
  }

  const grids: (Errors & { grid: Plane })[] = [];
  for (const on of larger) {
    for await (const { states } of rollOn({ ...rollout, grid: on, states: startsOn(on, 1) }, 0, [
      GRID_STEPS,
    ])) {
      grids.push({ grid: on, ...errorsOf(await measureRuns(engine, states, relative(lossOn(on)))) });
      await show(gridText(on), on, states[0]);
    }
  }
  return { seed, runs, grid, evenLoss, steps: measured, healing, seam, grids };
}

/** A state whose picture has the target's mean colour in every cell. */
function evenState({ rule, readout }: PictureModel, { grid, data }: Target): StateWindow {
  const [height, width] = grid;
  const cells = height * width;
  const stride = data.length / cells;
  const state = new Float32Array(cells * rule.channels);
  for (let k = 0; k < readout.channels; k++) {
    let sum = 0;
    for (let n = 0; n < cells; n++) sum += data[n * stride + k];
    for (let n = 0; n < cells; n++) state[n * rule.channels + readout.offset + k] = sum / cells;
  }
  return { top: 0, left: 0, height, width, data: state };
}

/** Mean absolute difference of the picture across the edges of the torus over that between neighbours within. */
function seamOf(state: Float32Array, { rule, readout }: PictureModel, [height, width]: Plane): number | null {
  const difference = (a: number, b: number) => {
    let sum = 0;
    for (let k = readout.offset; k < readout.offset + readout.channels; k++) {
      sum += Math.abs(state[a * rule.channels + k] - state[b * rule.channels + k]);
    }
    return sum;
  };
  const sums = { edge: 0, within: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = y * width + x;
      const right = difference(cell, y * width + ((x + 1) % width));
      const below = difference(cell, ((y + 1) % height) * width + x);
      sums[x + 1 === width ? "edge" : "within"] += right;
      sums[y + 1 === height ? "edge" : "within"] += below;
    }
  }
  const edges = height + width;
  const ratio = sums.edge / edges / (sums.within / (2 * height * width - edges));
  return Number.isFinite(ratio) ? ratio : null;
}
