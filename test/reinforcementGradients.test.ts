/** The automaton's gradient through a short rollout and through the networks that evaluate where it ends. */
import { describe, expect, it } from "vitest";
import { referenceEngine } from "../src/engine/reference/engine.ts";
import type { CriticSettings } from "../src/nets/critic.ts";
import { createCritic } from "../src/nets/criticNetwork.ts";
import { createAutoencoder } from "../src/nets/vaeNetwork.ts";
import { uniform } from "../src/random.ts";
import { parameterTable, tableSize } from "../src/rule/parameters.ts";
import { splitRule } from "../src/model/pictureRule.ts";
import { picturePresets } from "../src/model/presets.ts";
import type { Plane } from "../src/rule/grid.ts";
import { evaluateStates } from "../src/train/loss/measure.ts";
import type { Trainable } from "../src/nets/networks.ts";
import { ReinforcementTask } from "../src/train/reinforcement/task.ts";
import { lossSteps } from "../src/train/bptt/settings.ts";
import type { ObservationName } from "../src/train/reinforcement/observers.ts";

const GRID: Plane = [8, 8];
const HORIZON = 4;
const BATCH = 3;
const conventions = splitRule({
  ...picturePresets.distill,
  channels: 6,
  hidden: [8],
  fireRate: 1,
  seed: { from: 3, to: 6 },
});
const { rule } = conventions;
const LEARNING = {
  learningRate: 1e-3,
  schedule: { kind: "constant" },
  warmup: 0,
  optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  gradient: { normalize: false, clip: 1 },
} as const;

const draws = (count: number, index: number) =>
  Float32Array.from({ length: count }, (_, i) => uniform(4, 0, index, i));
const target = draws(256, 1);

/** The same network with numbers that give every layer a say. */
function stirred<N extends Trainable>(network: N): N {
  const initial = network.initial.map((value, i) => value + 1.5 * (uniform(4, 0, 2, i) - 0.5));
  return { ...network, initial };
}

async function taskOf(sees: ObservationName, relative: boolean): Promise<ReinforcementTask> {
  const head = { pooling: "mean", hidden: 6, output: "linear" } as const;
  const channels = sees === "state" ? rule.channels : 4;
  const settings: CriticSettings =
    sees === "latent"
      ? { grid: null, channels: 3, features: [], ...head }
      : { grid: [...GRID], channels, features: [5, 4], ...head };
  const vae = { grid: [...GRID] as [number, number], channels: 4, features: [4], hidden: 6, latent: 3 };
  return new ReinforcementTask({
    ...conventions,
    grid: GRID,
    target,
    settings: {
      steps: 10,
      horizon: HORIZON,
      every: 2,
      penalties: { overflow: 0.1 },
      reward: { kind: "decrease", scale: 0.2 },
      discount: 0.8,
      returns: { kind: "lambda", lambda: 0.9 },
      memory: { kind: "buffer", size: 8, reseed: 1, every: 1 },
    },
    critic: {
      value: stirred(await createCritic(settings, 0)),
      sees,
      relative,
      settings: { ...LEARNING, updates: 1, states: null, follow: 1, trust: null, bootstrap: 0.7 },
    },
    autoencoder:
      sees === "latent" ? { network: stirred(await createAutoencoder(vae, 0)), settings: LEARNING } : null,
    seed: 1,
  });
}

describe("finite differences of the actor's objective, through rollout and critic", () => {
  it.each([
    ["pixels", false],
    ["pixels", true],
    ["state", false],
    ["latent", false],
  ] as const)("a critic of %s (relative: %s)", async (sees, relative) => {
    const engine = referenceEngine({ precision: "float64" });
    const task = await taskOf(sees, relative);
    const parameters = Float32Array.from(
      { length: tableSize(parameterTable(rule)) },
      (_, i) => 0.6 * (uniform(4, 0, 3, i) - 0.5),
    );
    const batch = await task.batch(0, BATCH);
    const places = batch.states.map(() =>
      lossSteps({ placement: "mean", from: 0, every: 2 }, HORIZON, [0, 0, 0]),
    );
    const evaluate = async (own: Float32Array) => {
      const rollout = await engine.rollout({
        rule,
        grid: GRID,
        parameters: own,
        states: batch.states,
        steps: HORIZON,
        seed: 0,
        keep: [2],
        record: true,
      });
      return { rollout, evaluated: await evaluateStates(engine, batch, rollout, places) };
    };
    const { rollout, evaluated } = await evaluate(parameters);
    expect(evaluated.diverged).toEqual([]);
    const [gradient] = [(await rollout.backward({ cotangents: evaluated.cotangents })).parameters].flat();
    const withoutCritic = evaluated.cotangents.slice(0, (BATCH * HORIZON) / 2);
    const [rewards] = [(await rollout.backward({ cotangents: withoutCritic })).parameters].flat();

    const objective = async (own: Float32Array) => {
      const { objectives } = (await evaluate(own)).evaluated;
      return objectives.reduce((sum, value) => sum + value, 0) / BATCH;
    };
    const largest = Math.max(...gradient.map(Math.abs));
    let swayed = 0;
    for (let i = 0; i < parameters.length; i += Math.ceil(parameters.length / 40)) {
      const step = 1e-3;
      const moved = (by: number) => objective(parameters.map((value, j) => (j === i ? value + by : value)));
      const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
      // States and values of about 1 in single precision are off by 1e-7, slopes by 5e-5; the rest is curvature.
      expect(Math.abs(gradient[i] - slope), `number ${i}`).toBeLessThan(0.01 * largest + 1e-4);
      swayed = Math.max(swayed, Math.abs(gradient[i] - rewards[i]));
    }
    // Without the critic the slopes would be missed by far.
    expect(swayed).toBeGreaterThan(5 * (0.01 * largest + 1e-4));
  });
});
