/** Numbers that an optimiser of their own trains, beside the automaton's: a critic's, an autoencoder's. */
import * as z from "zod/mini";
import { norm } from "../optim/gradient.ts";
import {
  initialTrainState,
  type TrainState,
  restoreTrainState,
  saveTrainState,
  updateTrainState,
} from "../bptt/trainState.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { createOptimizer } from "../optim/settings.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { learningFields } from "../bptt/settings.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Trainable } from "../../nets/networks.ts";

const networkTrainingSchema = z.strictObject(learningFields);
/** How a network beside the automaton is trained. Plain JSON. */
export type NetworkTraining = Readonly<z.infer<typeof networkTrainingSchema>>;

/** Numbers and the state of their optimiser, of which a gradient makes new ones. */
export class TrainedNetwork {
  readonly #trainable: Trainable;
  readonly #settings: NetworkTraining & Readonly<{ steps: number; average: null }>;
  readonly #optimizer: Optimizer;
  #learned: TrainState;

  /** @param steps of the whole training, over which the schedule runs. */
  constructor(trainable: Trainable, settings: NetworkTraining, steps: number) {
    this.#trainable = trainable;
    this.#settings = { ...settings, steps, average: null };
    this.#optimizer = createOptimizer(settings.optimizer);
    this.#learned = this.#fresh();
  }

  /** As trained so far. Never changed in place. */
  get parameters(): Float32Array {
    return this.#learned.parameters;
  }

  /**
   * One update along a gradient.
   *
   * @returns the gradient's norm; where it or a number that the update made is not finite, nothing changes and this is NaN.
   */
  update(gradient: Float32Array, step: number): number {
    const length = norm(gradient);
    if (!Number.isFinite(length)) return NaN;
    const rate = learningRateAt(this.#settings, step);
    const { table } = this.#trainable;
    const learned = updateTrainState(
      this.#learned,
      gradient,
      length,
      table,
      this.#optimizer,
      rate,
      this.#settings,
    );
    if (!learned) return NaN;
    this.#learned = learned;
    return length;
  }

  /** Forgets all that was learned. */
  reset(): void {
    this.#learned = this.#fresh();
  }

  save(): Snapshot {
    return saveTrainState(this.#learned);
  }

  /** What a snapshot holds, to be taken on by calling what is returned. @throws FormatError where it does not fit. */
  restore(snapshot: Snapshot): () => void {
    const learned = restoreTrainState(snapshot, this.#learned);
    return () => (this.#learned = learned);
  }

  #fresh(): TrainState {
    const { initial, table } = this.#trainable;
    return initialTrainState(initial, table, this.#optimizer, this.#settings);
  }
}
