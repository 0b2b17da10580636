import type { Cell } from "../../analysis/cells.ts";
import type { DamageAt } from "../../edit/damage.ts";
import type { EngineChoice } from "../engineOption.ts";
import { type Kind, whole } from "../values.ts";

/** Options that were not given and have no default are undefined. */
export type InspectOptions = Readonly<{
  out: string;
  goal?: string;
  at?: readonly Cell[];
  steps: number;
  seed: number;
  damage?: readonly DamageAt[];
  size?: number;
  padding?: number;
  engine?: EngineChoice;
}>;

/** `ROW,COLUMN`. */
export const cellPlace: Kind<Cell> = {
  allowed: "ROW,COLUMN, such as 36,26",
  parse(text) {
    const [row, column, ...rest] = text.split(",").map(whole(0, 1 << 24).parse);
    return row !== undefined && column !== undefined && rest.length === 0 ? [row, column] : undefined;
  },
};
