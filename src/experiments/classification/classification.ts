/**
 * Cells that agree on what they are part of: each sees its neighbours alone, and all are to name the class of the whole.
 * Source: Randazzo, Mordvintsev, Niklasson, Levin and Greydanus, "Self-classifying MNIST Digits", Distill 2020.
 */
import { cachedPictures, type PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { MAX_SEEDS, ONE_SEED, pictureState, type Seeds } from "../../model/start.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { composeTask } from "../../train/composeTask.ts";
import { classAccuracy, classLoss } from "../../train/loss/classes.ts";
import { penaltyTerms } from "../../train/loss/penalties.ts";
import { highest } from "../../train/ramp.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";
import { type ClassificationConfig, fitClassificationConfig, labelled } from "./config.ts";

/** What a training step measures: the share of living cells that name the right class at the end, mean over samples. */
export type ClassificationMeasures = Readonly<{ accuracy: number }>;

/** A trainer of `createClassification`. */
export type ClassificationTrainer = BpttTrainer<ClassificationMeasures> & WithModel;

/**
 * The trainer of a configuration. One that was not fitted to its pictures yet (`fitClassificationConfig`) is.
 *
 * @param pictures to learn from, with labels, of the size and channels that the configuration says.
 * @throws UserError as `fitClassificationConfig`.
 */
export function createClassification({
  engine,
  config: unfitted,
  pictures,
}: Readonly<{
  engine: Engine;
  config: ClassificationConfig;
  pictures: PictureSet;
}>): ClassificationTrainer {
  const config = fitClassificationConfig(unfitted, pictures);
  const { seed, training, data } = config;
  const { rule, readout } = splitRule(config.rule);
  const classes = readout.classes!;
  const cached = cachedPictures(pictures, 2 * highest(training.pool?.size ?? 1));
  const known = labelled(pictures, data.source);
  const label = (goal: number) => known.label(goal);
  const { grid } = pictures;
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: composeTask({
      rule,
      grid,
      start: (goal) => pictureState(cached.picture(goal), { rule, readout }),
      memory: training.pool && { ...training.pool, kind: "pool" },
      goals: pictures.count,
      terms: [
        { name: "classes", weight: 1, loss: classLoss(rule, grid, classes, label) },
        ...penaltyTerms(training.loss, { rule, readout, grid, target: (goal) => cached.picture(goal) }),
      ],
      measures: { accuracy: classAccuracy(rule, classes, label) },
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, () =>
    trainedModel(
      { rule: config.rule, seed, grid, trainer, build: engine.build },
      { seeds: seedsOf(pictures) },
    ),
  );
}

/** Most pictures that are looked at for one that seeds can draw. */
const LOOKED_AT = 1000;
/** What of a picture is ink. */
const INK = 0.5;

/** The first picture with so little ink that seeds can draw it: what the model is to start from where it is shown. */
function seedsOf(pictures: PictureSet): Seeds {
  const { grid, channels, count } = pictures;
  const [height, width] = grid;
  for (let index = 0; index < Math.min(LOOKED_AT, count); index++) {
    const shown = pictures.picture(index);
    const seeds = Array.from({ length: height * width }, (_, cell) => cell)
      .filter((cell) => shown[(cell + 1) * channels - 1] > INK)
      .map((cell) => [Math.floor(cell / width) - (height >> 1), (cell % width) - (width >> 1)]);
    if (seeds.length > 0 && seeds.length <= MAX_SEEDS) return seeds;
  }
  return ONE_SEED;
}
