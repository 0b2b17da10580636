/** The encoder with gradients, on jax-js: what `encode` in `encoder.ts` does, for a batch, and its pullback. */
import { grad, jit, nn, numpy as np } from "@jax-js/jax";
import { type EncoderSettings, encoderTable } from "./encoder.ts";
import {
  concatenated,
  convolveAll,
  dense,
  gather,
  type Layer,
  layersOf,
  startArrays,
  type Tensor,
  tensorsOf,
} from "./layers.ts";

/** Latent vectors of a batch, and how far their distributions are from the standard normal one. */
export type Encoded = Readonly<{
  /** Of each picture: length `latent`. */
  latents: Float32Array[];
  /** Kullback-Leibler divergence in nats, mean over the batch. */
  divergence: number;
}>;

/** An encoder that is trained along with an automaton. */
export interface EncoderNetwork {
  /**
   * Draws a latent vector for each picture: mean + exp(logVariance / 2) * noise.
   *
   * @param parameters flat, by `encoderTable`.
   * @param pictures shape (H, W, K) each.
   * @param noise standard normal numbers, shape (B, latent).
   */
  encode(parameters: Float32Array, pictures: readonly Float32Array[], noise: Float32Array): Promise<Encoded>;
  /**
   * Writes the gradient of sum(cotangents * latents) + beta * divergence in the parameters, flat, to `gradient`.
   *
   * @param cotangents length `latent` for each picture.
   */
  pullback(
    parameters: Float32Array,
    pictures: readonly Float32Array[],
    noise: Float32Array,
    cotangents: readonly Float32Array[],
    beta: number,
    gradient: Float32Array,
  ): Promise<void>;
  /** Frees memory; the network must not be used any more. */
  dispose(): void;
}

/** Compiles the encoder for the CPU. Every array made in a call is freed when it returns. */
export async function createEncoderNetwork(settings: EncoderSettings): Promise<EncoderNetwork> {
  await startArrays();
  const { grid, channels, latent } = settings;
  const table = encoderTable(settings);

  const encoded = (tensors: Tensor[], pictures: Tensor, noise: Tensor) => {
    const layers = layersOf(tensors);
    const seen = convolveAll(pictures, grid, layers.slice(0, -3));
    const { mean, logVariance } = posteriorOf(seen, layers.slice(-3));
    const latents = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(noise));
    const divergence = twiceDivergence(mean, logVariance).sum();
    return { latents, divergence: divergence.mul(0.5 / pictures.shape[0]) };
  };
  const forward = jit(encoded);
  const backward = jit(
    grad((tensors: Tensor[], pictures: Tensor, noise: Tensor, cotangents: Tensor, beta: Tensor) => {
      const { latents, divergence } = encoded(tensors, pictures, noise);
      return latents.mul(cotangents).sum().add(divergence.mul(beta));
    }),
  );

  const batchOf = (pictures: readonly Float32Array[]) =>
    np.array(concatenated(pictures), { shape: [pictures.length, ...grid, channels] });
  const rowsOf = (values: Float32Array) => np.array(values, { shape: [values.length / latent, latent] });

  return {
    async encode(parameters, pictures, noise) {
      const { latents, divergence } = forward(tensorsOf(table, parameters), batchOf(pictures), rowsOf(noise));
      const values = await latents.data();
      const [nats] = await divergence.data();
      return {
        latents: pictures.map((_, i) => Float32Array.from(values.subarray(i * latent, (i + 1) * latent))),
        divergence: nats,
      };
    },
    async pullback(parameters, pictures, noise, cotangents, beta, gradient) {
      const gradients = backward(
        tensorsOf(table, parameters),
        batchOf(pictures),
        rowsOf(noise),
        rowsOf(concatenated(cotangents)),
        np.array(new Float32Array([beta]), { shape: [] }),
      );
      await gather(table, gradients, gradient);
    },
    dispose() {
      forward.dispose();
      backward.dispose();
    },
  };
}

/** Mean and log variance (B, latent) from what convolutions give, and the layers of `encoderTable` after those. */
export function posteriorOf(
  seen: Tensor,
  [linear, meanHead, varianceHead]: readonly Layer[],
): Readonly<{ mean: Tensor; logVariance: Tensor }> {
  const x = nn.relu(dense(seen.reshape([seen.shape[0], -1]), ...linear));
  return { mean: dense(x.ref, ...meanHead), logVariance: dense(x, ...varianceHead) };
}

/**
 * Of each coordinate, twice the divergence KL(N(mean, variance) || N(0, 1)) in nats:
 * mean^2 + variance - logVariance - 1.
 */
export function twiceDivergence(mean: Tensor, logVariance: Tensor): Tensor {
  return np.square(mean).add(np.exp(logVariance.ref)).sub(logVariance).sub(1);
}
