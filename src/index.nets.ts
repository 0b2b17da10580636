/** `neoblast/nets`: the networks beside an automaton: encoder, autoencoder, critic. Works in browsers and in Node. */
export { type Encoder, type EncoderSettings, type Posterior, drawLatent, encode } from "./nets/encoder.ts";
export type { Autoencoder, Trainable, ValueFunction } from "./nets/networks.ts";
export { createEncoderNetwork, type Encoded, type EncoderNetwork } from "./nets/encoderNetwork.ts";
export { createCritic, type CriticNetwork } from "./nets/criticNetwork.ts";
export { type AutoencoderNetwork, createAutoencoder } from "./nets/vaeNetwork.ts";
export { encoderTable, initialEncoder } from "./nets/encoder.ts";
export { type CriticSettings, criticTable, initialCritic } from "./nets/critic.ts";
export { type VaeSettings, initialVae, vaeTable } from "./nets/vae.ts";
