/** Hidden units: how often they fire, and automata in which some are silenced. */
import { type Model, parameterTable, type Rule } from "neoblast";

type Trained = Pick<Model, "rule" | "parameters">;

/** A rule's only hidden layer: how many units, and where the weights that lead out of it begin. */
function hiddenLayer(rule: Rule): Readonly<{ units: number; out: number }> {
  const { offset } = parameterTable(rule).find(({ name }) => name === "update.1.weight")!;
  return { units: rule.hidden[0], out: offset };
}

/** The parameters with some hidden units cut off: whatever they answer, nothing listens. A copy. */
export function silenced({ rule, parameters }: Trained, units: Iterable<number>): Float32Array {
  const { out } = hiddenLayer(rule);
  const left = parameters.slice();
  for (const unit of units) left.fill(0, out + unit * rule.channels, out + (unit + 1) * rule.channels);
  return left;
}

/** The strongest of some numbers by size, by their positions; zeros do not count. */
export function strongest(values: ArrayLike<number>, count: number): number[] {
  return Array.from(values, (_, i) => i)
    .filter((i) => values[i] !== 0)
    .toSorted((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
    .slice(0, count);
}

/**
 * The wires that carry most in a cell: from what it perceives to a unit, and from a unit to a channel, each as number times
 * weight.
 *
 * @param perceived what goes into the network. @param hidden its units.
 */
export function wires(
  { rule, parameters }: Trained,
  perceived: Float32Array,
  hidden: Float32Array,
  count: number,
): Readonly<Record<"into" | "out", readonly Readonly<{ from: number; to: number; carries: number }>[]>> {
  const { units, out } = hiddenLayer(rule);
  const into = new Float32Array(perceived.length * units);
  perceived.forEach((value, i) => {
    for (let u = 0; u < units; u++)
      if (hidden[u] > 0) into[i * units + u] = value * parameters[i * units + u];
  });
  const outward = new Float32Array(units * rule.channels);
  hidden.forEach((value, u) => {
    for (let c = 0; c < rule.channels; c++)
      outward[u * rule.channels + c] = value * parameters[out + u * rule.channels + c];
  });
  const listed = (carried: Float32Array, width: number) =>
    strongest(carried, count).map((i) => ({
      from: Math.floor(i / width),
      to: i % width,
      carries: carried[i],
    }));
  return { into: listed(into, units), out: listed(outward, rule.channels) };
}
