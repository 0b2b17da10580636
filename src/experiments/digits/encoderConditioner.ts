import type { Conditioner } from "../../train/goals.ts";
import { fillNormal } from "../../noise.ts";
import { pcg4d, STREAM } from "../../random.ts";
import { type EncoderSettings, encoderTable, initialEncoder } from "../../nets/encoder.ts";
import type { EncoderNetwork } from "../../nets/encoderNetwork.ts";

export type EncoderConditionerOptions = Readonly<{
  network: EncoderNetwork;
  settings: EncoderSettings;
  /** Shape (H, W, K), by goal. */
  picture: (goal: number) => Float32Array;
  /** Weight of the divergence in nats, from 0 on. */
  beta: number;
  /** Standard deviations of the posterior that latent vectors are drawn with: 1, or 0 for its mean. */
  noise: number;
  seed: number;
}>;

/**
 * The input of the cells is what an encoder makes of the picture they are to draw, and the encoder learns from what they make of
 * it: an autoencoder whose decoder is the automaton. With a `beta` above 0 it is a variational one.
 *
 * Source: "Growing Unsupervised Neural Cellular Automata", notebook 42 of CAX (Faldor and Cully, 2024); the divergence
 * from Kingma and Welling, "Auto-Encoding Variational Bayes", 2014.
 */
export function encoderConditioner({
  network,
  settings,
  picture,
  beta,
  noise,
  seed,
}: EncoderConditionerOptions): Conditioner {
  const { latent } = settings;
  const noiseSeed = pcg4d(seed, STREAM.latent, 0, 0);
  return {
    network: { table: encoderTable(settings), initial: initialEncoder(settings, seed) },
    async condition(goals, step, parameters) {
      const pictures = goals.map(picture);
      const draws = new Float32Array(goals.length * latent);
      fillNormal(draws, noiseSeed, step, 0);
      for (let i = 0; i < draws.length; i++) draws[i] *= noise;
      const { latents, divergence, pullback } = await network.encode(parameters, pictures, draws);
      return {
        inputs: latents,
        penalty: beta * divergence,
        pullback: (cotangents, gradient) => pullback(cotangents, beta, gradient),
      };
    },
  };
}
