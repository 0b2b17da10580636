/** Members that start from what the centre of the search has grown into, so that holding a picture counts. */
import * as z from "zod/mini";
import type { Engine } from "../../engine.ts";
import { disposeStates } from "../../engine/states.ts";
import { expandWindow } from "../../engine/window.ts";
import { between } from "../../config/fields.ts";
import type { Readout } from "../../model/readout.ts";
import { STREAM, uniform, uniformInteger } from "../../random.ts";
import type { Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { rampSchema, rangeSchema, valueAt } from "../ramp.ts";

export const agedSchema = z.strictObject({
  /** Chance by which all members of a generation start from what the centre has grown into, 0 to 1. */
  chance: rampSchema(between(0, 1)),
  /** Fewest and most steps that it has grown for; each generation draws. */
  steps: rangeSchema,
  /** Largest error of what they start from, as a part of that of an empty grid: beyond it, an earlier state counts. */
  below: between(0, 1),
});
/** When and how members start from what the centre has grown into. Plain JSON. */
export type AgedSettings = Readonly<z.infer<typeof agedSchema>>;

/** What all members of a generation start from: shape (...grid, C), after so many steps. */
type GenerationStart = Readonly<{ state: Float32Array; step: number }>;

type Request = Readonly<{
  generation: number;
  /** Flat parameters. */
  centre: Float32Array;
  /** Of the generation's fire masks. */
  fire: number;
  signal?: AbortSignal | undefined;
}>;

/** States of an ageing centre that are looked at, the last of which is good enough counts. */
const LOOKS = 16;

/** Some steps up to `steps`, evenly spread; step 0 is not one of them. */
function looksUpTo(steps: number): number[] {
  const count = Math.min(LOOKS, steps);
  return Array.from({ length: count }, (_, i) => Math.round((steps * (i + 1)) / count));
}

/**
 * What all members of a generation start from, with all of their samples: a function of centre, seed and generation, which
 * any machine can make. That of the latest generation is remembered, for its members may be judged in several calls.
 *
 * @param fresh shape (...grid, C): the start that every automaton grows from.
 * @param emptyError error of an empty grid.
 * @returns rejects as `Engine.rollout` does.
 */
export function agedStarts({
  engine,
  rule,
  readout,
  grid,
  target,
  fresh,
  emptyError,
  aged,
  seed,
}: Readonly<{
  engine: Engine;
  rule: Rule;
  readout: Readout;
  grid: Grid;
  /** Shape (H, W, 4). */
  target: Float32Array;
  fresh: Float32Array;
  emptyError: number;
  aged: AgedSettings | null;
  seed: number;
}>): (request: Request) => Promise<GenerationStart> {
  let latest: Readonly<{ of: Request; start: Promise<GenerationStart> }> | undefined;
  const make = async ({ generation, centre, fire, signal }: Request): Promise<GenerationStart> => {
    if (!aged || uniform(seed, STREAM.pool, generation, 0) >= valueAt(aged.chance, generation)) {
      return { state: fresh, step: 0 };
    }
    const steps = uniformInteger(...aged.steps, seed, STREAM.pool, generation, 1);
    const looks = looksUpTo(steps);
    const rollout = await engine.rollout({
      rule,
      grid,
      parameters: centre,
      states: [fresh],
      steps,
      seed: fire,
      sampleIds: [0],
      compare: { target, readout, steps: looks, measure: "squared-error" },
      keep: looks,
      ...(signal && { signal }),
    });
    const kept = looks.map((step) => rollout.kept(0, step));
    try {
      const { compared } = await rollout.stats();
      const good = looks.findLastIndex((_, i) => compared[0][i] <= aged.below * emptyError);
      if (good < 0) return { state: fresh, step: 0 };
      const [window] = await engine.read([kept[good]]);
      return { state: expandWindow(window, grid, rule.channels), step: looks[good] };
    } finally {
      disposeStates([...new Set([...kept, ...rollout.final])]);
    }
  };
  return async (request) => {
    if (latest?.of.generation === request.generation && latest.of.centre === request.centre)
      return latest.start;
    const own = { of: request, start: make(request) };
    latest = own;
    try {
      return await own.start;
    } catch (error) {
      // What was aborted may be asked for again.
      if (latest === own) latest = undefined;
      throw error;
    }
  };
}
