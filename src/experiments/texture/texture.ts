/**
 * An automaton that fills a torus with a texture, from nothing or from noise, and keeps it. Sources: Niklasson, Mordvintsev, Randazzo and
 * Levin, "Self-Organising Textures", Distill 2021; Mordvintsev and Niklasson, "muNCA: Texture Generation with
 * Ultra-Compact Neural Cellular Automata", 2021.
 */
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { UserError } from "../../errors.ts";
import type { PictureModel } from "../../model/model.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { startState } from "../../model/start.ts";
import { STREAM, uniform } from "../../random.ts";
import { initialParameters, networkTable } from "../../rule/parameters.ts";
import type { Rule } from "../../rule/rule.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import { composeTask } from "../../train/composeTask.ts";
import { penaltyTerms } from "../../train/loss/penalties.ts";
import { textureLoss } from "../../train/loss/texture.ts";
import type { StartState } from "../../train/memory/starts.ts";
import { checkColours, UNNAMED } from "../picture.ts";
import { trainedModel, type WithModel, withModel } from "../trained.ts";
import type { TextureConfig } from "./config.ts";

/** Smallest side of a picture, in cells. */
const LEAST_SIDE = 16;

/** A trainer of `createTexture`. */
export type TextureTrainer = BpttTrainer & WithModel;

/** @throws UserError for a picture of which no texture can be learned: one that is too narrow, or of one colour. */
export function checkTexture({ grid, data }: Target): void {
  const [height, width] = grid;
  if (height < LEAST_SIDE || width < LEAST_SIDE) {
    throw new UserError(
      `the picture has ${width} x ${height} cells; a texture needs at least ${LEAST_SIDE} on each side, so choose a larger size or cut out a part that is less long`,
    );
  }
  for (let i = 4; i < data.length; i++) if (data[i] !== data[i % 4]) return;
  throw new UserError("the picture has one colour throughout, so there is no texture to learn");
}

/**
 * Fresh parameters (`initialParameters`), but for hidden biases, which are uniform in +-1 / sqrt(in): where all is 0, a
 * network without them would say nothing, and learn nothing.
 */
export function textureParameters(rule: Rule, seed: number): Float32Array {
  const parameters = initialParameters(rule, seed);
  const table = networkTable(rule);
  for (const [index, { shape, offset, size }] of table.entries()) {
    const isBias = shape.length === 1;
    if (!isBias || index + 1 === table.length) continue;
    const bound = 1 / Math.sqrt(table[index - 1].shape[0]);
    for (let i = 0; i < size; i++) {
      parameters[offset + i] = bound * (2 * uniform(seed, STREAM.parameters, index + 64, i) - 1);
    }
  }
  return parameters;
}

/**
 * The trainer of a configuration.
 *
 * @param target the picture; its grid is that of the torus.
 * @throws UserError for a picture of which no texture can be learned: one that is too narrow, or of one colour; RangeError for colours that are not premultiplied as the rule says.
 *
 * @example
 * ```ts
 * import { createWasmEngine, targetFromRgba } from "neoblast";
 * import { createTexture, resolveTextureConfig } from "neoblast/train";
 *
 * // Stripes, on a torus of 32 x 32 cells.
 * const size = 32;
 * const data = Uint8ClampedArray.from({ length: size * size * 4 }, (_, i) => (i % 4 === 3 || i & 16 ? 255 : 0));
 * const picture = { width: size, height: size, data };
 * const target = targetFromRgba(picture, { size, padding: 0, premultiplied: true });
 * const engine = await createWasmEngine();
 * const config = resolveTextureConfig({ model: "small", sets: ["training.steps=2"] });
 * const trainer = createTexture({ engine, config, target });
 * for await (const { step } of trainer) console.log(step);
 * // 0
 * // 1
 * await engine.dispose();
 * ```
 */
export function createTexture({
  engine,
  config,
  target,
  parameters,
}: Readonly<{
  engine: Engine;
  config: TextureConfig;
  target: Target;
  /** To start from; default: fresh ones. */
  parameters?: Float32Array | undefined;
}>): TextureTrainer {
  checkTexture(target);
  checkColours(config.rule, [target]);
  const { seed, training } = config;
  const { rule, readout, start } = splitRule(config.rule, config.target.seeds);
  const { grid } = target;
  const layout = { rule, readout, start };
  const noisy = (start.cell.noise ?? 0) > 0;
  const drawn: StartState = noisy
    ? (_goal, draw) => startState(layout, grid, draw)
    : startState(layout, grid);
  const trainer = new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: parameters ?? textureParameters(rule, seed),
    task: composeTask({
      rule,
      grid,
      start: drawn,
      memory: training.pool && { ...training.pool, kind: "pool" },
      terms: [
        {
          name: "texture",
          weight: 1,
          loss: textureLoss(layout, grid, { ...target, wraps: false }, training.loss, seed),
        },
        ...penaltyTerms(training.loss, {
          rule,
          readout,
          grid,
          target: () => target.data,
          colourMiddle: training.loss.colourMiddle,
        }),
      ],
      seed,
    }),
    settings: training,
    seed,
  });
  return withModel(trainer, () => textureModel({ engine, config, target, trainer }));
}

function textureModel({
  engine,
  config: { rule, seed, target },
  target: { grid },
  trainer,
}: Readonly<{
  engine: Engine;
  config: TextureConfig;
  target: Target;
  trainer: Readonly<{ model: Float32Array; step: number }>;
}>): PictureModel {
  const { source, size, seeds } = target;
  return trainedModel(
    { rule, seed, grid, trainer, build: engine.build },
    {
      seeds,
      provenance: {
        match: "texture",
        target: source,
        ...(source !== UNNAMED && { picture: { source, size, padding: 0 } }),
      },
    },
  );
}
