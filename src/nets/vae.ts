/**
 * A variational autoencoder of pictures: the encoder of `encoder.ts`, and a decoder of a dense layer and transposed
 * convolutions.
 *
 * Source: `VAE` of CAX (Faldor and Cully, 2024); Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.
 */
import * as z from "zod/mini";
import { STREAM } from "../random.ts";
import { layoutTable, type ParameterEntry } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import type { Frozen } from "../rule/rule.ts";
import { whole } from "../config/fields.ts";
import { encoderSchema, type EncoderSettings, encoderTable } from "./encoder.ts";
import { convolutions, initialWeights, layer, STRIDE } from "./shapes.ts";

export const vaeSchema = z
  .strictObject({
    ...encoderSchema.shape,
    /** Width of the encoder's dense layer; null: as wide as what it gets. */
    hidden: z.nullable(whole(1, 4096)),
  })
  .check(
    z.refine(({ grid, features }) => grid.every((side) => side % STRIDE ** features.length === 0), {
      error: "each convolution halves height and width, which must come out even",
      path: ["grid"],
    }),
  );

/** Shapes of an autoencoder. Plain JSON. */
export type VaeSettings = Frozen<z.infer<typeof vaeSchema>>;

/** The part of it that encodes. */
export function vaeEncoder({ hidden, ...settings }: VaeSettings): EncoderSettings {
  return hidden === null ? settings : { ...settings, hidden };
}

/** Height and width that the decoder begins with. */
export function decoderGrid({ grid: [height, width], features }: VaeSettings): Plane {
  const factor = STRIDE ** features.length;
  return [height / factor, width / factor];
}

/**
 * Names and shapes: those of `encoderTable`; then `decoder.linear.weight` (latent, H W F) for the smallest grid and the
 * last features, `decoder.conv.N.weight` (3, 3, in, out) through the features in reverse to the picture's channels, and
 * a bias (out) after each.
 */
export function vaeTable(settings: VaeSettings): ParameterEntry[] {
  const { channels, features, latent } = settings;
  const [height, width] = decoderGrid(settings);
  const [deepest, ...others] = features.toReversed();
  return layoutTable([
    ...encoderTable(vaeEncoder(settings)),
    ...layer("decoder.linear", [latent, height * width * deepest]),
    ...convolutions("decoder.conv", deepest, [...others, channels]),
  ]);
}

/** Fresh parameters: weights uniform with variance 1 / in (LeCun et al., 1998), biases 0. */
export function initialVae(settings: VaeSettings, seed: number): Float32Array {
  return initialWeights(vaeTable(settings), seed, STREAM.autoencoder);
}
