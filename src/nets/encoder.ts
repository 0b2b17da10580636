/**
 * The encoder of a variational autoencoder: a picture in, a normal distribution over latent vectors out. Strided
 * convolutions, a dense layer, and two heads for the mean and the logarithm of the variance.
 *
 * Source: `Encoder` of CAX (Faldor and Cully, 2024); Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.
 */
import * as z from "zod/mini";
import { STREAM } from "../random.ts";
import { exponential } from "../math.ts";
import { layoutTable, type ParameterEntry } from "../rule/parameters.ts";
import type { Plane } from "../rule/grid.ts";
import type { Frozen } from "../rule/rule.ts";
import { whole } from "../config/fields.ts";
import { convolutions, initialWeights, layer, STRIDE, strided, stridedGrids, WINDOW } from "./shapes.ts";

export const encoderSchema = z.strictObject({
  /** Height and width of a picture. */
  grid: z.tuple([whole(1, 512), whole(1, 512)]),
  /** Numbers a cell of the picture holds. */
  channels: whole(1, 4),
  /** Output features of each convolution. */
  features: z.array(whole(1, 256)).check(z.minLength(1), z.maxLength(6)),
  /** Length of a latent vector. */
  latent: whole(1, 1024),
  /** Width of the dense layer; without it, as wide as what it gets. */
  hidden: z.exactOptional(whole(1, 4096)),
});

/** Shapes of an encoder. Plain JSON. */
export type EncoderSettings = Frozen<z.infer<typeof encoderSchema>>;

/** An encoder as a model carries it: what it is, and its numbers, flat by {@link encoderTable}. */
export type Encoder = Readonly<{ settings: EncoderSettings; parameters: Float32Array }>;

/** A normal distribution with independent coordinates, both of length `latent`. */
export type Posterior = Readonly<{ mean: Float32Array; logVariance: Float32Array }>;

/**
 * Names and shapes: `encoder.conv.N.weight` (3, 3, in, out), `encoder.linear.weight`, `encoder.mean.weight`,
 * `encoder.logVariance.weight` (in, out), and a bias (out) after each.
 */
export function encoderTable(settings: EncoderSettings): ParameterEntry[] {
  const { grid, channels, features, latent } = settings;
  const [height, width] = stridedGrids(grid, features.length)[features.length];
  const flat = height * width * features[features.length - 1];
  const hidden = settings.hidden ?? flat;
  return layoutTable([
    ...convolutions("encoder.conv", channels, features),
    ...layer("encoder.linear", [flat, hidden]),
    ...layer("encoder.mean", [hidden, latent]),
    ...layer("encoder.logVariance", [hidden, latent]),
  ]);
}

/** Fresh parameters: weights uniform with variance 1 / in (LeCun et al., 1998), biases 0. */
export function initialEncoder(settings: EncoderSettings, seed: number): Float32Array {
  return initialWeights(encoderTable(settings), seed, STREAM.encoder);
}

/**
 * Encodes one picture in plain loops, so that what only encodes carries no array library along. `encoderNetwork.ts` has
 * the same with gradients.
 *
 * @param picture shape (H, W, K), values 0 to 1.
 * @throws RangeError for a picture of another size.
 */
export function encode({ settings, parameters }: Encoder, picture: Float32Array): Posterior {
  const { grid, channels, features } = settings;
  const needed = grid[0] * grid[1] * channels;
  if (picture.length !== needed) {
    throw new RangeError(
      `the picture has ${picture.length} numbers; ${grid.join(" x ")} x ${channels} are needed`,
    );
  }
  const views = encoderTable(settings).map(({ offset, size }) => parameters.subarray(offset, offset + size));
  const tensorsOf = (i: number) => [views[2 * i], views[2 * i + 1]] as const;
  const grids = stridedGrids(grid, features.length);
  let x = picture;
  for (let i = 0; i < features.length; i++) x = rectify(convolve(x, grids[i], ...tensorsOf(i)));
  x = rectify(dense(x, ...tensorsOf(features.length)));
  return {
    mean: dense(x, ...tensorsOf(features.length + 1)),
    logVariance: dense(x, ...tensorsOf(features.length + 2)),
  };
}

/** mean + exp(logVariance / 2) * noise: a draw from the posterior (the reparameterisation trick). */
export function drawLatent({ mean, logVariance }: Posterior, noise: Float32Array): Float32Array {
  return mean.map((value, i) => value + exponential(logVariance[i] / 2) * noise[i]);
}

/** x (in) W (in, out) + b (out). Zeros, which rectified values often are, cost nothing. */
function dense(x: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
  const sum = Float64Array.from(bias);
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) addRow(sum, 0, weight, i, x[i]);
  return Float32Array.from(sum);
}

/** Correlates x (H, W, in) with a weight (3, 3, in, out) at every other cell: (H / 2, W / 2, out), both rounded up. */
function convolve(x: Float32Array, [height, width]: Plane, weight: Float32Array, bias: Float32Array) {
  const rows = strided(height);
  const columns = strided(width);
  const features = bias.length;
  const inputs = x.length / (height * width);
  const sum = new Float64Array(rows.length * columns.length * features);
  for (let cell = 0; cell < rows.length * columns.length; cell++) {
    sum.set(bias, cell * features);
    const top = Math.floor(cell / columns.length) * STRIDE - rows.before;
    const left = (cell % columns.length) * STRIDE - columns.before;
    for (let tap = 0; tap < WINDOW * WINDOW; tap++) {
      const row = top + Math.floor(tap / WINDOW);
      const column = left + (tap % WINDOW);
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const seen = (row * width + column) * inputs;
      for (let i = 0; i < inputs; i++) {
        if (x[seen + i] !== 0) addRow(sum, cell * features, weight, tap * inputs + i, x[seen + i], features);
      }
    }
  }
  return Float32Array.from(sum);
}

/** sum[at..] += factor * row of the weight. */
function addRow(
  sum: Float64Array,
  at: number,
  weight: Float32Array,
  row: number,
  factor: number,
  columns = sum.length,
): void {
  for (let j = 0; j < columns; j++) sum[at + j] += factor * weight[row * columns + j];
}

function rectify(x: Float32Array): Float32Array {
  return x.map((value) => (value > 0 ? value : 0));
}
