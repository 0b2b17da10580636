/** The pictures that the folder of a run shows of its model, and what is said of them. */
import type { Engine } from "../../../engine.ts";
import type { Experiment, ExperimentConfig, Subject } from "../../../experiments/experiment.ts";
import type { Model } from "../../../model/model.ts";
import type { RunFolder } from "../../../node/runFolder.ts";

/** Contents of files by name, each made when its turn comes. */
export type PictureFiles = Readonly<Record<string, () => Promise<Uint8Array | string>>>;

/** What the pictures of a run are drawn from. */
export type PictureRequest<C = ExperimentConfig, S = Subject> = Readonly<{
  folder: RunFolder;
  engine: Engine;
  model: Model;
  config: C;
  subject: S;
  /** What the experiment measured of the model, where it does. */
  report?: object | undefined;
  signal: AbortSignal;
}>;

export interface Drawings<C = ExperimentConfig, S = Subject> {
  /** Names in the order in which they are written; the last one completes a run. */
  readonly pictures: readonly string[];
  /** Draws all of them. */
  draw(request: PictureRequest<C, S>): Promise<PictureFiles>;
  /** Files of a run that are listed at its end, each with what it is. */
  readonly files: Readonly<Record<string, string>>;
  /** What to do next with the folder of a run: a command, without the program's name. */
  next(folder: string, config: C): string;
}

/** By the names of experiments; of those that are not here, `plain.ts`. */
const drawings: Readonly<Record<string, () => Promise<Drawings>>> = {
  grow: async () => (await import("./pictures.ts")).growthDrawings,
  evolve: async () => (await import("./pictures.ts")).evolutionDrawings,
  reinforce: async () => (await import("./pictures.ts")).growthDrawings,
  texture: async () => (await import("./texture.ts")).textureDrawings,
  classify: async () => (await import("./classification.ts")).classificationDrawings,
  digits: async () => (await import("./digits.ts")).digitsDrawings,
};

export async function drawingsOf({ name, unit }: Pick<Experiment, "name" | "unit">): Promise<Drawings> {
  if (Object.hasOwn(drawings, name)) return drawings[name]();
  return (await import("./plain.ts")).plainDrawings(unit);
}
