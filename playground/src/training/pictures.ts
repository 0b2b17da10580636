/** Pictures of the batch and the pool, for the page. */
import type { Raster } from "../../../src/data/image.ts";
import type { State } from "../../../src/engine.ts";
import { startOf, type StoredState } from "../../../src/train/memory/storedStates.ts";
import type { Trainer } from "../../../src/train/trainer.ts";
import { stateRaster } from "../../../src/render/rgba.ts";
import type { PictureLayout } from "../../../src/model/readout.ts";
import type { Plane } from "../../../src/rule/grid.ts";
import { tilePictures, resample } from "../raster.ts";
import type { BatchDetail, PoolDetail } from "./protocol.ts";

const MAX_POOL_SHOWN = 64;
/** Pixels of a state's side in the picture of the pool, at most. */
const MAX_CELL = 96;

/** The samples of the latest step, before and after; undefined before the first. */
export async function drawBatch(
  trainer: Trainer,
  layout: PictureLayout,
  grid: Plane,
): Promise<BatchDetail | undefined> {
  const { step, starts = [], latest } = trainer;
  if (latest.length === 0) return undefined;
  const draw = async (state: Float32Array | State) =>
    stateRaster(state instanceof Float32Array ? state : await state.read(), layout, grid);
  const [before, after] = await Promise.all([Promise.all(starts.map(draw)), Promise.all(latest.map(draw))]);
  return { step, before, after };
}

/** Up to 64 states of the pool, always at the same places in it; undefined where there is no pool. */
export async function drawPool(
  trainer: Trainer,
  layout: PictureLayout,
  grid: Plane,
): Promise<PoolDetail | undefined> {
  const { step } = trainer;
  const states = trainer.remembered?.(MAX_POOL_SHOWN) ?? [];
  if (states.length === 0) return undefined;
  const scale = Math.min(1, MAX_CELL / Math.max(...grid));
  const cell: Plane = [Math.round(grid[0] * scale), Math.round(grid[1] * scale)];
  const draw = async (stored: StoredState): Promise<Raster> => {
    const state = startOf(stored, grid, layout.rule.channels);
    const numbers = state instanceof Float32Array ? state : await state.read();
    return resample(stateRaster(numbers, layout, grid), cell[1], cell[0]);
  };
  const pictures = await Promise.all(states.map(draw));
  const columns = Math.ceil(Math.sqrt(pictures.length));
  return { step, count: pictures.length, columns, cell, raster: tilePictures(pictures, columns) };
}
