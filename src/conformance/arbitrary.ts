import * as fc from "fast-check";
import type { Grid } from "../rule/grid.ts";
import { kernelAxes, kernelNames } from "../rule/kernelNames.ts";
import type { Kernel, Rule, Tap } from "../rule/rule.ts";
import { smallRule } from "./cases.ts";
import type { Case, Membership } from "./scenario.ts";
import * as starts from "./starts.ts";

type Axes = 1 | 2 | 3;

const NAMED = kernelNames.filter((name) => !name.endsWith("Raw"));

const tap = (axes: Axes): fc.Arbitrary<Tap> =>
  fc.record({
    offset: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: axes, maxLength: axes }),
    weight: fc.integer({ min: -8, max: 8 }).map((eighths) => eighths / 8),
  });

const kernel = (axes: Axes): fc.Arbitrary<Kernel> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...NAMED.filter((name) => kernelAxes[name] <= axes)) },
    { weight: 1, arbitrary: fc.record({ taps: fc.array(tap(axes), { minLength: 1, maxLength: 4 }) }) },
  );

const ruleOf = (axes: Axes): fc.Arbitrary<Rule> =>
  fc
    .record({
      axes: fc.constant(axes),
      channels: fc.integer({ min: 1, max: 20 }),
      kernels: fc.array(kernel(axes), { minLength: 1, maxLength: 4 }),
      boundary: fc.constantFrom("zero", "wrap"),
      hidden: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
      inputSize: fc.constantFrom(0, 0, 1, 6),
      outputBias: fc.boolean(),
      fireRate: fc.constantFrom(0.5, 0.5, 1, 0.1),
      stepSize: fc.constantFrom(1, 1, 0.5, 2),
      mask: fc.constantFrom("both", "after", "none"),
      threshold: fc.constantFrom(0.1, 0.1, 0.1, 0, -0.2),
      alive: fc.nat(),
      reach: fc.constantFrom(1, 1, 1, 0),
      perceive: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        { kind: "filter" } as const,
        { kind: "attention", heads: 2, size: 3 } as const,
        ...([3, 5] as const).map((size) => ({ kind: "depthwise", size, kernels: 2 }) as const),
      ),
      noise: fc.constantFrom(0, 0, 0, 0.1),
      pinned: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, fc.array(fc.nat())),
    })
    .map(({ mask, threshold, alive, reach, pinned, ...rest }) =>
      smallRule({
        ...rest,
        ...(pinned.length > 0 && { pinned: pinned.map((channel) => channel % rest.channels) }),
        alive: { mask, threshold, channel: alive % rest.channels, ...(reach === 0 && { reach }) },
      }),
    );

const side = fc.integer({ min: 1, max: 13 });
const shortSide = fc.integer({ min: 1, max: 5 });
/** On some grids, a rule; most often on a plane. */
const ruleAndGrid: fc.Arbitrary<Readonly<{ rule: Rule; grid: Grid }>> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ rule: ruleOf(2), grid: fc.tuple(side, side) }) },
  { weight: 1, arbitrary: fc.record({ rule: ruleOf(1), grid: fc.tuple(fc.integer({ min: 1, max: 60 })) }) },
  {
    weight: 1,
    arbitrary: fc.record({ rule: ruleOf(3), grid: fc.tuple(shortSide, shortSide, shortSide) }),
  },
);

/** Any small case, and the seed of its numbers. */
export const anyCase: fc.Arbitrary<{ what: Case; seed: number }> = fc.record({
  what: fc
    .record({
      ruleAndGrid,
      samples: fc.array(
        fc.record({
          start: fc.constantFrom(...Object.values(starts)),
          steps: fc.integer({ min: 0, max: 6 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      firstStep: fc.nat(),
      population: fc.boolean(),
      gain: fc.constantFrom(1, 1, 0.3, 1.5),
      aliveBias: fc.array(fc.constantFrom(0.3, 0, -0.3), { minLength: 1, maxLength: 3 }),
    })
    .map(({ ruleAndGrid: { rule, grid }, samples, aliveBias, ...rest }) => ({
      ...rest,
      rule,
      grid,
      ...(rule.outputBias && { aliveBias }),
      starts: samples.map(({ start }) => start),
      steps: samples.map(({ steps }) => steps),
    })),
  seed: fc.nat(),
});

/** The same with one to three grafted parameter sets, cells of which lie anywhere. */
export const anyGraftCase: typeof anyCase = fc
  .tuple(anyCase, fc.integer({ min: 1, max: 3 }))
  .map(([{ what, seed }, sets]) => {
    const cells: Membership = (_y, _x, _plane, draw) => Math.floor((1 + sets) * draw());
    return { what: { ...what, graft: { sets, cells } }, seed };
  });
