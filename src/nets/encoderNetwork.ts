/** The encoder with gradients, on jax-js: what `encode` in `encoder.ts` does, for a batch, and its pullback. */
import { defaultDevice, grad, init, jit, nn, numpy as np } from "@jax-js/jax";
import { encoderGrids, type EncoderSettings, encoderTable, STRIDE, strided, WINDOW } from "./encoder.ts";

type Tensor = np.Array;

/** Latent vectors of a batch, and how far their distributions are from the standard normal one. */
export type Encoded = Readonly<{
  /** Of each picture: length `latent`. */
  latents: Float32Array[];
  /** Kullback-Leibler divergence in nats, mean over the batch. */
  divergence: number;
}>;

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
  await init("wasm");
  defaultDevice("wasm");
  const { grid, channels, latent } = settings;
  const table = encoderTable(settings);

  const posteriorOf = (tensors: Tensor[], pictures: Tensor) => {
    const grids = encoderGrids(settings);
    const layers = Array.from(
      { length: table.length / 2 },
      (_, i) => [tensors[2 * i], tensors[2 * i + 1]] as const,
    );
    const convolutions = layers.slice(0, -3);
    const [linear, meanHead, varianceHead] = layers.slice(-3);
    let x = pictures;
    for (const [i, layer] of convolutions.entries()) x = nn.relu(convolve(x, grids[i], ...layer));
    x = nn.relu(dense(x.reshape([x.shape[0], -1]), ...linear));
    return { mean: dense(x.ref, ...meanHead), logVariance: dense(x, ...varianceHead) };
  };
  const encoded = (tensors: Tensor[], pictures: Tensor, noise: Tensor) => {
    const { mean, logVariance } = posteriorOf(tensors, pictures);
    const latents = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(noise));
    return { latents, divergence: divergenceOf(mean, logVariance) };
  };
  const forward = jit(encoded);
  const backward = jit(
    grad((tensors: Tensor[], pictures: Tensor, noise: Tensor, cotangents: Tensor, beta: Tensor) => {
      const { latents, divergence } = encoded(tensors, pictures, noise);
      return latents.mul(cotangents).sum().add(divergence.mul(beta));
    }),
  );

  const tensorsOf = (parameters: Float32Array) =>
    table.map(({ shape, offset, size }) =>
      np.array(parameters.subarray(offset, offset + size), { shape: [...shape] }),
    );
  const batchOf = (pictures: readonly Float32Array[]) =>
    np.array(concatenated(pictures), { shape: [pictures.length, ...grid, channels] });
  const rowsOf = (values: Float32Array) => np.array(values, { shape: [values.length / latent, latent] });

  return {
    async encode(parameters, pictures, noise) {
      const { latents, divergence } = forward(tensorsOf(parameters), batchOf(pictures), rowsOf(noise));
      const values = await latents.data();
      const [nats] = await divergence.data();
      return {
        latents: pictures.map((_, i) => Float32Array.from(values.subarray(i * latent, (i + 1) * latent))),
        divergence: nats,
      };
    },
    async pullback(parameters, pictures, noise, cotangents, beta, gradient) {
      const gradients = backward(
        tensorsOf(parameters),
        batchOf(pictures),
        rowsOf(noise),
        rowsOf(concatenated(cotangents)),
        np.array(new Float32Array([beta]), { shape: [] }),
      );
      for (const [i, { offset }] of table.entries()) gradient.set(await gradients[i].data(), offset);
    },
    dispose() {
      forward.dispose();
      backward.dispose();
    },
  };
}

/** Mean over the batch of KL(N(mean, variance) || N(0, 1)) = sum (mean^2 + variance - logVariance - 1) / 2. */
function divergenceOf(mean: Tensor, logVariance: Tensor): Tensor {
  const count = mean.shape[0];
  return np
    .square(mean)
    .add(np.exp(logVariance.ref))
    .sub(logVariance)
    .sub(1)
    .sum()
    .mul(0.5 / count);
}

function dense(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return np.matmul(x, weight).add(bias);
}

/**
 * A strided convolution as a matrix product: jax-js has convolutions, but this is many times faster on a CPU. The padded
 * picture is split by the parity of rows and columns, so that each of the nine taps is a plain slice.
 */
function convolve(
  x: Tensor,
  [height, width]: readonly [number, number],
  weight: Tensor,
  bias: Tensor,
): Tensor {
  const [count, , , inputs] = x.shape;
  const features = bias.shape[0];
  const [rows, columns] = [strided(height), strided(width)];
  const pad = (side: number, { before, length }: typeof rows) =>
    [before, STRIDE * (length + 1) - side - before] as [number, number];
  const phases = np
    .pad(x, [[0, 0], pad(height, rows), pad(width, columns), [0, 0]])
    .reshape([count, rows.length + 1, STRIDE, columns.length + 1, STRIDE, inputs]);
  const taps: Tensor[] = [];
  for (let y = 0; y < WINDOW; y++) {
    for (let z = 0; z < WINDOW; z++) {
      const [top, left] = [Math.floor(y / STRIDE), Math.floor(z / STRIDE)];
      taps.push(
        phases.ref.slice(
          [],
          [top, top + rows.length],
          y % STRIDE,
          [left, left + columns.length],
          z % STRIDE,
          [],
        ),
      );
    }
  }
  phases.dispose();
  const seen = np.concatenate(taps, -1).reshape([-1, WINDOW * WINDOW * inputs]);
  const product = dense(seen, weight.reshape([WINDOW * WINDOW * inputs, features]), bias);
  return product.reshape([count, rows.length, columns.length, features]);
}

function concatenated(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
