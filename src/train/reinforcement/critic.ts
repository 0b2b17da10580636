import * as z from "zod/mini";
import { pcg4d, sampleWithoutReplacement, STREAM } from "../../random.ts";
import { between, whole, withDefault } from "../../config/fields.ts";
import { prefixed, tensor, tensorOf, wholeOf, withPrefix } from "../bptt/trainState.ts";
import { rampSchema, valueAt } from "../ramp.ts";
import { learningFields } from "../bptt/settings.ts";
import type { Snapshot } from "../snapshot.ts";
import { TrainedNetwork } from "./trainedNetwork.ts";
import type { ValueFunction } from "../../nets/networks.ts";

/** How a critic learns, and how much it has a say: fields of its settings. */
export const criticFields = {
  ...learningFields,
  /** Updates in each training step. */
  updates: withDefault(whole(1, 1000), 1),
  /** States out of those of a batch's rollouts that each update learns from; null: all. */
  states: withDefault(z.nullable(whole(1, 1e6)), null),
  /** How far a slow copy, which gives all values, moves towards the critic in each training step; 1: at once. */
  follow: withDefault(between(0, 1), 1),
  /**
   * How long the value's slope at the end of a rollout may be, in lengths of that of the rewards there; null: as long as it
   * is.
   */
  trust: withDefault(z.nullable(between(0, 1e6)), null),
  /** Weight of the value that the automaton ascends, by training steps since the critic knew nothing. */
  bootstrap: withDefault(rampSchema(between(0, 1)), 1),
};

const criticSchema = z.strictObject(criticFields);
/** How a critic is trained, and how far it is trusted. Plain JSON. */
export type CriticTraining = Readonly<z.infer<typeof criticSchema>>;

/** What an update learns from. */
export type CriticBatch = Readonly<{
  observations: readonly Float32Array[];
  /** The return of each. */
  returns: Float32Array;
}>;

export type CriticUpdate = Readonly<{
  /** Mean of (return - value)^2 before the last update. */
  loss: number;
  /** Of its gradient, before clipping; NaN where it was not finite, and then nothing was result. */
  gradientNorm: number;
}>;

/**
 * The value function that is being trained, and a copy that follows it slowly, so that returns are not made of what
 * they are about to change. Source of the copy: Lillicrap et al., "Continuous Control with Deep Reinforcement
 * Learning", 2016.
 */
export class Critic {
  readonly #value: ValueFunction;
  readonly #settings: CriticTraining;
  readonly #seed: number;
  readonly #trained: TrainedNetwork;
  #slow: Float32Array;
  /** Training step at which it knew nothing. */
  #born = 0;

  /** @param steps of the whole training. */
  constructor(value: ValueFunction, settings: CriticTraining, steps: number, seed: number) {
    this.#value = value;
    this.#settings = settings;
    this.#seed = seed;
    this.#trained = new TrainedNetwork(value, settings, steps);
    this.#slow = this.#trained.parameters;
  }

  /** Weight of the value of a rollout's last state. */
  bootstrap(step: number): number {
    return valueAt(this.#settings.bootstrap, step - this.#born);
  }

  /** See `trust` in the settings. */
  get trust(): number {
    return this.#settings.trust ?? Infinity;
  }

  values(observations: readonly Float32Array[]): Promise<Float32Array> {
    return this.#value.values(this.#slow, observations);
  }

  differentiate(observations: readonly Float32Array[]): ReturnType<ValueFunction["differentiate"]> {
    return this.#value.differentiate(this.#slow, observations);
  }

  /** Regresses on returns, which stay as they are. */
  async learn({ observations, returns }: CriticBatch, step: number): Promise<CriticUpdate> {
    const { updates, states, follow } = this.#settings;
    let result: CriticUpdate = { loss: NaN, gradientNorm: NaN };
    const gradient = new Float32Array(this.#trained.parameters.length);
    for (let update = 0; update < updates; update++) {
      const chosen = this.#choose(observations.length, states, step, update);
      const loss = await this.#value.regress(
        this.#trained.parameters,
        chosen.map((i) => observations[i]),
        Float32Array.from(chosen, (i) => returns[i]),
        gradient,
      );
      result = { loss, gradientNorm: this.#trained.update(gradient, step) };
      if (Number.isNaN(result.gradientNorm)) return result;
    }
    const { parameters } = this.#trained;
    this.#slow =
      follow === 1 ? parameters : this.#slow.map((value, i) => (1 - follow) * value + follow * parameters[i]);
    return result;
  }

  /** Begins anew. */
  reset(step: number): void {
    this.#trained.reset();
    this.#slow = this.#trained.parameters;
    this.#born = step;
  }

  save(): Snapshot {
    const { meta, tensors } = this.#trained.save();
    return {
      meta: { ...meta, born: this.#born },
      tensors: { ...prefixed("learned", tensors), slow: tensor(this.#slow) },
    };
  }

  /** What a snapshot holds, to be taken on by calling what is returned. @throws FormatError where it does not fit. */
  restore({ meta, tensors }: Snapshot): () => void {
    const restoreTrained = this.#trained.restore({ meta, tensors: withPrefix("learned", tensors) });
    const slow = tensorOf({ meta, tensors }, "slow", this.#slow.length);
    const born = wholeOf(meta, "born");
    return () => {
      restoreTrained();
      this.#slow = slow;
      this.#born = born;
    };
  }

  #choose(count: number, wanted: number | null, step: number, update: number): number[] {
    if (wanted === null || wanted >= count) return Array.from({ length: count }, (_, i) => i);
    const seed = pcg4d(this.#seed, STREAM.critic, update, 0);
    return sampleWithoutReplacement(wanted, count, seed, STREAM.critic, step);
  }
}
