/** A training that is small enough to watch. */
import type { Engine } from "neoblast";
import { BpttTrainer, oneGoal, type PoolSettings, pictureTask } from "neoblast/train";
import { newborn } from "./newborn.ts";
import { ROLLOUT, SIDE } from "./pictures.ts";

/** What training starts from: seeds alone, a pool as well, or a pool some of whose states are damaged. */
export type Recipe = "seed" | "pool" | "damage";

const GRID = [SIDE, SIDE] as const;
const POOL: PoolSettings = {
  size: 36,
  reseed: 1,
  kept: null,
  retried: null,
  damaged: 0,
  switched: 0,
  damage: ["half-left", "half-right", "half-top", "half-bottom", "circle", "circle"],
};
const POOLS: Readonly<Record<Recipe, PoolSettings | null>> = {
  seed: null,
  pool: POOL,
  damage: { ...POOL, damaged: 1 },
};
/** Training steps after which it ends by itself. */
const MOST_STEPS = 5000;

/** @param target RGBA, shape (SIDE, SIDE, 4). @param seed of all random draws. */
export function trainerOf(engine: Engine, target: Float32Array, recipe: Recipe, seed: number): BpttTrainer {
  const { rule, readout, start, parameters } = newborn(seed);
  return new BpttTrainer({
    engine,
    rule,
    grid: GRID,
    parameters,
    task: pictureTask({
      rule,
      readout: readout!,
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
      rollout: [...ROLLOUT],
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
