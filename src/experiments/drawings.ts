/** What the folder of a run shows of its model, and what is said of it. Pure: whoever keeps a folder makes files of it. */
import type { Raster } from "../data/image.ts";
import type { Engine } from "../engine.ts";
import type { Model } from "../model/model.ts";
import type { LossChart } from "../render/lossChart.ts";
import type { Sheet } from "../render/sheet.ts";

/**
 * What the pictures of a run are drawn from.
 *
 * @template C the run's configuration. @template S what it was trained for. @template R what was measured of the model.
 */
export type DrawRequest<C, S, R> = Readonly<{
  engine: Engine;
  model: Model;
  config: C;
  subject: S;
  /** Absent where an experiment measures nothing. */
  report?: R | undefined;
  signal: AbortSignal;
}>;

/** What was drawn of a model. */
export type Drawn = Readonly<{
  /** By the names of their files: those of {@link Drawings.sheets}. */
  sheets: Readonly<Record<string, Sheet>>;
  /** Frames of one size; there where {@link Drawings.film} is true. */
  film?: readonly Raster[];
  /** Of the page that plays the model. */
  page?: Readonly<{
    /** Default: what the model is called. */
    title?: string;
    /** Pictures for the model's encoder to choose from: shape (H, W, K) each, numbers from 0 to 1. */
    examples?: readonly Float32Array[];
  }>;
}>;

/** The pictures of a kind of training. Beside them each run shows its loss (`loss.svg`). */
export interface Drawings<C, S, R> {
  /** Names of PNG files, in the order in which they are written. */
  readonly sheets: readonly string[];
  /** Whether there is a film: `growth.webp`, and the same as `growth.gif`. */
  readonly film: boolean;
  readonly chart: LossChart;
  /** Draws all of them. @throws what `Engine.rollout` throws. */
  draw(request: DrawRequest<C, S, R>): Promise<Drawn>;
  /** Files of a run that are listed at its end, each with what it is. */
  readonly files: Readonly<Record<string, string>>;
  /** What to do next with the folder of a run: a command, without the program's name. */
  next(folder: string, config: C): string;
}
