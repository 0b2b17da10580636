import type { Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Conditioner } from "./goals.ts";
import { evaluateTerms, type Term } from "./loss/loss.ts";
import { lossOfEach } from "./loss/measure.ts";
import { createMemory, type MemorySettings } from "./memory/memory.ts";
import type { StartState } from "./memory/starts.ts";
import type { Batch, Task } from "./task.ts";

export type TaskParts = Readonly<{
  rule: Rule;
  grid: Grid;
  /** What samples start from that begin anew. */
  start: StartState;
  /** Null: every sample begins anew. */
  memory: MemorySettings | null;
  /** Different things that cells may be asked to do; each sample has one, from 0 on. Default 1. */
  goals?: number;
  /** What gives cells their input; needed exactly where the rule has one. */
  conditioner?: Conditioner | undefined;
  /**
   * What is minimised is the sum of weight * loss. The loss of the first, whose weight is above 0, is the error, which is
   * reported and by which a memory ranks.
   */
  terms: readonly [Term, ...Term[]];
  /** Of all random draws. */
  seed: number;
}>;

/** A task whose losses look at one state at a time. */
export function composeTask(parts: TaskParts): Task {
  const { rule, grid, start, goals: count = 1, conditioner, terms, seed } = parts;
  const [{ loss: errorOf }] = terms;
  const memory = createMemory(parts.memory, {
    grid,
    channels: rule.channels,
    start,
    startError: (state, goal) => errorOf(state, { goal, trainingStep: 0 }),
    count,
    seed,
  });
  return {
    ...(conditioner?.network && { network: conditioner.network }),
    async batch(step, size, network): Promise<Batch> {
      const drawn = await memory.draw(size, seed, step);
      return {
        states: drawn.states,
        ...(conditioner && { conditioning: await conditioner.condition(drawn.goals, step, network) }),
        evaluate: (visits) =>
          lossOfEach(visits, (sample, state, sink) => {
            const own = { goal: drawn.goals[sample], trainingStep: step };
            const { losses, sum } = evaluateTerms(terms, state, own, sink);
            return { error: losses[0], objective: sum };
          }),
        accept({ final, errors }) {
          memory.write(
            drawn,
            final.map((state, sample) => [{ state, error: errors[sample] }]),
          );
          return {};
        },
        reject: (samples) => memory.forget(drawn, samples, step),
      };
    },
    remembered: (most) => memory.remembered(most),
    save: () => memory.save(),
    restore: (snapshot) => memory.restore(snapshot),
  };
}
