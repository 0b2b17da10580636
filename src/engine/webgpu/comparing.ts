/** What a rollout compares with a picture as it goes, where states lie. */
import type { Comparison } from "../../engine.ts";
import { comparisonScale } from "../comparison.ts";
import type { Commands } from "./commands.ts";
import type { Context } from "./context.ts";
import type { Extract } from "./device.ts";
import type { Program } from "./program.ts";

export class Comparing {
  readonly #context: Context;
  readonly #comparison: Comparison;
  readonly #batch: number;
  readonly #picture: GPUBuffer;
  /** A number for each step that is compared, and in it for each sample. */
  readonly #sums: GPUBuffer;
  /** What sums are divided by: the picture is not looked at later. */
  readonly #scale: number;

  /** Takes all it needs of the comparison. @param batch samples. */
  constructor(context: Context, comparison: Comparison, batch: number) {
    this.#context = context;
    this.#comparison = { ...comparison, steps: [...comparison.steps] };
    this.#batch = batch;
    this.#picture = context.device.filled(Float32Array.from(comparison.target));
    this.#sums = context.device.storage(Math.max(1, comparison.steps.length * batch) * 4);
    this.#scale = comparisonScale(comparison);
  }

  /** Compiles. @returns what compares after step t, if that is asked for, the states that begin `before` vectors into the tape. */
  async ready(
    program: Program,
    commands: Commands,
    { grid, tape }: Readonly<Record<"grid" | "tape", GPUBuffer>>,
  ): Promise<(t: number, before: number) => void> {
    const pipeline = await program.compare(this.#comparison);
    const group = this.#context.programs.bind("compare", [
      grid,
      commands.step,
      tape,
      this.#picture,
      this.#sums,
    ]);
    return (t, before) => {
      const index = this.#comparison.steps.indexOf(t);
      if (index < 0) return;
      const offset = commands.stepOffset({ t, before, a: index * this.#batch });
      commands.dispatch(pipeline, group, offset, [1, this.#batch]);
    };
  }

  /** Where the sums lie. */
  get extract(): Extract {
    return { buffer: this.#sums, offset: 0, size: this.#comparison.steps.length * this.#batch * 4 };
  }

  /** Of each sample, by step. @param data what was read of `extract`. */
  resultsOf(data: ArrayBuffer): Float64Array[] {
    const { steps, measure } = this.#comparison;
    const sums = measure === "squared-error" ? new Float32Array(data) : new Uint32Array(data);
    return Array.from({ length: this.#batch }, (_, sample) =>
      Float64Array.from(steps, (_step, i) => sums[i * this.#batch + sample] / this.#scale),
    );
  }

  /** Gives the picture's buffer back, once nothing more is compared. */
  end(): void {
    this.#context.device.recycle(this.#picture);
  }
}
