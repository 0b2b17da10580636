/**
 * Rows of cells that find out from three examples what is to become of a fourth row. Source: "1D-ARC Neural Cellular Automata",
 * notebook 47 of CAX (Faldor and Cully, "CAX: Cellular Automata Accelerated in JAX", arXiv 2410.02651, 2024).
 */
import { DRAWN, type RowPuzzle, type RowPuzzles, SYMBOLS, variedPuzzles } from "../../data/rowPuzzles.ts";
import type { Engine } from "../../engine.ts";
import type { Model } from "../../model/model.ts";
import { splitRule } from "../../model/pictureRule.ts";
import type { Start } from "../../model/start.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { composeTask } from "../../train/composeTask.ts";
import { rowRight, symbolLoss } from "../../train/loss/symbols.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";
import type { ArcConfig } from "./config.ts";
import { embeddingStarter, puzzleState, TENSOR } from "./embedding.ts";

/** What a training step measures: the share of rows that are right in every cell. */
export type ArcMeasures = Readonly<{ right: number }>;

/** A trainer of `createArc`. */
export type ArcTrainer = BpttTrainer<ArcMeasures> & WithModel;

/** Puzzles of which the last to be looked at are kept. */
const KEPT = 64;

/**
 * The trainer of a configuration; its `network` are the embedded colours.
 *
 * @param puzzles to learn from, of the width that the configuration says; those of a folder are varied (`variedPuzzles`).
 */
export function createArc({
  engine,
  config,
  puzzles: known,
}: Readonly<{ engine: Engine; config: ArcConfig; puzzles: RowPuzzles }>): ArcTrainer {
  const { seed, training, embedding, data } = config;
  // Of drawn ones there are enough.
  const puzzles = data.source === DRAWN ? known : variedPuzzles(known, seed);
  const { rule, readout, start } = splitRule(config.rule, []);
  const classes = readout.classes!;
  const grid = [data.width] as const;
  const puzzle = latest((index) => puzzles.puzzle(index));
  const answer = (goal: number) => puzzle(goal).question.output;
  const starter = embeddingStarter(config, puzzle, seed);
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: composeTask({
      rule,
      grid,
      start: new Float32Array(grid[0] * rule.channels),
      memory: null,
      goals: puzzles.count,
      starter,
      terms: [{ name: "symbols", weight: 1, loss: symbolLoss(rule, grid, classes, answer) }],
      measures: { right: rowRight(rule, grid, classes, answer) },
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, (): Model => {
    const { network } = trainer;
    const pictures: NonNullable<Start["pictures"]> = {
      grid,
      offset: 0,
      channels: rule.channels,
      data: [puzzleState(puzzles.puzzle(0), network, config)],
    };
    return {
      ...trainedModel({ rule: config.rule, seed, grid, trainer, build: engine.build }),
      start: { ...start, pictures },
      networks: { [TENSOR]: { shape: [SYMBOLS, embedding], data: network } },
      provenance: {
        grid,
        experiment: "arc",
        steps: trainer.step,
        seed,
        build: engine.build,
      },
    };
  });
}

function latest(make: (index: number) => RowPuzzle): (index: number) => RowPuzzle {
  const kept = new Map<number, RowPuzzle>();
  return (index) => {
    const found = kept.get(index) ?? make(index);
    kept.delete(index);
    kept.set(index, found);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return found;
  };
}
