/**
 * Growing a picture from one cell, or any of several that an input calls for. Sources: Mordvintsev, Randazzo, Niklasson
 * and Levin, "Growing Neural Cellular Automata", Distill 2020; "Growing Conditional Neural Cellular Automata", notebook
 * 41 of CAX (Faldor and Cully, 2024).
 */
import type { Target } from "../../data/image.ts";
import type { Engine } from "../../engine.ts";
import { pcg4d, STREAM } from "../../random.ts";
import { initialParameters } from "../../rule/parameters.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { placeChannels, startState } from "../../model/start.ts";
import { oneGoal, oneHot, severalGoals } from "../../train/goals.ts";
import { pictureTask } from "../../train/pictureTask.ts";
import { BpttTrainer } from "../../train/bptt/bptt.ts";
import type { Schedule } from "../../train/optim/schedule.ts";
import { checkColours, type Fitted, pictureModel } from "../picture.ts";
import { type WithModel, withModel } from "../trained.ts";
import { coordinatesIn, validationOf } from "./coordinates.ts";
import { fitGrowingConfig, withCoordinates } from "./fit.ts";
import { pretrainedParameters } from "./pretrained.ts";
import { type Attempt, type Look, ValidatedTrainer, type ValidationCall } from "./validatedTrainer.ts";
import { defaultValidation, validate, type Validation, type ValidationRequest } from "./validation.ts";
import { type GrowingConfig, isConditional } from "./schema.ts";

/** With settings of validation, the model is the best that was validated. */
export type GrowingTrainer = (BpttTrainer | ValidatedTrainer) & WithModel;

/**
 * The trainer of a configuration. A configuration that was not fitted to its pictures yet (`fitGrowingConfig`) is.
 *
 * @param target the picture on its grid, which is that of the automaton, premultiplied as the rule says; of several, a
 *   list, all on one grid (`onOneGrid`).
 * @throws RangeError for another number of pictures than the configuration has, of numbers than the grid has, for grids
 *   that differ, or for colours that are premultiplied where the rule's are not, or the other way round; UserError as `fitGrowingConfig`.
 *
 * @example
 * ```ts
 * import { createEngine, loadTarget, saveModel } from "neoblast/node";
 * import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";
 *
 * const engine = await createEngine();
 * const target = await loadTarget("🦋", { size: 24, padding: 8, premultiplied: true });
 * const overrides = { training: { steps: 3 } }; // some hundreds, for a butterfly
 * const config = fitGrowingConfig(resolveGrowingConfig({ overrides }), target);
 * const trainer = createGrowing({ engine, config, target });
 * for await (const { step } of trainer) console.log(step);
 * // 0
 * // 1
 * // 2
 * await saveModel("butterfly.safetensors", trainer.toModel());
 * await engine.dispose();
 * ```
 */
export function createGrowing({
  engine,
  config: unfitted,
  target,
}: Readonly<{
  engine: Engine;
  config: GrowingConfig;
  target: Target | readonly Target[];
}>): GrowingTrainer {
  const targets = [target].flat();
  const expected = [unfitted.target.source].flat().length;
  if (targets.length !== expected) {
    throw new RangeError(`${targets.length} targets were given; the configuration names ${expected}`);
  }
  const [{ grid }] = targets;
  const other = targets.find((each) => each.grid.join() !== grid.join());
  if (other) {
    throw new RangeError(
      `targets lie on grids of ${grid.join(" x ")} and of ${other.grid.join(" x ")} cells; put them on one by onOneGrid`,
    );
  }
  checkColours(unfitted.rule, targets);
  const config = fitGrowingConfig(unfitted, targets);
  const setting = { engine, targets };
  if (config.training.validation === null) {
    const trainer = plainTrainer(setting, config);
    const coordinates = coordinatesIn(config.target);
    return withModel(trainer, () => pictureModel({ engine, config, grid, trainer, coordinates }));
  }
  const mayNeedCoordinates = config.target.coordinates === "picture";
  const trainer = new ValidatedTrainer({
    first: attemptOf(setting, config),
    ...(mayNeedCoordinates && {
      second: (made) => attemptOf(setting, withCoordinates(config, targets, made)),
    }),
  });
  return withModel(trainer, () =>
    pictureModel({ engine, config, grid, trainer, coordinates: trainer.coordinates }),
  );
}

type Setting = Readonly<{ engine: Engine; targets: readonly Target[] }>;

function plainTrainer({ engine, targets }: Setting, config: Fitted<GrowingConfig>): BpttTrainer {
  const { seed, training } = config;
  const coordinates = coordinatesIn(config.target);
  const [{ grid }] = targets;
  const { rule, readout, start } = splitRule(config.rule, config.target.seeds, coordinates);
  const pictures = targets.map(({ data }) => data);
  const goals = isConditional(config.target) ? severalGoals(pictures) : oneGoal(pictures[0]);
  return new BpttTrainer({
    engine,
    rule,
    grid,
    parameters: config.initial === "random" ? initialParameters(rule, seed) : pretrainedParameters(),
    task: pictureTask({
      rule,
      readout,
      start,
      grid,
      goals,
      penalties: { ...training.loss, ...(coordinates && { coordinates: 0 }) },
      pool: training.pool,
      seed,
    }),
    settings: { ...training, schedule: settling(training) },
    seed,
  });
}

function attemptOf(setting: Setting, config: Fitted<GrowingConfig>): Attempt {
  return {
    trainer: plainTrainer(setting, config),
    settings: validationOf(config)!,
    validate: growingValidation({ engine: setting.engine, config, target: setting.targets }),
    coordinates: coordinatesIn(config.target),
  };
}

/** The schedule of the learning rate: where training may end with less, what was learned has settled. */
function settling({ schedule, validation, warmup }: GrowingConfig["training"]): Schedule {
  const enough = validation?.enough ?? null;
  if (enough === null || schedule.kind !== "cosine") return schedule;
  return { ...schedule, over: Math.max(1, enough - warmup) };
}

/** Times as many runs as a first look that a closer one takes. */
const CLOSELY = 4;
/** The same where a longer look follows, and the step to which it goes: by then, growth that fails once in a while has failed. */
const RARELY = { times: 12, step: 400 };

/**
 * How good models of a configuration are: each picture from its seeds, in several runs, by the settings of validation or,
 * where there are none, `defaultValidation`.
 *
 * @param target as `createGrowing` takes it.
 */
export function growingValidation({
  engine,
  config,
  target,
}: Readonly<{
  engine: Engine;
  config: GrowingConfig;
  target: Target | readonly Target[];
}>): (call: ValidationCall) => Promise<Validation> {
  const targets = [target].flat();
  const { rule: conventions, seed, training, target: source } = fitGrowingConfig(config, targets);
  const { rule, readout, start } = splitRule(conventions, source.seeds, coordinatesIn(source));
  const validation = training.validation ?? defaultValidation;
  const settings = { ...validation, bound: Math.max(validation.bound, validation.aim) };
  const until = Math.max(RARELY.step, Math.min(...settings.steps));
  const [{ grid }] = targets;
  const request = {
    engine,
    rule,
    readout,
    grid,
    start: startState({ rule, readout, start }, grid),
    kept: placeChannels({ rule, start }),
    goals: targets.map(({ data }, goal) => ({
      target: data,
      ...(isConditional(source) && { input: oneHot(goal, targets.length) }),
    })),
  };
  const looks: Readonly<Record<Look, ValidationRequest["settings"]>> = {
    first: settings,
    closer:
      settings.last > 0
        ? {
            ...settings,
            runs: RARELY.times * settings.runs,
            steps: settings.steps.map((step) => Math.min(step, until)),
          }
        : { ...settings, runs: CLOSELY * settings.runs },
    longer: { ...settings, steps: [...settings.steps, settings.last], damage: [] },
  };
  const names = Object.keys(looks);
  return ({ parameters, step, look, signal }) =>
    validate({
      ...request,
      parameters,
      settings: looks[look],
      seed: pcg4d(seed, STREAM.validation, step, names.indexOf(look)),
      signal,
    });
}

/** In place of a training step, for runs that no validation has looked at. */
const AFTER_TRAINING = 0xffffffff;

/**
 * How good a model is that is kept, by runs of other fire masks than training looked at: to the last step that is measured
 * before training ends where it is good, unless training has looked so far.
 */
export function finalValidation(
  setting: Parameters<typeof growingValidation>[0],
  parameters: Float32Array,
  { looked, signal }: Readonly<{ looked?: Validation | undefined; signal?: AbortSignal | undefined }> = {},
): Promise<Validation> {
  const { last } = setting.config.training.validation ?? defaultValidation;
  const hasLooked = looked === undefined || looked.errors.some(({ step }) => step === last);
  const look = last > 0 && !hasLooked ? "longer" : "first";
  return growingValidation(setting)({ parameters, step: AFTER_TRAINING, look, signal });
}
