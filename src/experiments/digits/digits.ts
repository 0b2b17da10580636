/**
 * Drawing a picture from an encoder's latent vector, the input of every cell. Source: "Growing Unsupervised Neural Cellular Automata", notebook 42 of CAX
 * (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import { latentOf, latentStatistics } from "../../analysis/latents.ts";
import { cachedPictures, type PictureSet } from "../../data/pictureSet.ts";
import type { Engine } from "../../engine.ts";
import { encoderSchema, type EncoderSettings, encoderTable } from "../../nets/encoder.ts";
import { encoderConditioner } from "./encoderConditioner.ts";
import { initialParameters, tableSize } from "../../rule/parameters.ts";
import { type Conventions, pictureRuleSchema, splitRule } from "../../model/pictureRule.ts";
import type { StartPictures } from "../../model/start.ts";
import { cellCount, type Plane, positionOf, relativePosition } from "../../rule/grid.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { pictureTask } from "../../train/pictureTask.ts";
import { penaltyChecks, penaltyFields } from "../../train/loss/penalties.ts";
import { poolChecks, poolSchema } from "../../train/memory/pool.ts";
import { highest } from "../../train/ramp.ts";
import { bpttFields, placementFields } from "../../train/bptt/settings.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";

/** Pictures whose latent vectors stand for all. */
const STATISTICS = 500;

/** Most numbers of an encoder: a checkpoint holds them six times. */
const MAX_ENCODER = 20_000_000;

/** Everything that a run depends on, as plain JSON. */
export const digitsConfigSchema = z
  .strictObject({
    /** Of all random draws. */
    seed: whole(0, 2 ** 32 - 1),
    data: z.strictObject({
      /** `handwriting`, or a folder of MNIST's files or of pictures. */
      source: z.string().check(z.minLength(1)),
      /** Sides of a picture, and of the grid, in cells. */
      size: whole(8, 128),
      /** 1: grey; 4: RGBA, not premultiplied. */
      channels: z.union([z.literal(1), z.literal(4)]),
    }),
    encoder: z.strictObject({
      /** Output features of each strided convolution. */
      features: z.array(whole(1, 256)).check(z.minLength(1), z.maxLength(6)),
      /** Width of the dense layer; without it, as wide as what it gets. */
      hidden: encoderSchema.shape.hidden,
      /** Weight of the divergence from the standard normal distribution, in nats, beside the mean squared error. */
      beta: withDefault(between(0, 1000), 0),
      /** Standard deviations of the posterior by which latent vectors are spread in training: 1, or 0 for its mean. */
      noise: withDefault(between(0, 1), 1),
    }),
    rule: pictureRuleSchema.check(
      z.refine(({ inputSize }) => inputSize > 0, {
        path: ["inputSize"],
        error: "must be above 0: it is the length of the latent vector",
      }),
      z.refine(({ pinned }) => isNoneOrCoordinates(pinned), {
        path: ["pinned"],
        error:
          "must be [0,1], channels that hold a cell's row and column, or [], for cells that are not told where they are",
      }),
      z.refine(({ pinned = [], image, alive }) => Math.min(image.offset, alive.channel) >= pinned.length, {
        path: ["image", "offset"],
        error: "and the alive channel must be behind the pinned channels",
      }),
    ),
    training: z
      .strictObject({
        ...bpttFields,
        loss: z.strictObject({
          ...placementFields,
          ...penaltyFields,
        }),
        pool: poolSchema,
      })
      .check(...poolChecks),
  })
  .check(
    z.refine((config) => tableSize(encoderTable(digitsEncoder(config))) <= MAX_ENCODER, {
      path: ["encoder"],
      error:
        "is too large for these pictures: its dense layer grows with the fourth power of their size; take one more convolution, fewer features, a narrower layer (encoder.hidden) or smaller pictures",
    }),
    ...penaltyChecks(),
    z.refine(({ rule, data }) => rule.image.channels === data.channels, {
      path: ["rule", "image", "channels"],
      error: "must be data.channels",
    }),
  );
/** Everything that a run depends on, as plain JSON. */
export type DigitsConfig = Readonly<z.infer<typeof digitsConfigSchema>>;

/** The encoder of a configuration. */
export function digitsEncoder({
  data,
  encoder,
  rule,
}: Readonly<{
  data: Readonly<{ size: number; channels: number }>;
  encoder: Readonly<{ features: readonly number[]; hidden?: number }>;
  rule: Readonly<{ inputSize: number }>;
}>): EncoderSettings {
  return {
    grid: [data.size, data.size],
    channels: data.channels,
    features: encoder.features,
    latent: rule.inputSize,
    ...(encoder.hidden !== undefined && { hidden: encoder.hidden }),
  };
}

/** Channels that hold where a cell is, row and column. */
export const COORDINATES: readonly number[] = [0, 1];

function isNoneOrCoordinates(pinned: readonly number[] = []): boolean {
  return pinned.length === 0 || String(pinned) === String(COORDINATES);
}

function conventionsOf({ rule }: DigitsConfig, grid: Plane): Conventions {
  const { start, ...conventions } = splitRule(rule);
  return { ...conventions, start: rule.pinned?.length ? { ...start, pictures: coordinates(grid) } : start };
}

/** A start that holds the row and column of each cell, from -1 to 1. */
function coordinates(grid: Plane): StartPictures {
  const data = Array.from({ length: cellCount(grid) }, (_, cell) => positionOf(grid, cell)).flatMap(
    (position) => position.map((i, axis) => relativePosition(i, grid[axis])),
  );
  return { grid, offset: COORDINATES[0], channels: COORDINATES.length, data: [Float32Array.from(data)] };
}

/** A trainer of `createDigits`. */
export type DigitsTrainer = BpttTrainer & WithModel;

/**
 * The trainer of a configuration; its `network` are the encoder's numbers.
 *
 * @param pictures to learn from, of the size and channels that the configuration says.
 */
export async function createDigits({
  engine,
  config,
  pictures,
}: Readonly<{ engine: Engine; config: DigitsConfig; pictures: PictureSet }>): Promise<DigitsTrainer> {
  const { seed, training } = config;
  const settings = digitsEncoder(config);
  const { rule, readout, start } = conventionsOf(config, settings.grid);
  const cached = cachedPictures(pictures, 2 * highest(training.pool.size));
  const picture = (index: number) => cached.picture(index);
  // An array library, which whoever does not train need not load.
  const { createEncoderNetwork } = await import("../../nets/encoderNetwork.ts");
  const conditioner = encoderConditioner({
    network: await createEncoderNetwork(settings),
    settings,
    picture,
    beta: config.encoder.beta,
    noise: config.encoder.noise,
    seed,
  });
  const { grid } = settings;
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: initialParameters(rule, seed),
    task: pictureTask({
      rule,
      readout,
      start,
      grid,
      goals: { count: cached.count, target: picture, conditioner },
      penalties: training.loss,
      pool: training.pool,
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, () => {
    const encoder = { settings, parameters: trainer.network };
    const count = Math.min(STATISTICS, pictures.count);
    const latents = Array.from({ length: count }, (_, i) => latentOf({ encoder }, pictures.picture(i)));
    const model = trainedModel(
      { rule: config.rule, seed, grid, trainer, build: engine.build },
      { encoder, provenance: { latent: latentStatistics(latents) } },
    );
    return { ...model, start };
  });
}
