/** The encoder with gradients, on jax-js: what `encode` in `encoder.ts` does, for a batch, and its pullback. */
import { grad, jit, numpy as np } from "@jax-js/jax";
import { type EncoderSettings, encoderTable } from "./encoder.ts";
import { dense, type Layer, layersOf, read, type Tensor } from "./layers.ts";
import { type Chunk, createTrunk, rowsOfChunk, type Seen, weightsOfChunk } from "./trunk.ts";

/** Latent vectors of a batch, and how far their distributions are from the standard normal one. */
export type Encoded = Readonly<{
  /** Of each picture: length `latent`. */
  latents: Float32Array[];
  /** Kullback-Leibler divergence in nats, mean over the batch. */
  divergence: number;
  /**
   * Writes the gradient of sum(cotangents * latents) + beta * divergence in the parameters, flat, to `gradient`. To be called
   * before the next batch is encoded, with parameters as they were.
   *
   * @param cotangents length `latent` for each picture.
   */
  pullback(cotangents: readonly Float32Array[], beta: number, gradient: Float32Array): Promise<void>;
}>;

/** An encoder that is trained along with an automaton. */
export interface EncoderNetwork {
  /**
   * Draws a latent vector for each picture: mean + exp(logVariance / 2) * noise.
   *
   * @param parameters flat, by `encoderTable`.
   * @param pictures shape (H, W, K) each.
   * @param noise standard normal numbers, shape (B, latent).
   * @throws RangeError for pictures of another size.
   */
  encode(parameters: Float32Array, pictures: readonly Float32Array[], noise: Float32Array): Promise<Encoded>;
  /** Frees memory; the network must not be used any more. */
  dispose(): void;
}

/** Compiles the encoder for the CPU. What a batch needs for its pullback is kept until the next one. */
export async function createEncoderNetwork(settings: EncoderSettings): Promise<EncoderNetwork> {
  const { grid, channels, features, latent } = settings;
  const table = encoderTable(settings);
  const trunk = await createTrunk({ grid, channels, features, isDense: true, table, what: "a picture" });

  const forward = jit((seen: Tensor, head: Tensor[], noise: Tensor, weights: Tensor) =>
    drawnFrom(seen, layersOf(head), noise, weights),
  );
  const backward = jit(
    grad(([seen, ...head]: Tensor[], noise: Tensor, weights: Tensor, cotangents: Tensor, beta: Tensor) => {
      const { latents, divergence } = drawnFrom(seen, layersOf(head), noise, weights);
      return latents.mul(cotangents).sum().add(divergence.mul(beta));
    }),
  );

  let kept: Seen | undefined;
  const forget = () => {
    kept?.free();
    kept = undefined;
  };

  return {
    async encode(parameters, pictures, noise) {
      forget();
      const batch = await trunk.see(parameters, pictures);
      kept = batch;
      const given = (chunk: Chunk) => [
        rowsOfChunk([noise.subarray(chunk.start * latent, chunk.end * latent)], latent),
        weightsOfChunk(chunk, pictures.length),
      ];
      const latents: Float32Array[] = [];
      let nats = 0;
      for (const chunk of batch.chunks) {
        const [drawn, weights] = given(chunk);
        const { latents: rows, divergence } = forward(chunk.seen(), chunk.head(), drawn, weights);
        const values = await read(rows);
        nats += (await read(divergence))[0];
        for (let i = 0; i < chunk.end - chunk.start; i++) {
          latents.push(values.slice(i * latent, (i + 1) * latent));
        }
      }
      return {
        latents,
        divergence: nats,
        async pullback(cotangents, beta, gradient) {
          if (kept !== batch)
            throw new RangeError("its gradient was taken already, or another batch has been encoded since");
          for (const chunk of batch.chunks) {
            const [drawn, weights] = given(chunk);
            const [inSeen, ...inHead] = backward(
              [chunk.seen(), ...chunk.head()],
              drawn,
              weights,
              rowsOfChunk(cotangents.slice(chunk.start, chunk.end), latent),
              np.array(new Float32Array([beta]), { shape: [] }),
            );
            await chunk.sumGradients(inSeen, inHead, gradient);
          }
          forget();
        },
      };
    },
    dispose() {
      forget();
      for (const compiled of [trunk, forward, backward]) compiled.dispose();
    },
  };
}

/** Mean and log variance (B, latent) from what the trunk gives (B, hidden), and the layers after it. */
export function posteriorOf(
  seen: Tensor,
  [meanHead, varianceHead]: readonly Layer[],
): Readonly<{ mean: Tensor; logVariance: Tensor }> {
  return { mean: dense(seen.ref, ...meanHead), logVariance: dense(seen, ...varianceHead) };
}

/**
 * Draws latent vectors, mean + exp(logVariance / 2) * noise (B, latent), and sums up KL(N(mean, variance) || N(0, 1)) in
 * nats, with a weight for each row. Of each coordinate it is half of mean^2 + variance - logVariance - 1.
 *
 * @param layers those after the trunk, mean and logarithm of the variance.
 */
export function drawnFrom(
  seen: Tensor,
  layers: readonly Layer[],
  noise: Tensor,
  weights: Tensor,
): Readonly<{ latents: Tensor; divergence: Tensor }> {
  const { mean, logVariance } = posteriorOf(seen, layers);
  const latents = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(noise));
  const twice = np.square(mean).add(np.exp(logVariance.ref)).sub(logVariance).sub(1);
  return { latents, divergence: twice.sum(1).mul(weights).sum().mul(0.5) };
}
