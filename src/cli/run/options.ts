import type { EraseAt, GoalAt, GraftAt, PlantAt } from "./values.ts";
import type { DamageAt } from "../../edit/damage.ts";
import type { EngineChoice } from "../engineOption.ts";

/** Options that were not given and have no default are undefined. */
export type RunOptions = Readonly<{
  steps: number;
  seed: number;
  firstStep: number;
  state?: string;
  size?: number;
  goal?: readonly GoalAt[];
  input?: readonly number[];
  fireRate?: number;
  stepSize?: number;
  angle?: number;
  plant?: readonly PlantAt[];
  erase?: readonly EraseAt[];
  damage?: readonly DamageAt[];
  graft?: GraftAt;
  scale: number;
  every?: number;
  engine?: EngineChoice;
  out?: readonly string[];
}>;

/** Frames of a film, by default. */
export const FRAMES = 200;
