/** What the plain step has of a kind of perception: its loops, over one sample. */
import type { Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Floats } from "../floats.ts";

/** What a perception is of. */
export type Seen = Readonly<{
  rule: Rule;
  grid: Grid;
  /** Numbers from one cell's features to the next's: F. */
  features: number;
  /** Flat, by `parameterTable(rule)`; a kind that trains nothing needs none. */
  parameters: Floats | undefined;
}>;

export type PlainPerception = Readonly<{
  /** P[n, c*K + k] += what cell n sees. @param S (...grid, C). @param P (...grid, F). */
  perceive(seen: Seen, S: Floats, P: Floats): void;
  /**
   * Its adjoint: adds to dS (...grid, C) and to the gradient, given dP (...grid, F) and what was seen, S.
   *
   * @param gradient flat, like the parameters.
   */
  backward(seen: Seen, S: Floats, dP: Floats, dS: Floats, gradient: Floats): void;
}>;
