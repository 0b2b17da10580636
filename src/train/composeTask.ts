import { mapRecord } from "../config/records.ts";
import type { Grid } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import type { Conditioner, Starter } from "./goals.ts";
import { evaluateTerms, type Loss, type Sample, type Term, termsOf } from "./loss/loss.ts";
import { lossOfEach } from "./loss/measure.ts";
import { createMemory, type MemorySettings } from "./memory/memory.ts";
import type { StartState } from "./memory/starts.ts";
import type { Batch, Task } from "./task.ts";

/** What a task is put together of. @template N names of what is measured beside. */
export type TaskParts<N extends string = never> = Readonly<{
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
  /** What gives all samples their initial states, in place of `start`; without a memory, and a network of inputs. */
  starter?: Starter | undefined;
  /**
   * What is minimised is the sum of weight * loss. The loss of the first, whose weight is above 0, is the error, which is
   * reported and by which a memory ranks.
   */
  terms: readonly [Term, ...Term[]];
  /** What else is measured of each sample's last state, by the names under which a step reports the means. */
  measures?: Readonly<Record<N, Loss>>;
  /** Of all random draws. */
  seed: number;
}>;

/**
 * A task whose losses look at one state at a time.
 *
 * @example
 * ```ts
 * import { createWasmEngine, initialParameters, picturePresets, splitRule, startState } from "neoblast";
 * import { BpttTrainer, composeTask, resolveGrowingConfig, type Loss } from "neoblast/train";
 *
 * const conventions = splitRule(picturePresets.distill);
 * const { rule } = conventions;
 * const grid = [12, 12] as const;
 *
 * // Half the mean square of all numbers, and its slope, times `scale`, in the sink.
 * const small: Loss = (state, _sample, sink) => {
 *   const count = grid[0] * grid[1] * rule.channels;
 *   let sum = 0;
 *   for (const [i, number] of state.data.entries()) {
 *     sum += number ** 2 / 2 / count;
 *     if (sink) sink.data[i] += (sink.scale * number) / count;
 *   }
 *   return sum;
 * };
 *
 * const start = startState(conventions, grid);
 * const task = composeTask({
 *   rule,
 *   grid,
 *   start,
 *   memory: null,
 *   terms: [{ name: "small", weight: 1, loss: small }],
 *   seed: 1,
 * });
 * const engine = await createWasmEngine();
 * const { training } = resolveGrowingConfig({ sets: ["training.steps=2", "training.batch=2"] });
 * const parameters = initialParameters(rule, 1);
 * const trainer = new BpttTrainer({ engine, rule, grid, parameters, task, settings: training, seed: 1 });
 * for await (const { step, loss } of trainer) console.log(step, loss > 0);
 * // 0 true
 * // 1 true
 * await engine.dispose();
 * ```
 */
export function composeTask<N extends string = never>(
  parts: TaskParts<N>,
): Task<Readonly<Record<N, number>>> {
  const { rule, grid, start, goals: count = 1, conditioner, starter, terms, measures, seed } = parts;
  const [{ loss: errorOf }] = terms;
  if (starter && (parts.memory || conditioner?.network)) {
    throw new RangeError("initial states that are trained need neither a memory nor a network of inputs");
  }
  const trained = starter?.network ?? conditioner?.network;
  const memory = createMemory(parts.memory, {
    grid,
    channels: rule.channels,
    start,
    startError: (state, goal) => errorOf(state, { goal, trainingStep: 0 }),
    count,
    pinned: rule.pinned,
    seed,
  });
  return {
    ...(trained && { network: trained }),
    async batch(step, size, network): Promise<Batch<Readonly<Record<N, number>>>> {
      const drawn = await memory.draw(size, seed, step);
      const sampleOf = (sample: number): Sample => ({ goal: drawn.goals[sample], trainingStep: step });
      return {
        states: starter ? drawn.goals.map((goal) => starter.start(goal, network)) : drawn.states,
        ...(starter && {
          pullbackStates: (cotangents, gradient) =>
            cotangents.forEach((each, sample) => starter.pullback(drawn.goals[sample], each, gradient)),
        }),
        ...(conditioner && { conditioning: await conditioner.condition(drawn.goals, step, network) }),
        ...(!measures && { terms: (sample) => termsOf(terms, sampleOf(sample)) }),
        evaluate(visits) {
          const loss = lossOfEach(visits, (sample, state, sink) => {
            const { losses, sum } = evaluateTerms(terms, state, sampleOf(sample), sink);
            return { error: losses[0], objective: sum };
          });
          if (!measures) return loss;
          const last = visits.filter((visit) => visit.last);
          return {
            ...loss,
            measures: mapRecord(measures, (measure) =>
              meanOf(last.map(({ state, sample }) => measure(state, sampleOf(sample)))),
            ),
          };
        },
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

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
