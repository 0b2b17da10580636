/** The model of a trainer, with what is known of how it came about. */
import type { Model, PictureModel, Provenance } from "../model/model.ts";
import { type PictureRule, splitRule } from "../model/pictureRule.ts";
import type { GivenCoordinates, Seeds } from "../model/start.ts";
import type { Grid } from "../rule/grid.ts";

/** What to call something that a run is trained for. */
export type Named = Readonly<{
  /** Fit for a file name. */
  name: string;
  /** For people. */
  description: string;
}>;

/** A trainer that hands out its model: as trained so far, and how it came about. A copy. */
export type WithModel = Readonly<{ toModel(): Model }>;

/** A trainer that hands out its model. */
export function withModel<T extends object>(trainer: T, toModel: () => Model): T & WithModel {
  return Object.assign(trainer, { toModel });
}

/** @param about what is known beside. */
export function trainedModel(
  {
    rule,
    seed,
    grid,
    trainer,
    build,
  }: Readonly<{
    rule: PictureRule;
    seed: number;
    grid: Grid;
    trainer: Readonly<{ model: Float32Array; step: number }>;
    build?: string;
  }>,
  {
    provenance,
    seeds,
    coordinates,
    ...more
  }: Readonly<{
    provenance?: Partial<Provenance>;
    /** Where growth starts; default: one seed in the centre. */
    seeds?: Seeds | undefined;
    /** That cells are given; default none. */
    coordinates?: GivenCoordinates | undefined;
  }> &
    Pick<Model, "encoder"> = {},
): PictureModel {
  return {
    ...more,
    ...splitRule(rule, seeds, coordinates),
    parameters: trainer.model,
    provenance: {
      grid: [...grid],
      ...provenance,
      steps: trainer.step,
      seed,
      ...(build !== undefined && { build }),
    },
  };
}

/** A model that says what it draws as people call it. */
export function modelNamed(
  model: Model,
  { description, parts }: Named & Readonly<{ parts?: readonly Named[] | undefined }>,
): Model {
  const { grid, target: _, goals, ...rest } = model.provenance;
  return {
    ...model,
    provenance: {
      grid,
      target: description,
      ...(goals && {
        goals: goals.map((goal, i) => ({ ...goal, target: parts?.[i]?.description ?? goal.target })),
      }),
      ...rest,
    },
  };
}
