/** What the options of `neoblast run` take that change a state or a grid. Places are a cell's row and column. */
import { extname } from "node:path";
import { type Kind, number, whole } from "../values.ts";

/** A cell to plant a seed in, and the step after which. */
export type PlantAt = Readonly<{ row: number; column: number; step: number }>;

/** A disc to erase, and the step after which. */
export type EraseAt = Readonly<{ row: number; column: number; radius: number; step: number }>;

/** What to grow, by name, and the step after which. */
export type GoalAt = Readonly<{ name: string; step: number }>;

/** Parts of a grid that a graft may take. */
export const regions = ["left", "right", "top", "bottom", "centre"] as const;
export type Region = (typeof regions)[number];

/** A model to graft, and where to: a region, or the file of a mask. */
export type GraftAt = Readonly<{ path: string; region: string }>;

const coordinate = whole(0, 1 << 24);
const distance = number(0, 1e4);
const moment = whole(0, Number.MAX_SAFE_INTEGER);

/** The values before "@", of which `kinds` says what they are, and the step after it. Undefined where they are others. */
function numbersAt(
  text: string,
  kinds: readonly Kind<number>[],
): { numbers: number[]; step: number | undefined } | undefined {
  const [place, after, ...rest] = text.split("@");
  const words = place.split(",");
  const numbers = words.flatMap((word, i) => kinds.at(i)?.parse(word) ?? []);
  const step = after === undefined ? undefined : moment.parse(after);
  const fits = words.length === kinds.length && numbers.length === kinds.length && rest.length === 0;
  return fits && (after === undefined) === (step === undefined) ? { numbers, step } : undefined;
}

/** `ROW,COLUMN[@STEP]`. */
export const plantAt: Kind<PlantAt> = {
  allowed: "ROW,COLUMN or ROW,COLUMN@STEP, such as 36,20@100",
  parse(text) {
    const found = numbersAt(text, [coordinate, coordinate]);
    if (!found) return undefined;
    const [row, column] = found.numbers;
    return { row, column, step: found.step ?? 0 };
  },
};

/** `ROW,COLUMN,RADIUS@STEP`. */
export const eraseAt: Kind<EraseAt> = {
  allowed: "ROW,COLUMN,RADIUS@STEP, such as 36,20,8@100",
  parse(text) {
    const found = numbersAt(text, [coordinate, coordinate, distance]);
    if (found?.step === undefined) return undefined;
    const [row, column, radius] = found.numbers;
    return { row, column, radius, step: found.step };
  },
};

/** `NAME[@STEP]`. */
export const goalAt: Kind<GoalAt> = {
  allowed: "NAME or NAME@STEP, such as 🦋@200",
  parse(text) {
    const at = text.lastIndexOf("@");
    const step = at < 0 ? undefined : moment.parse(text.slice(at + 1));
    const name = step === undefined ? text : text.slice(0, at);
    return name === "" ? undefined : { name, step: step ?? 0 };
  },
};

/** `MODEL@REGION`, where the region is a word or a file. */
export const graftAt: Kind<GraftAt> = {
  allowed: `MODEL@REGION, such as runs/butterfly-1@right; the regions are ${regions.join(", ")}, and a .png or .npy file that is white, or not 0, where the graft goes`,
  parse(text) {
    const at = text.lastIndexOf("@");
    const [path, region] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    const known = regions.some((word) => word === region) || extname(region) !== "";
    return path !== "" && known ? { path, region } : undefined;
  },
};
