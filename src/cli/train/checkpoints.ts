import { Recurrence } from "../../runs/recurrence.ts";
import type { RunFolder } from "../../node/runFolder.ts";
import type { Snapshot } from "../../train/snapshot.ts";
import type { Trainer } from "../../train/trainer.ts";

export type CheckpointsOptions = Readonly<{
  folder: Pick<RunFolder, "saveCheckpoint">;
  trainer: Pick<Trainer, "step" | "save">;
  /** Seconds between two checkpoints. */
  every: number;
  /** Called when one has been written. */
  written: (steps: number) => void;
}>;

/** Checkpoints of a training, which goes on while they are written. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #recurrence: Recurrence;
  #saved: number;
  #writing: Promise<void> | undefined;
  #failed = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#saved = options.trainer.step;
    this.#recurrence = new Recurrence(1000 * options.every, performance.now());
  }

  /** Steps of the one that is in the folder. */
  get saved(): number {
    return this.#saved;
  }

  /** To be called after each step: begins to write one where it is due. @throws UserError where the one before failed. */
  async keepUp(): Promise<void> {
    if (this.#failed) await this.settle();
    if (this.#recurrence.isDue(performance.now())) await this.#begin();
  }

  /** Writes one of what training has come to, where there is none. @throws UserError where that fails. */
  async finish(): Promise<void> {
    await this.settle();
    if (this.#saved === this.#options.trainer.step) return;
    await this.#begin();
    await this.settle();
  }

  async #begin(): Promise<void> {
    const { trainer } = this.#options;
    await this.settle();
    const snapshot = await trainer.save();
    const steps = trainer.step;
    this.#recurrence.done(performance.now());
    this.#writing = this.#write(snapshot, steps);
    this.#writing.catch(() => (this.#failed = true));
  }

  async #write(snapshot: Snapshot, steps: number): Promise<void> {
    await this.#options.folder.saveCheckpoint(snapshot);
    this.#saved = steps;
    this.#options.written(steps);
  }

  /** Waits for the one that is being written, if any. @throws UserError where that fails. */
  async settle(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    this.#failed = false;
    await writing;
  }
}
