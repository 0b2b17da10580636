/**
 * One picture that becomes another, and stays it; or several pairs, of which an input chooses one. After "Growing Neural
 * Cellular Automata" (Mordvintsev, Randazzo, Niklasson and Levin, Distill 2020), whose seed is one cell.
 */
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import type { Start } from "../../model/start.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { oneGoal, severalGoals } from "../../train/goals.ts";
import { pictureTask } from "../../train/pictureTask.ts";
import { pretrainedParameters } from "../growing/pretrained.ts";
import { checkColours, UNNAMED } from "../picture.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";
import type { TransformConfig } from "./config.ts";

/** A trainer of `createTransform`. */
export type TransformTrainer = BpttTrainer & WithModel;

/**
 * The trainer of a configuration.
 *
 * @param starts what cells start from; @param targets what each becomes: as many, all on one grid, premultiplied as the
 *   rule says.
 * @throws RangeError for another number of pairs than the configuration has, grids that differ, or colours that are
 *   premultiplied where the rule's are not, or the other way round.
 */
export function createTransform({
  engine,
  config,
  starts,
  targets,
}: Readonly<{
  engine: Engine;
  config: TransformConfig;
  starts: readonly Target[];
  targets: readonly Target[];
}>): TransformTrainer {
  const pairs = config.target.source.length / 2;
  if (starts.length !== pairs || targets.length !== pairs) {
    throw new RangeError(
      `${starts.length} starts and ${targets.length} targets were given; the configuration names ${pairs} pairs`,
    );
  }
  const all = [...starts, ...targets];
  const [{ grid }] = all;
  if (all.some((each) => each.grid.join() !== grid.join())) {
    throw new RangeError("pictures lie on different grids; put them on one by onOneGrid");
  }
  checkColours(config.rule, all);
  const { seed, training } = config;
  const { rule, readout, start: bare } = splitRule(config.rule, config.target.seeds);
  const start: Start = {
    ...bare,
    pictures: {
      grid,
      offset: readout.offset,
      channels: readout.channels,
      data: starts.map(({ data }) => firstChannels(data, readout.channels)),
    },
  };
  const pictures = targets.map(({ data }) => data);
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: config.initial === "random" ? initialParameters(rule, seed) : pretrainedParameters(),
    task: pictureTask({
      rule,
      readout,
      start,
      grid,
      goals: pairs === 1 ? oneGoal(pictures[0]) : severalGoals(pictures),
      penalties: training.loss,
      pool: training.pool,
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, () => {
    const model = trainedModel(
      { rule: config.rule, seed, grid, trainer, build: engine.build },
      { provenance: provenanceOf(config) },
    );
    return { ...model, start };
  });
}

/** Of each pair, what it becomes. */
function provenanceOf({ target: { source, size, padding } }: TransformConfig) {
  const goals = source
    .filter((_, i) => i % 2 === 1)
    .map((name) => ({
      target: name,
      ...(name !== UNNAMED && { picture: { source: name, size, padding } }),
    }));
  return goals.length === 1 ? goals[0] : { goals };
}

/** The first channels of four of each cell. */
function firstChannels(picture: Float32Array, channels: number): Float32Array {
  return channels === 4 ? picture : picture.filter((_, i) => i % 4 < channels);
}
