/** The variational autoencoder on jax-js: latents of pictures, and what it is trained by. */
import { grad, jit, nn, numpy as np } from "@jax-js/jax";
import type { Autoencoder } from "./networks.ts";
import { drawnFrom, posteriorOf } from "./encoderNetwork.ts";
import { concatenated, convolveTransposed, dense, layersOf, read, softplus, type Tensor } from "./layers.ts";
import { CHUNK, createTrunk, rowsOfChunk, weightsOfChunk } from "./trunk.ts";
import { decoderGrid, initialVae, type VaeSettings, vaeTable } from "./vae.ts";

/** Layers of the encoder after its trunk: mean, logarithm of the variance. */
const ENCODER_HEAD = 2;

/** An autoencoder that can be trained. */
export interface AutoencoderNetwork extends Autoencoder {
  /** Frees memory; the network must not be used any more. */
  dispose(): void;
}

/**
 * Compiles an autoencoder for the CPU. What it computes depends on its input alone; every array made in a call is freed
 * when it returns. Its methods throw a RangeError for pictures of another size, and for noise or cotangents of another
 * number.
 *
 * @param seed of the initial parameters.
 */
export async function createAutoencoder(settings: VaeSettings, seed: number): Promise<AutoencoderNetwork> {
  const { grid, channels, features, latent } = settings;
  const table = vaeTable(settings);
  const trunk = await createTrunk({ grid, channels, features, isDense: true, table, what: "a picture" });

  const encodeHead = jit(meansOf);
  const inSeen = jit(
    grad((seen: Tensor, head: Tensor[], cotangents: Tensor) => meansOf(seen, head).mul(cotangents).sum()),
  );
  const decode = (latents: Tensor, [linear, ...layers]: ReturnType<typeof layersOf>): Tensor => {
    const [height, width] = decoderGrid(settings);
    let x = dense(latents, ...linear).reshape([CHUNK, height, width, -1]);
    for (const layer of layers) x = convolveTransposed(nn.relu(x), ...layer);
    return x;
  };
  const inAll = jit(
    grad(
      ([seen, ...head]: Tensor[], pictures: Tensor, noise: Tensor, weights: Tensor) => {
        const layers = layersOf(head);
        const { latents, divergence } = drawnFrom(seen, layers.slice(0, ENCODER_HEAD), noise, weights.ref);
        const logits = decode(latents, layers.slice(ENCODER_HEAD));
        const crossEntropy = softplus(logits.ref).sub(np.clip(pictures, 0, 1).mul(logits));
        const reconstruction = crossEntropy.sum([1, 2, 3]).mul(weights).sum();
        return [reconstruction.ref.add(divergence.ref), [reconstruction, divergence]] as [Tensor, Tensor[]];
      },
      { hasAux: true },
    ),
  );

  return {
    table,
    initial: initialVae(settings, seed),
    latent,
    async encode(parameters, pictures) {
      const latents: Float32Array[] = [];
      await trunk.each(parameters, pictures, async ({ start, end, seen, head }) => {
        const means = await read(encodeHead(seen(), head(ENCODER_HEAD)));
        for (let i = 0; i < end - start; i++) latents.push(means.slice(i * latent, (i + 1) * latent));
      });
      return latents;
    },
    async pullback(parameters, pictures, cotangents) {
      requireCount(concatenated(cotangents).length, pictures.length * latent, "numbers of cotangents");
      const gradients: Float32Array[] = [];
      await trunk.each(parameters, pictures, async ({ start, end, seen, head, inPictures }) => {
        const ofMeans = rowsOfChunk(cotangents.slice(start, end), latent);
        gradients.push(...(await inPictures(inSeen(seen(), head(ENCODER_HEAD), ofMeans))));
      });
      return gradients;
    },
    async fit(parameters, pictures, noise, gradient) {
      const count = pictures.length;
      requireCount(noise.length, count * latent, "numbers of noise");
      const sums = { reconstruction: 0, divergence: 0 };
      gradient.fill(0);
      await trunk.each(parameters, pictures, async (chunk) => {
        const { start, end } = chunk;
        const [[cotangent, ...inHead], [reconstruction, divergence]] = inAll(
          [chunk.seen(), ...chunk.head()],
          chunk.pictures(),
          rowsOfChunk([noise.subarray(start * latent, end * latent)], latent),
          weightsOfChunk(chunk, count),
        );
        sums.reconstruction += (await read(reconstruction))[0];
        sums.divergence += (await read(divergence))[0];
        await chunk.sumGradients(cotangent, inHead, gradient);
      });
      return sums;
    },
    dispose() {
      for (const compiled of [trunk, encodeHead, inSeen, inAll]) compiled.dispose();
    },
  };
}

function meansOf(seen: Tensor, head: readonly Tensor[]): Tensor {
  const { mean, logVariance } = posteriorOf(seen, layersOf(head));
  logVariance.dispose();
  return mean;
}

function requireCount(given: number, needed: number, what: string): void {
  if (given !== needed) throw new RangeError(`there are ${given} ${what}; ${needed} are needed`);
}
