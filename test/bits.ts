/** Computations whose results must be the same bits everywhere: in every version, in Node and in browsers. */
import type { Engine } from "../src/engine.ts";
import { handwriting } from "../src/data/handwriting.ts";
import { createDigits } from "../src/experiments/digits/digits.ts";
import { resolveDigitsConfig } from "../src/experiments/digits/config.ts";
import { createEvolution, resolveEvolutionConfig } from "../src/experiments/evolution/evolution.ts";
import { createGrowing } from "../src/experiments/growing/growing.ts";
import { resolveGrowingConfig } from "../src/experiments/growing/config.ts";
import { createReinforcement } from "../src/experiments/reinforcement/reinforcement.ts";
import { resolveReinforcementConfig, SMALL_AUTOENCODER } from "../src/experiments/reinforcement/presets.ts";
import { STREAM, uniform } from "../src/random.ts";
import { parameterCount } from "../src/rule/parameters.ts";
import { type PictureRule, splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Plane } from "../src/rule/grid.ts";
import { seedState, plantSeed } from "../src/model/seed.ts";
import { discTarget } from "./drawnPictures.ts";

/** Results by name, each as the hexadecimal hash of its bits. */
export type Bits = Record<string, string>;

/** FNV-1a over the bytes of some arrays. */
function hash(...arrays: readonly Float32Array[]): string {
  let word = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
      word = Math.imul(word ^ byte, 0x01000193);
    }
  }
  return (word >>> 0).toString(16).padStart(8, "0");
}

function noise(length: number, index: number, scale: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * (2 * uniform(1, STREAM.data, index, i) - 1));
}

/** Odd sizes, so that no kernel gets by on whole tiles. */
const GRID: Plane = [17, 13];
const RULES: Readonly<Record<string, PictureRule>> = {
  masked: { ...picturePresets.distill, hidden: [37] },
  torus: {
    ...picturePresets.tutorial,
    channels: 9,
    hidden: [20, 11],
    inputSize: 3,
    seed: { from: 3, to: 9 },
  },
  attention: {
    ...picturePresets.distill,
    perceive: { kind: "attention", heads: 2, size: 5 },
    alive: { mask: "after", channel: 3, threshold: 0.1 },
    hidden: [20],
  },
};

/** A rollout of several samples and what its backward pass gives, for rules of different kinds. */
async function engineBits(engine: Engine): Promise<Bits> {
  const bits: Bits = {};
  for (const [name, conventions] of Object.entries(RULES)) {
    const { rule, ...looked } = splitRule(conventions);
    const samples = [0, 1, 2, 3];
    const states = samples.map((sample) => {
      const state = seedState({ rule, ...looked }, GRID);
      plantSeed(state, { rule, ...looked }, GRID, [2 + sample, 3]);
      return state;
    });
    const steps = [24, 17, 9, 24];
    const rollout = await engine.rollout({
      rule,
      grid: GRID,
      parameters: noise(parameterCount(rule), 0, 0.3),
      states,
      ...(rule.inputSize > 0 && { inputs: samples.map((sample) => noise(rule.inputSize, 1 + sample, 1)) }),
      steps,
      seed: 11,
      record: true,
    });
    const finals = await Promise.all(rollout.final.map((state) => state.read()));
    const cotangents = samples.flatMap((sample) =>
      [5, steps[sample]].map((step) => ({
        sample,
        step,
        data: noise(finals[sample].length, 10 + sample, 1e-3),
      })),
    );
    const gradients = await rollout.backward({ cotangents, states: true });
    rollout.dispose();
    const stats = await Promise.all(rollout.final.map((state) => state.stats()));
    bits[`${name}: living cells`] = stats.map(({ livingCells }) => livingCells).join();
    bits[`${name}: states`] = hash(...finals);
    bits[`${name}: d parameters`] = hash(...[gradients.parameters].flat());
    bits[`${name}: d states`] = hash(...gradients.states!);
    if (gradients.inputs) bits[`${name}: d inputs`] = hash(...gradients.inputs);
  }
  return bits;
}

/** The parameters after some training steps, from random ones. */
async function trainingBits(engine: Engine): Promise<Bits> {
  const config = resolveGrowingConfig({
    recipe: "regenerating",
    overrides: {
      seed: 5,
      initial: "random",
      target: { size: 8, padding: 3 },
      training: { steps: 6, rollout: [8, 14], pool: { size: 8 } },
    },
  });
  const trainer = createGrowing({ engine, config, target: discTarget(config) });
  const losses: number[] = [];
  for await (const { loss } of trainer) losses.push(loss);
  return { losses: losses.join(), parameters: hash(trainer.model) };
}

/** The same of several pictures, where cells learn their place, too. */
async function conditionalBits(engine: Engine): Promise<Bits> {
  const source = ["one", "another"];
  const config = resolveGrowingConfig({
    overrides: {
      seed: 7,
      target: { source, size: 8, padding: 3, seeds: [[0, 0]] },
      rule: { hidden: [20] },
      training: {
        steps: 4,
        rollout: [8, 12],
        average: 0.5,
        loss: { overflow: 0.1, coordinates: 0.5 },
        pool: { size: 8, switched: 1, reseed: 1, damaged: 0 },
        batch: 3,
        validation: null,
      },
    },
  });
  const target = discTarget(config);
  const other = { ...target, data: target.data.map((_, i) => target.data[i ^ 1]) };
  const trainer = createGrowing({ engine, config, target: [target, other] });
  const losses: number[] = [];
  for await (const { loss } of trainer) losses.push(loss);
  return { "conditional: losses": losses.join(), "conditional: parameters": hash(trainer.model) };
}

/** The default of one picture: begun with the pretrained automaton, validated along the way. */
async function validatedBits(engine: Engine): Promise<Bits> {
  const config = resolveGrowingConfig({
    overrides: {
      seed: 8,
      target: { size: 8, padding: 3 },
      training: {
        steps: 6,
        rollout: [8, 12],
        batch: 2,
        pool: { size: 8 },
        validation: { every: 3, runs: 2, steps: [20, 30] },
      },
    },
  });
  const trainer = createGrowing({ engine, config, target: discTarget(config) });
  const losses: number[] = [];
  for await (const { loss } of trainer) losses.push(loss);
  return { "validated: losses": losses.join(), "validated: parameters": hash(trainer.model) };
}

/** Generations of each strategy. */
async function evolutionBits(engine: Engine): Promise<Bits> {
  const bits: Bits = {};
  for (const kind of ["open-es", "pgpe", "snes"] as const) {
    const config = resolveEvolutionConfig({
      overrides: {
        seed: 9,
        target: { size: 6, padding: 2 },
        rule: { hidden: [8] },
        training: {
          generations: 3,
          population: 8,
          rollout: 8,
          fitness: "last:2",
          strategy: { kind, sigma: 0.05, learningRate: 0.05 },
        },
      },
    });
    const trainer = createEvolution({ engine, config, target: discTarget(config) });
    const losses: number[] = [];
    for await (const { loss } of trainer) losses.push(loss);
    bits[`${kind}: losses`] = losses.join();
    bits[`${kind}: parameters`] = hash(trainer.model);
  }
  return bits;
}

/** The same with an encoder that is trained along, and noise in what it says. */
async function encoderBits(engine: Engine): Promise<Bits> {
  const config = resolveDigitsConfig({
    overrides: {
      data: { size: 10 },
      encoder: { features: [5, 6], beta: 0.01, noise: 1 },
      rule: { channels: 8, hidden: [20], inputSize: 3, pinned: [] },
      training: { steps: 4, batch: 3, rollout: [8, 12], pool: { size: 8, switched: 1 } },
    },
    sets: ["rule.alive.channel=7", "rule.image.offset=7", 'rule.seed={"from":7,"to":8}'],
  });
  const pictures = handwriting({ seed: 3, count: 40, size: 10 });
  const trainer = await createDigits({ engine, config, pictures });
  const losses: number[] = [];
  for await (const { objective } of trainer.run()) losses.push(objective);
  return { objectives: losses.join(), drawer: hash(trainer.model), encoder: hash(trainer.network) };
}

/** The same by short rollouts, with critics of pixels and of the latent vectors of an autoencoder. */
async function reinforcementBits(engine: Engine): Promise<Bits> {
  const bits: Bits = {};
  for (const sees of ["pixels", "latent"] as const) {
    const config = resolveReinforcementConfig({
      overrides: {
        seed: 6,
        target: { size: 8, padding: 4 },
        rule: { hidden: [20] },
        training: {
          steps: 4,
          batch: 3,
          horizon: 6,
          every: 2,
          warmup: 0,
          memory: { size: 16, every: 2 },
          critic: { sees, relative: sees === "pixels", features: [5, 6], hidden: 7, bootstrap: 1 },
          autoencoder: sees === "latent" ? { ...SMALL_AUTOENCODER, features: [5, 6], latent: 3 } : null,
        },
      },
    });
    const trainer = await createReinforcement({ engine, config, target: discTarget(config) });
    const objectives: number[] = [];
    for await (const { objective } of trainer.run()) objectives.push(objective);
    const { tensors } = await trainer.save();
    bits[`${sees}: objectives`] = objectives.join();
    bits[`${sees}: actor`] = hash(trainer.model);
    for (const [name, { data }] of Object.entries(tensors)) {
      if (/^task\.(critic|autoencoder)\./.test(name))
        bits[`${sees}: ${name}`] = hash(Float32Array.from(data, Number));
    }
  }
  return bits;
}

/** What engines and trainers make without the networks beside them, which are another library's. */
export async function automatonBits(engine: Engine): Promise<Bits> {
  return {
    ...(await engineBits(engine)),
    ...(await trainingBits(engine)),
    ...(await conditionalBits(engine)),
    ...(await validatedBits(engine)),
    ...(await evolutionBits(engine)),
  };
}

/** What trainers make with an encoder, an autoencoder, a critic. */
export async function networkBits(engine: Engine): Promise<Bits> {
  return { ...(await encoderBits(engine)), ...(await reinforcementBits(engine)) };
}
