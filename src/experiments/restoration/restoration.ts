/**
 * Cells that restore a picture: from noise of any level, or where pixels are missing. Sources: "Diffusing Neural Cellular
 * Automata" and "Attention-based Neural Cellular Automata", notebooks 43 and 48 of CAX (Faldor and Cully, 2024), the latter
 * after Tesfaldet, Nowrouzezahrai and Pal, 2022.
 */
import { cachedPictures, type PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import type { Readout } from "../../model/readout.ts";
import type { Draw } from "../../random.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { composeTask } from "../../train/composeTask.ts";
import { pictureLoss } from "../../train/loss/loss.ts";
import { ofGoal, penaltyTerms } from "../../train/loss/penalties.ts";
import { highest } from "../../train/ramp.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";
import type { Restoration, RestorationConfig } from "./config.ts";
import { type Corruption, corrupt, drawCorruption, type Spoilt } from "./corruption.ts";

/** A trainer of `createRestoration`. */
export type RestorationTrainer = BpttTrainer & WithModel;

/**
 * What cells start from, shape (H, W, C): the spoilt picture and where it is known, both pinned; and the same picture again,
 * for cells to change.
 */
export function spoiltState(
  { picture, known }: Spoilt,
  channels: number,
  { offset, channels: K }: Readout,
): Float32Array {
  const state = new Float32Array(known.length * channels);
  for (let cell = 0; cell < known.length; cell++) {
    const own = picture.subarray(cell * K, (cell + 1) * K);
    state.set(own, cell * channels);
    state[cell * channels + K] = known[cell];
    state.set(own, cell * channels + offset);
  }
  return state;
}

/** The level and kind by which a model is shown where nobody chooses. */
const SHOWN: Readonly<Record<Restoration, Corruption>> = {
  denoise: { kind: "noise", level: 0.7 },
  complete: { kind: "scattered", level: 0.5 },
};

/**
 * The trainer of a configuration.
 *
 * @param pictures to learn from, of the size and channels that the configuration says.
 */
export function createRestoration(
  what: Restoration,
  { engine, config, pictures }: Readonly<{ engine: Engine; config: RestorationConfig; pictures: PictureSet }>,
): RestorationTrainer {
  const { seed, training, corruption } = config;
  const { rule, readout, start } = splitRule(config.rule, []);
  const cached = cachedPictures(pictures, 2 * highest(training.pool?.size ?? 32));
  const target = (goal: number) => cached.picture(goal);
  const { grid } = pictures;
  const spoil = (goal: number, chosen: Corruption, draw: Draw) =>
    spoiltState(corrupt(target(goal), grid, chosen, draw), rule.channels, readout);
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: composeTask({
      rule,
      grid,
      start: (goal, draw) => spoil(goal, drawCorruption(corruption, draw), draw),
      memory: training.pool && { ...training.pool, kind: "pool" },
      goals: pictures.count,
      terms: [
        {
          name: "picture",
          weight: 1,
          loss: ofGoal((goal) => pictureLoss({ rule, readout }, grid, target(goal))),
        },
        ...penaltyTerms(training.loss, { rule, readout, grid, target }),
      ],
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, () => ({
    ...trainedModel(
      { rule: config.rule, seed, grid, trainer, build: engine.build },
      { seeds: [], provenance: { experiment: what } },
    ),
    start: {
      ...start,
      pictures: {
        grid,
        offset: 0,
        channels: rule.channels,
        data: [spoil(0, SHOWN[what], [seed, 0, 0])],
      },
    },
  }));
}

/** Mean squared difference of pictures in a state's channels from others. */
export function differenceOf(
  state: Float32Array,
  channels: number,
  { offset, channels: K }: Pick<Readout, "offset" | "channels">,
  picture: Float32Array,
): number {
  const cells = state.length / channels;
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    for (let k = 0; k < K; k++) sum += (state[cell * channels + offset + k] - picture[cell * K + k]) ** 2;
  }
  return sum / (cells * K);
}
