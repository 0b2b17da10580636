/**
 * Growth as control: the automaton is the policy and the dynamics at once. Short rollouts from remembered states; the
 * reward of a step comes from the picture's error before and after it; the automaton ascends the differentiated return
 * of a rollout together with the value that a critic gives to the state in which it ends, so that no gradient travels
 * further than the horizon.
 *
 * Sources: the notebooks "Reinforcement Learning Neural Cellular Automata" (2024) and "Growing Neural Cellular Automata
 * with Reinforcement Learning" of CAX; value gradients as in Heess et al., "Learning Continuous Control Policies by
 * Stochastic Value Gradients", 2015; lambda-returns as in Hafner et al., "Dream to Control", 2020.
 */
import * as z from "zod/mini";
import type { Cotangent } from "../../engine.ts";
import { boxOf, cropState, type StateWindow } from "../../engine/window.ts";
import { pcg4d, STREAM } from "../../random.ts";
import type { Plane } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Readout } from "../../model/readout.ts";
import { type Start, startState } from "../../model/start.ts";
import { between, withDefault } from "../../config/fields.ts";
import { allFinite, norm } from "../optim/gradient.ts";
import { objectOf, prefixed, wholeOf, withPrefix } from "../bptt/trainState.ts";
import { evaluateTerms, pictureLoss, type StateLoss } from "../loss/loss.ts";
import { penaltyTerms, type PenaltyWeights } from "../loss/penalties.ts";
import { isBounded } from "../loss/measure.ts";
import { fillNormal } from "../../noise.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Batch, BatchLoss, Task, Visit } from "../task.ts";
import { TrainedNetwork, type NetworkTraining } from "./trainedNetwork.ts";
import { Critic, type CriticTraining, type CriticBatch } from "./critic.ts";
import { createMemory, type MemoryBatch, type Memory, type MemorySettings } from "../memory/memory.ts";
import type { Autoencoder, ValueFunction } from "../../nets/networks.ts";
import {
  discountPowers,
  lambdaReturns,
  nStepReturn,
  returnSlopes,
  rewardKinds,
  rewardsOf,
} from "./returns.ts";
import {
  latentObserver,
  pixelObserver,
  stateObserver,
  type Observer,
  type ObservationName,
} from "./observers.ts";

/** Fields of settings that say what is to be ascended. */
export const returnFields = {
  reward: z.strictObject({
    kind: withDefault(z.enum(rewardKinds), "decrease"),
    /** Rewards are errors times this. */
    scale: withDefault(between(1e-6, 1e6), 1),
  }),
  /** Of rewards, with each step of the automaton that they are away. */
  discount: between(0, 0.99999),
  /** What the critic learns of: the first state's n-step return, or every state's lambda-return. */
  returns: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("n-step") }),
    z.strictObject({ kind: z.literal("lambda"), lambda: withDefault(between(0, 1), 0.95) }),
  ]),
};

const returnSchema = z.strictObject(returnFields);

/** How states are rewarded, and how far ahead is looked. */
export type ReinforcementSettings = Readonly<z.infer<typeof returnSchema>> &
  Readonly<{
    /** Training steps. */
    steps: number;
    /** Of a rollout. */
    horizon: number;
    /** Steps from one state to the next that is rewarded, of which the horizon is a multiple: what control calls one step. */
    every: number;
    /** Weights of what is minimised beside minus the return, of the last state. */
    penalties: Partial<PenaltyWeights>;
    memory: MemorySettings;
  }>;

/** What `ReinforcementTask` is made of. */
export type ReinforcementTaskOptions = Readonly<{
  rule: Rule;
  /** Where the picture lies in a state. */
  readout: Readout;
  /** What growth starts from. */
  start: Start;
  grid: Plane;
  /** Shape (H, W, 4). */
  target: Float32Array;
  settings: ReinforcementSettings;
  /** Null: nothing is known beyond the horizon, and what is left is truncated backpropagation through time. */
  critic: Readonly<{
    value: ValueFunction;
    sees: ObservationName;
    /** Whether it sees by how much the picture differs from the target in place of the picture. */
    relative: boolean;
    settings: CriticTraining;
  }> | null;
  /** Learns to encode the pictures that rollouts start from; needed by a critic that sees its latents. */
  autoencoder: Readonly<{ network: Autoencoder; settings: NetworkTraining }> | null;
  seed: number;
}>;

/** What a training step measures beside what all do; the objective is the automaton's loss: minus the return. */
export type ReinforcementMeasures = Readonly<{
  criticLoss: number;
  criticGradientNorm: number;
  /** Lowest and highest value given to a state. */
  valueLow: number;
  valueHigh: number;
  /** How often the critic had to begin anew. */
  criticResets: number;
  /** Cross-entropy in nats a picture, and divergence of the autoencoder. */
  reconstruction: number;
  divergence: number;
}>;

/** Values beyond so many times the largest possible one mean that the critic diverges. */
const VALUE_MARGIN = 10;

/** A state that a rollout passed through, and its error. */
type Visited = Readonly<{ state: StateWindow; error: number }>;
/** Those of a rollout that are rewarded, from the first on. */
type Trajectory = readonly Visited[];

/** Makes an automaton grow a picture by short rollouts. @throws RangeError for a target that does not fit the grid. */
export class ReinforcementTask implements Task<ReinforcementMeasures> {
  readonly #options: ReinforcementTaskOptions;
  readonly #errorOf: StateLoss;
  readonly #penalties: ReturnType<typeof penaltyTerms>;
  readonly #memory: Memory;
  readonly #autoencoder: TrainedNetwork | null;
  readonly #critic: Critic | null;
  readonly #observer: Observer;
  /** From one rewarded state to the next. */
  readonly #discount: number;
  /** What minus the return loses for each unit of error of each rewarded state but the first. */
  readonly #slopes: readonly number[];
  #resets = 0;

  constructor(options: ReinforcementTaskOptions) {
    const { rule, readout, grid, target, settings, critic, autoencoder, seed } = options;
    const { steps, horizon, every, reward, discount } = settings;
    this.#discount = discountPowers(every + 1, discount)[every];
    this.#options = options;
    this.#errorOf = pictureLoss(options, grid, target);
    this.#penalties = penaltyTerms(settings.penalties, { rule, readout, grid, target: () => target });
    const start = startState(options, grid);
    this.#memory = createMemory(settings.memory, {
      grid,
      channels: rule.channels,
      start,
      startError: (state) => this.#errorOf(state),
      seed,
    });
    this.#autoencoder = autoencoder && new TrainedNetwork(autoencoder.network, autoencoder.settings, steps);
    this.#critic = critic && new Critic(critic.value, critic.settings, steps, seed);
    this.#observer = this.#observerOf(critic?.sees ?? "pixels", critic?.relative ? target : null);
    const slopes = returnSlopes(reward.kind, horizon / every, this.#discount, reward.scale);
    this.#slopes = slopes.map((slope) => -slope);
  }

  async batch(step: number, size: number): Promise<Batch<ReinforcementMeasures>> {
    const drawn = await this.#memory.draw(size, this.#options.seed, step);
    let trajectories: Trajectory[] = [];
    let criticBatch: CriticBatch | undefined;
    let criticDiverged = false;
    return {
      states: drawn.states,
      evaluate: async (visits) => {
        const returned = await this.#returnsOf(drawn, visits, step);
        trajectories = returned.trajectories;
        if (!this.#critic || returned.loss.diverged.length > 0) return returned.loss;
        const valued = await this.#valuesOf(this.#critic, trajectories, returned.slopes, step);
        criticDiverged = !valued.finite;
        criticBatch = valued.criticBatch;
        return together(returned.loss, valued);
      },
      accept: async () => {
        const pictured = await this.#learnPictures(trajectories, step);
        const learned = this.#critic && criticBatch && (await this.#critic.learn(criticBatch, step));
        if (learned && Number.isNaN(learned.gradientNorm)) this.#restart(step);
        const passed = trajectories.map((trajectory) => trajectory.slice(1));
        this.#memory.write(drawn, passed);
        return {
          ...pictured,
          ...(learned && {
            criticLoss: learned.loss,
            criticGradientNorm: learned.gradientNorm,
            criticResets: this.#resets,
          }),
        };
      },
      reject: (samples) => {
        // Where the critic diverged, the states may be fine.
        if (criticDiverged) this.#restart(step);
        else this.#memory.forget(drawn, samples, step);
      },
    };
  }

  async save(): Promise<Snapshot> {
    const memory = await this.#memory.save();
    const critic = this.#critic?.save();
    const autoencoder = this.#autoencoder?.save();
    return {
      meta: {
        resets: this.#resets,
        memory: memory.meta,
        critic: critic?.meta,
        autoencoder: autoencoder?.meta,
      },
      tensors: {
        ...prefixed("memory", memory.tensors),
        ...(critic && prefixed("critic", critic.tensors)),
        ...(autoencoder && prefixed("autoencoder", autoencoder.tensors)),
      },
    };
  }

  restore(snapshot: Snapshot): void {
    const critic = this.#critic?.restore(partOf(snapshot, "critic"));
    const autoencoder = this.#autoencoder?.restore(partOf(snapshot, "autoencoder"));
    const resets = wholeOf(snapshot.meta, "resets");
    this.#memory.restore(partOf(snapshot, "memory"));
    critic?.();
    autoencoder?.();
    this.#resets = resets;
  }

  /** Rewards on the way, and the length of their slope at the end of each sample. */
  async #returnsOf(
    drawn: MemoryBatch,
    visits: readonly Visit[],
    trainingStep: number,
  ): Promise<{
    loss: BatchLoss<ReinforcementMeasures>;
    trajectories: Trajectory[];
    slopes: readonly number[];
  }> {
    const { rule, grid, settings } = this.#options;
    const { every } = settings;
    const trajectories: Visited[][] = [];
    for (const start of drawn.states) {
      const state =
        start instanceof Float32Array ? cropState(start, grid, rule.channels) : await start.readWindow();
      trajectories.push([{ state, error: this.#errorOf(state) }]);
    }
    const diverged = new Set<number>();
    const objectives = trajectories.map(() => 0);
    const slopes = trajectories.map(() => 0);
    const cotangents = visits.map(({ sample, step, last, state }): Cotangent => {
      const data = new Float32Array(state.data.length);
      const scale = this.#slopes[step / every - 1] / trajectories.length;
      const error = this.#errorOf(state, { data, scale });
      if (last) slopes[sample] = norm(data);
      if (last) {
        const sink = { data, scale: 1 / trajectories.length };
        objectives[sample] += evaluateTerms(this.#penalties, state, { goal: 0, trainingStep }, sink).sum;
      }
      // The last step comes first.
      trajectories[sample][step / every] = { state, error };
      if (!isBounded(error, state)) diverged.add(sample);
      return { sample, step, data, box: boxOf(state) };
    });
    for (const [sample, trajectory] of trajectories.entries()) {
      objectives[sample] -= nStepReturn(this.#rewardsOf(trajectory), 0, this.#discount);
    }
    const errors = trajectories.map((trajectory) => trajectory[trajectory.length - 1].error);
    return { loss: { errors, objectives, cotangents, diverged: [...diverged] }, trajectories, slopes };
  }

  /** What is to come after the horizon; and what the critic can learn of the rollouts. */
  async #valuesOf(
    critic: Critic,
    trajectories: readonly Trajectory[],
    slopes: readonly number[],
    step: number,
  ): Promise<Valued> {
    const { horizon, every } = this.#options.settings;
    const ends = trajectories.map((trajectory) => trajectory[horizon / every].state);
    const { values: last, gradients } = await critic.differentiate(await this.#observer.observe(ends));
    const { criticBatch, values } = await this.#criticBatchOf(critic, trajectories, last);
    const weight = critic.bootstrap(step) * this.#afterHorizon;
    const pulled = weight > 0 ? await this.#observer.pullback(ends, gradients) : [];
    const scale = -weight / trajectories.length;
    const all = [...values, ...last];
    return {
      finite: all.every((value) => Math.abs(value) <= this.#limit) && pulled.every(allFinite),
      criticBatch,
      gains: Array.from(last, (value) => weight * value),
      cotangents: pulled.map((gradient, sample) => {
        const most = critic.trust * slopes[sample];
        const length = norm(gradient) * -scale;
        const own = length > most ? (scale * most) / length : scale;
        return { sample, step: horizon, data: gradient.map((slope) => own * slope) };
      }),
      measures: { valueLow: Math.min(...all), valueHigh: Math.max(...all) },
    };
  }

  /**
   * Returns of the first state of each rollout; or of all but the last.
   *
   * @param last values of the last states.
   */
  async #criticBatchOf(
    critic: Critic,
    trajectories: readonly Trajectory[],
    last: Float32Array,
  ): Promise<{ criticBatch: CriticBatch; values: Iterable<number> }> {
    const { returns } = this.#options.settings;
    const count = this.#slopes.length;
    if (returns.kind === "n-step") {
      const observations = await this.#observer.observe(trajectories.map(([{ state }]) => state));
      const own = trajectories.map((trajectory, i) =>
        nStepReturn(this.#rewardsOf(trajectory), last[i], this.#discount),
      );
      return { criticBatch: { observations, returns: Float32Array.from(own) }, values: [] };
    }
    const before = trajectories.flatMap((trajectory) => trajectory.slice(0, count).map(({ state }) => state));
    const observations = await this.#observer.observe(before);
    const values = await critic.values(observations);
    const own = trajectories.flatMap((trajectory, i) =>
      lambdaReturns(
        this.#rewardsOf(trajectory),
        [...values.subarray(i * count, (i + 1) * count), last[i]],
        this.#discount,
        returns.lambda,
      ),
    );
    return { criticBatch: { observations, returns: Float32Array.from(own) }, values };
  }

  /** Lets the autoencoder learn from what the rollouts started with. */
  async #learnPictures(
    trajectories: readonly Trajectory[],
    step: number,
  ): Promise<Partial<ReinforcementMeasures>> {
    const { autoencoder, grid, seed } = this.#options;
    if (!autoencoder || !this.#autoencoder) return {};
    const { network } = autoencoder;
    const pictures = await pixelObserver(this.#options, grid, null).observe(
      trajectories.map(([{ state }]) => state),
    );
    const noise = new Float32Array(pictures.length * network.latent);
    fillNormal(noise, pcg4d(seed, STREAM.autoencoder, 0, 0), step, 0);
    const { parameters } = this.#autoencoder;
    const gradient = new Float32Array(parameters.length);
    const measures = await network.fit(parameters, pictures, noise, gradient);
    this.#autoencoder.update(gradient, step);
    return measures;
  }

  #restart(step: number): void {
    this.#critic?.reset(step + 1);
    this.#resets++;
  }

  #rewardsOf(trajectory: Trajectory): number[] {
    const { kind, scale } = this.#options.settings.reward;
    const errors = trajectory.map(({ error }) => error);
    return rewardsOf(kind, errors, scale);
  }

  /** Weight of a value at the end of a rollout. */
  get #afterHorizon(): number {
    const count = this.#slopes.length;
    return discountPowers(count + 1, this.#discount)[count];
  }

  /** The largest value there can be, times a margin: errors of pictures are at most 1. */
  get #limit(): number {
    const { kind, scale } = this.#options.settings.reward;
    return VALUE_MARGIN * scale * (kind === "error" ? 1 / (1 - this.#discount) : 1);
  }

  #observerOf(name: ObservationName, from: Float32Array | null): Observer {
    const { grid, autoencoder } = this.#options;
    if (name === "state") return stateObserver(this.#options, grid, from);
    if (name === "pixels") return pixelObserver(this.#options, grid, from);
    const own = this.#autoencoder;
    if (!autoencoder || !own) throw new RangeError("a critic that sees latents needs an autoencoder");
    return latentObserver(this.#options, grid, autoencoder.network, () => own.parameters);
  }
}

/** What a critic says of the ends of a batch's rollouts. */
type Valued = Readonly<{
  /** Whether no value is beyond bounds, and every slope finite. */
  finite: boolean;
  criticBatch: CriticBatch;
  /** Of each sample, to be added to its return. */
  gains: readonly number[];
  cotangents: readonly Cotangent[];
  measures: Partial<ReinforcementMeasures>;
}>;

function together(
  loss: BatchLoss<ReinforcementMeasures>,
  { finite, gains, cotangents, measures }: Valued,
): BatchLoss<ReinforcementMeasures> {
  return {
    errors: loss.errors,
    objectives: loss.objectives.map((objective, i) => objective - gains[i]),
    cotangents: [...loss.cotangents, ...cotangents],
    diverged: finite ? [] : gains.map((_, sample) => sample),
    measures,
  };
}

function partOf({ meta, tensors }: Snapshot, name: string): Snapshot {
  return { meta: objectOf(meta, name), tensors: withPrefix(name, tensors) };
}
