/** Networks that reinforcement trains beside the automaton; `nets/` has them. Parameters are flat, as a table says. */
import type { ParameterEntry } from "../rule/parameters.ts";

/** What is trained by an optimiser of its own. */
export type Trainable = Readonly<{
  table: readonly ParameterEntry[];
  /** Before training. */
  initial: Float32Array;
}>;

/** Estimates the return to come from what is seen of a state. */
export interface ValueFunction extends Trainable {
  /** Value of each observation. */
  values(parameters: Float32Array, observations: readonly Float32Array[]): Promise<Float32Array>;
  /** The same, and d value / d observation of each, of the observation's shape. */
  differentiate(
    parameters: Float32Array,
    observations: readonly Float32Array[],
  ): Promise<{ values: Float32Array; gradients: Float32Array[] }>;
  /**
   * Mean of (target - value)^2.
   *
   * @param targets one for each observation.
   * @param gradient where to write that of the mean in the parameters.
   */
  regress(
    parameters: Float32Array,
    observations: readonly Float32Array[],
    targets: Float32Array,
    gradient: Float32Array,
  ): Promise<number>;
}

/** A variational autoencoder of pictures, each of shape (H, W, K). */
export interface Autoencoder extends Trainable {
  /** Length of a latent vector. */
  readonly latent: number;
  /** Mean of each picture's latent distribution. */
  encode(parameters: Float32Array, pictures: readonly Float32Array[]): Promise<Float32Array[]>;
  /** Pulls cotangents of those means back to the pictures. */
  pullback(
    parameters: Float32Array,
    pictures: readonly Float32Array[],
    cotangents: readonly Float32Array[],
  ): Promise<Float32Array[]>;
  /**
   * The two parts of the negative evidence lower bound in nats, each a mean over the pictures: the binary cross-entropy of
   * what is decoded from a draw, and the divergence.
   *
   * @param noise standard normal numbers that the draws are made of, shape (B, latent).
   * @param gradient where to write that of the bound in the parameters.
   */
  fit(
    parameters: Float32Array,
    pictures: readonly Float32Array[],
    noise: Float32Array,
    gradient: Float32Array,
  ): Promise<{ reconstruction: number; divergence: number }>;
}
