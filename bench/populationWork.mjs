// The workload of a population's evaluation, our side of it, and how its losses are compared with a peer's.
import { TOLERANCE } from "../dist/cli/bench/check.js";
import { SEED } from "../dist/cli/bench/workload.js";
import { disposeStates } from "../dist/engine/states.js";
import { seedState, splitRule } from "../dist/index.js";
import { fitnessSteps } from "../dist/train/evolution/objective.js";
import { createStrategy } from "../dist/train/evolution/settings.js";

/** With the peers', every cell firing: members that fill no group, and steps until the patterns have grown half. */
const CHECKED_BESIDE = { members: 6, steps: 40 };
/** Further apart than this are two means of the same distribution once in 1.7 million comparisons. */
const STANDARD_ERRORS = 5;

/** The members of a first generation around a model, as a rollout of the engine and a workload of the peers. */
export function populationWorkload({ rule, seed, training }, { data, grid }, model) {
  const { population, generations, strategy, rollout, fitness } = training;
  const search = createStrategy(strategy, { population, seed, generations });
  const start = search.init(model);
  return {
    rule,
    grid,
    steps: rollout,
    parameters: Array.from({ length: population }, (_, member) => search.ask(start, 0, member)),
    states: [seedState(splitRule(rule), grid)],
    target: data,
    compare: {
      target: data,
      readout: rule.image,
      steps: fitnessSteps(fitness, rollout),
      measure: "squared-error",
    },
  };
}

export function checkWorkload(workload) {
  const { members, steps } = CHECKED_BESIDE;
  return {
    ...workload,
    rule: { ...workload.rule, fireRate: 1 },
    steps,
    parameters: workload.parameters.slice(0, members),
    compare: { ...workload.compare, steps: fitnessSteps("all-steps", steps) },
  };
}

/** Losses of the members, each with fire masks of its own, and their last states, which are the caller's to dispose of. */
export async function judge(engine, workload) {
  const { parameters, states } = workload;
  const began = performance.now();
  const rollout = await engine.rollout({
    ...workload,
    states: parameters.map(() => states[0]),
    seed: SEED,
  });
  const { compared, cellUpdates } = await rollout.stats();
  const losses = compared.map(mean);
  const seconds = (performance.now() - began) / 1000;
  return { seconds, losses, cellUpdates, final: rollout.final };
}

/** The same, and what the members' last states are like. */
export async function evaluate(engine, workload) {
  const { parameters, grid, steps } = workload;
  const { seconds, losses, cellUpdates, final } = await judge(engine, workload);
  const ends = await Promise.all(final.map((state) => state.stats()));
  disposeStates(final);
  return {
    seconds,
    losses,
    livingCells: ends.map(({ livingCells }) => livingCells),
    updatedShare: (100 * cellUpdates) / (parameters.length * steps * grid[0] * grid[1]),
  };
}

/** Largest relative difference between two lists of losses. @throws Error where it exceeds `TOLERANCE`. */
export function verifyLosses(losses, expected, who) {
  const deviations = expected.map((loss, member) => Math.abs(losses[member] - loss) / loss);
  const largest = losses.length === expected.length ? Math.max(...deviations) : NaN;
  if (!(largest <= TOLERANCE)) {
    throw new Error(
      `${who} is off by ${largest.toExponential(1)} of a loss; at most ${TOLERANCE} is allowed`,
    );
  }
  return largest;
}

/** A peer has coins of its own, so that only the distribution of losses is the same. */
export function verifyMean(losses, expected, who) {
  const [one, other] = [losses, expected].map((list) => ({
    mean: mean(list),
    square: variance(list) / list.length,
  }));
  const error = Math.sqrt(one.square + other.square);
  const apart = Math.abs(one.mean - other.mean) / error;
  const what = `${who}: mean loss ${one.mean.toPrecision(4)} against ${other.mean.toPrecision(4)}, ${apart.toFixed(1)} standard errors`;
  if (!(apart <= STANDARD_ERRORS) || losses.length !== expected.length) {
    throw new Error(`${what}; at most ${STANDARD_ERRORS} are allowed`);
  }
  return what;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values) {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
