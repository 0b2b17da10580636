/**
 * The critic of reinforcement: what is seen of a state in, an estimate of the return to come out. Strided convolutions, a
 * dense layer, and one number.
 *
 * Source: the critic of "Reinforcement Learning Neural Cellular Automata", a notebook of CAX (Faldor and Cully, 2024).
 */
import * as z from "zod/mini";
import { STREAM } from "../random.ts";
import { layoutTable, type ParameterEntry } from "../rule/parameters.ts";
import type { Frozen } from "../rule/rule.ts";
import { whole } from "../config/fields.ts";
import { convolutions, initialWeights, layer, stridedGrids } from "./shapes.ts";

export const criticSchema = z
  .strictObject({
    /** Height and width of what it sees; null: it sees a vector, and has no convolutions. */
    grid: z.nullable(z.tuple([whole(1, 512), whole(1, 512)])),
    /** Numbers a cell holds, or the vector. */
    channels: whole(1, 1024),
    /** Output features of each convolution. */
    features: z.array(whole(1, 256)).check(z.maxLength(6)),
    /** What the dense layer gets of the last features: their mean over space, or all of them in a row. */
    pooling: z.enum(["mean", "flatten"]),
    /** Width of the dense layer. */
    hidden: whole(1, 4096),
    /** `negative`: -softplus(x) = -log(1 + exp(x)), for rewards that are never positive. */
    output: z.enum(["linear", "negative"]),
  })
  .check(
    z.refine(({ grid, features }) => (grid === null) === (features.length === 0), {
      error: "must name the features of a convolution at least for a grid, and of none without a grid",
      path: ["features"],
    }),
  );

/** Shapes of a critic. Plain JSON. */
export type CriticSettings = Frozen<z.infer<typeof criticSchema>>;

/**
 * Names and shapes: `critic.conv.N.weight` (3, 3, in, out), `critic.linear.weight`, `critic.value.weight` (in, out), and a
 * bias (out) after each.
 */
export function criticTable(settings: CriticSettings): ParameterEntry[] {
  const { grid, channels, features, pooling, hidden } = settings;
  const [height, width] = grid === null ? [1, 1] : stridedGrids(grid, features.length)[features.length];
  const cells = pooling === "mean" ? 1 : height * width;
  return layoutTable([
    ...convolutions("critic.conv", channels, features),
    ...layer("critic.linear", [cells * (features.at(-1) ?? channels), hidden]),
    ...layer("critic.value", [hidden, 1]),
  ]);
}

/**
 * Fresh parameters: weights uniform with variance 1 / in (LeCun et al., 1998); biases and the last layer 0, so that an
 * untrained critic gives all states one value (0, or -log 2 for `negative`) and no gradient to follow.
 */
export function initialCritic(settings: CriticSettings, seed: number): Float32Array {
  const table = criticTable(settings);
  const { offset } = table[table.length - 2];
  return initialWeights(table, seed, STREAM.critic).fill(0, offset);
}
