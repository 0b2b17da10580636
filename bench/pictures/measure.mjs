// How well one model grows its picture, holds it and, where it was trained to, heals.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { modelTarget } from "../../dist/cli/modelTarget.js";
import { evaluate, startState, unroll } from "../../dist/index.js";
import { encodePng } from "../../dist/node/encode.js";
import { createEngine, loadModel } from "../../dist/node/index.js";
import { stateRaster, targetRaster } from "../../dist/render/rgba.js";
import { stripOf } from "../../dist/render/strip.js";
import { imageLoss } from "../../dist/train/loss/loss.js";

/** Steps at which a model is measured and drawn. */
export const STEPS = [96, 200, 1_000, 10_000];

/** Different for different models. */
export function digestOf(folder) {
  return createHash("sha256")
    .update(readFileSync(join(folder, "model.safetensors")))
    .digest("hex");
}

/**
 * @returns `empty`, the mean squared error of an empty grid, by which errors are divided; `growth` of so many `runs`;
 * `recovery` of `damagedRuns` after each kind of damage, null under other recipes than regenerating; and `strip`, a PNG of a pixel a cell of
 * the target and of one run at {@link STEPS}.
 */
export async function measure(folder, { threads, runs, damagedRuns }) {
  const model = await loadModel(folder);
  const { grid, data: target } = await modelTarget(folder, model, {});
  const { rule, readout, start, parameters } = model;
  const recipe = recipeOf(folder);
  const engine = await createEngine({ threads });
  const request = { engine, rule, readout, parameters, grid };
  try {
    const straight = async (more) =>
      (await evaluate({ ...request, start, target, angles: [0], ...more })).angles[0];
    const { growth } = await straight({ runs, steps: STEPS, damage: [] });
    const healing = recipe === "regenerating" ? await straight({ runs: damagedRuns, steps: [] }) : null;
    const pictures = [targetRaster(target, grid, readout.premultiplied)];
    for await (const { state } of unroll({
      ...request,
      start: startState(model, grid),
      seed: 0,
      stops: STEPS,
    })) {
      pictures.push(stateRaster(state, model, grid));
    }
    return {
      recipe,
      grid,
      empty: imageLoss(new Float32Array(grid[0] * grid[1] * rule.channels), target, model),
      runs,
      growth,
      damagedRuns: healing && damagedRuns,
      recovery: healing && healing.recovery,
      strip: await encodePng(stripOf(pictures, pictures.length)),
    };
  } finally {
    await engine.dispose();
  }
}

/** By which a model was trained; null where its folder does not say. */
function recipeOf(folder) {
  const file = join(folder, "config.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")).recipe ?? null) : null;
}
