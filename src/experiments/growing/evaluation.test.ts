import { expect, it } from "vitest";
import type { AngleEvaluation, Evaluation, Recovery } from "../../analysis/evaluation.ts";
import { evaluationLines } from "./evaluation.ts";

const fates = { died: 0, overgrown: 0.125, diverged: 0 };
const healing = (damage: Recovery["damage"], means: (number | null)[], ratio: number | null): Recovery => ({
  damage,
  errors: [0, 10, 50, 200].map((after, i) => ({ after, mean: means[i], worst: means[i] })),
  ratio,
  ...fates,
});
const straight: AngleEvaluation = {
  angle: 0,
  growth: {
    errors: [
      { step: 96, mean: 4.21e-5, worst: 1.5e-3 },
      { step: 10000, mean: null, worst: null },
    ],
    ...fates,
  },
  recovery: [
    healing("half-left", [0.0156, 0.01, 2.34e-3, 9.96e-5], 2.766),
    healing("hole", [0.5, null, null, null], null),
  ],
  undamaged: { step: 400, mean: 3.6e-5, worst: 3.7e-5 },
};

const textOf = (evaluation: Evaluation) =>
  evaluationLines(evaluation)
    .map((line) => `${line}\n`)
    .join("");

it("puts an evaluation into aligned tables", () => {
  const text = textOf({
    seed: 0,
    runs: 8,
    grid: [72, 72],
    livingCells: 400,
    damagedAt: 200,
    angles: [straight],
    skipped: [{ angle: 30, reason: "it does not turn" }],
  });
  expect(text).toBe(`\
Angle 0: died 0%, overgrown 13%, diverged 0%
step   mean MSE  worst MSE
96       4.2e-5     1.5e-3
10000  diverged   diverged

Mean MSE after damage at step 200, the worst at the end, and the ratio to undamaged runs:
           at once       +10       +50      +200     worst  ratio  died  overgrown
half-left   1.6e-2    1.0e-2    2.3e-3    1.0e-4    1.0e-4   2.77    0%        13%
hole        5.0e-1  diverged  diverged  diverged  diverged      -    0%        13%
undamaged                                 3.6e-5    3.7e-5

Angle 30 was skipped: it does not turn
`);
});

it("has no shares where no cell can die", () => {
  const growth = { ...straight.growth, died: null, overgrown: null };
  const text = textOf({
    seed: 0,
    runs: 1,
    grid: [8, 8],
    livingCells: 4,
    damagedAt: 200,
    angles: [{ ...straight, growth }],
    skipped: [],
  });
  expect(text).toMatch(/^Angle 0: died -, overgrown -, diverged 0%\n/);
});
