import type { Target } from "../../data/image.ts";
import { reachOf } from "../../data/parts.ts";
import { MAX_SEEDS } from "../../model/start.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Range } from "../../train/ramp.ts";
import { livingCellsOf } from "../../analysis/evaluation.ts";
import type { GrowingConfig } from "./schema.ts";
import { type Fitted, fitSeeds } from "../picture.ts";
import { type Coordinates, canLearnCoordinates, givenCoordinates, hasCoordinates } from "./coordinates.ts";
import { workOfStep } from "./work.ts";

type Training = GrowingConfig["training"];

/** Training steps below which no picture is learned. */
const LEAST_STEPS = 400;

/** Steps by which a picture should stand are those below this one; later ones ask whether it stays. */
const GROWN = 200;

/**
 * The configuration of a growing run with all that depends on its pictures: whether cells are given their coordinates, and
 * which; where growth starts (`fitSeeds`); rollouts that are long enough to get from there to the farthest cell
 * (`training.reach`), and the steps at which growth is validated; and the training steps, lowered where they would take more
 * than `training.work`, and with them the one at which training may end with less. What it says already stays as it is.
 *
 * @param target as `createGrowing` takes it.
 * @throws UserError (exit status 2) for a seed outside the grid, and for coordinates that the rule has no room for.
 */
export function fitGrowingConfig(
  config: GrowingConfig,
  target: Target | readonly Target[],
): Fitted<GrowingConfig> {
  const targets = [target].flat();
  const coordinates = fitCoordinates(config, targets);
  // Where cells know their place, seeds need not be told apart.
  const most = typeof coordinates === "string" ? undefined : MAX_SEEDS;
  const placed = { ...config, target: { ...config.target, coordinates } };
  const fitted = fitSeeds(placed, targets, most);
  const { validation, ...training } = fitSteps(fitRollout(fitted, targets), fitted.rule, targets);
  // What is given or to be learned from the start stays so.
  const from = coordinates === "picture" ? {} : { giveCoordinatesFrom: null };
  return { ...fitted, training: { ...training, validation: validation && { ...validation, ...from } } };
}

function fitCoordinates({ recipe, rule, target }: GrowingConfig, targets: readonly Target[]): Coordinates {
  const { coordinates } = target;
  if (coordinates === "given") return givenCoordinates(targets, rule);
  if (coordinates !== "picture") return coordinates;
  if (targets.length > 1 || !hasCoordinates(rule)) return "learned";
  const learns = canLearnCoordinates(targets[0], rule, recipe === "regenerating");
  return learns ? "picture" : givenCoordinates(targets, rule);
}

/**
 * A configuration that was fitted, as it goes on where cells do not get good by learning their coordinates: they are given
 * them, and training begins anew, with the steps that are left.
 *
 * @param made training steps.
 */
export function withCoordinates(
  config: Fitted<GrowingConfig>,
  target: Target | readonly Target[],
  made: number,
): Fitted<GrowingConfig> {
  const { rule, training } = config;
  const { steps, validation } = training;
  return {
    ...config,
    target: { ...config.target, coordinates: givenCoordinates([target].flat(), rule) },
    training: {
      ...training,
      steps: steps - made,
      validation: validation && { ...validation, enough: null, giveCoordinatesFrom: null },
    },
  };
}

function fitRollout({ rule, training, target }: Fitted<GrowingConfig>, targets: readonly Target[]): Training {
  const { reach, rollout, validation } = training;
  if (reach === null) return training;
  const reaches = targets.map((each) => reachOf(each, rule.alive.threshold, target.seeds));
  const factor = Math.max(1, Math.max(...reaches) / reach);
  const longer = ([fewest, most]: Range): [number, number] => [
    Math.round(factor * fewest),
    Math.round(factor * most),
  ];
  return {
    ...training,
    // The rollouts are now as they are.
    reach: null,
    rollout:
      "from" in rollout
        ? { ...rollout, from: longer(rollout.from), to: longer(rollout.to) }
        : longer(rollout),
    validation: validation && {
      ...validation,
      steps: validation.steps.map((step) => (step < GROWN ? Math.round(factor * step) : step)),
    },
  };
}

function fitSteps(training: Training, rule: Rule, targets: readonly Target[]): Training {
  const { work, steps, validation } = training;
  if (work === null) return training;
  const livingCells = Math.max(1, ...targets.map(({ data }) => livingCellsOf(rule, data)));
  const affordable = (1e6 * work) / workOfStep(training, rule, livingCells);
  const fewer = (most: number) =>
    Math.min(most, Math.max(LEAST_STEPS, Math.round(affordable * (most / steps))));
  return {
    ...training,
    steps: fewer(steps),
    validation: validation && {
      ...validation,
      enough: validation.enough && fewer(validation.enough),
      giveCoordinatesFrom: validation.giveCoordinatesFrom && fewer(validation.giveCoordinatesFrom),
    },
  };
}
