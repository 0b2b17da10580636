/** A training that is small enough to watch: pictures of 12 x 12 cells, 12 channels, 64 hidden units. */
import { type Engine, initialParameters, type Model, picturePresets, splitRule } from "neoblast";
import { BpttTrainer, oneGoal, type PoolSettings, pictureTask } from "neoblast/train";
import { SIDE } from "./pictures.ts";

/** What training starts from: seeds alone, a pool as well, or a pool some of whose states are damaged. */
export type Recipe = "seed" | "pool" | "damage";

const GRID = [SIDE, SIDE] as const;
const CHANNELS = 12;
const POOL: PoolSettings = {
  size: 36,
  reseed: 1,
  damaged: 0,
  switched: 0,
  damage: ["half-left", "half-right", "half-top", "half-bottom", "circle", "circle"],
};
const POOLS: Readonly<Record<Recipe, PoolSettings | null>> = {
  seed: null,
  pool: POOL,
  damage: { ...POOL, damaged: 1 },
};
/** Steps that a rollout takes in training, fewest and most. */
export const ROLLOUT: [fewest: number, most: number] = [16, 28];
/** Training steps after which it ends by itself. */
export const MOST_STEPS = 5000;

const { rule, readout, start } = splitRule({
  ...picturePresets.distill,
  channels: CHANNELS,
  hidden: [64],
  seed: { from: 3, to: CHANNELS },
});

/** The untrained automaton: it does nothing. */
export function newborn(seed: number): Model {
  return { rule, readout, start, parameters: initialParameters(rule, seed), provenance: { grid: GRID } };
}

/** @param target RGBA, shape (SIDE, SIDE, 4). @param seed of all random draws. */
export function trainerOf(engine: Engine, target: Float32Array, recipe: Recipe, seed: number): BpttTrainer {
  return new BpttTrainer({
    engine,
    rule,
    grid: GRID,
    parameters: newborn(seed).parameters,
    task: pictureTask({
      rule,
      readout,
      start,
      grid: GRID,
      goals: oneGoal(target),
      penalties: { overflow: 0.02, coordinates: recipe === "damage" ? 1 : 0 },
      pool: POOLS[recipe],
      seed,
    }),
    settings: {
      steps: MOST_STEPS,
      batch: 4,
      rollout: ROLLOUT,
      learningRate: 3e-3,
      schedule: { kind: "cosine", final: 0.05, waves: 1 },
      warmup: 10,
      optimizer: {
        kind: "muon",
        momentum: 0.95,
        iterations: 3,
        scale: 0.2,
        largest: 512,
        beta2: 0.95,
        epsilon: 1e-8,
      },
      gradient: { normalize: true, clip: null },
      loss: { placement: "last", from: 0.5, every: 1 },
      average: null,
    },
    seed,
  });
}
