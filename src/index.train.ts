/** `neoblast/train`: experiments, and what they are made of: tasks, losses, optimisers, trainers. Works in browsers and in Node. */
export {
  type EvolutionChoices,
  type EvolutionConfig,
  type EvolutionPreset,
  createEvolution,
  resolveEvolutionConfig,
} from "./experiments/evolution/evolution.ts";
export type { Choices, ExperimentConfig, Judging } from "./experiments/experiment.ts";
export type { ReturnReason } from "./experiments/growing/course.ts";
export type { ValidatedProgress, ValidatedTrainer } from "./experiments/growing/validatedTrainer.ts";
export { type GrowingTrainer, createGrowing } from "./experiments/growing/growing.ts";
export type {
  GrowingConfig,
  GrowingPreset,
  GrowingQuality,
  GrowingRecipe,
} from "./experiments/growing/schema.ts";
export {
  type ClassificationMeasures,
  type ClassificationTrainer,
  createClassification,
} from "./experiments/classification/classification.ts";
export {
  type ClassificationConfig,
  fitClassificationConfig,
  resolveClassificationConfig,
} from "./experiments/classification/config.ts";
export { type ArcMeasures, type ArcTrainer, createArc } from "./experiments/arc/arc.ts";
export { type ArcConfig, resolveArcConfig } from "./experiments/arc/config.ts";
export { type RestorationTrainer, createRestoration } from "./experiments/restoration/restoration.ts";
export {
  type Restoration,
  type RestorationConfig,
  resolveRestorationConfig,
} from "./experiments/restoration/config.ts";
export { type TransformTrainer, createTransform } from "./experiments/transform/transform.ts";
export { type TransformConfig, resolveTransformConfig } from "./experiments/transform/config.ts";
export {
  type DigitsConfig,
  type DigitsTrainer,
  createDigits,
  digitsEncoder,
} from "./experiments/digits/digits.ts";
export { type DigitsChoices, resolveDigitsConfig } from "./experiments/digits/config.ts";
export { type Fitted, type GoalTarget, type PictureTarget, fitSeeds } from "./experiments/picture.ts";
export type { WithModel } from "./experiments/trained.ts";
export {
  type ReinforcementConfig,
  type ReinforcementPreset,
  type ReinforcementTrainer,
  createReinforcement,
  fitReinforcementConfig,
} from "./experiments/reinforcement/reinforcement.ts";
export {
  type ReinforcementChoices,
  resolveReinforcementConfig,
} from "./experiments/reinforcement/presets.ts";
export { type TextureTrainer, createTexture } from "./experiments/texture/texture.ts";
export {
  type TextureChoices,
  type TextureConfig,
  type TextureModel,
  resolveTextureConfig,
} from "./experiments/texture/config.ts";
export { type GrowingChoices, resolveGrowingConfig } from "./experiments/growing/config.ts";
export { fitGrowingConfig } from "./experiments/growing/fit.ts";
export { decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint.ts";
export {
  type Goals,
  type Conditioning,
  type Conditioner,
  type Network,
  type Starter,
  oneGoal,
  oneHot,
  severalGoals,
} from "./train/goals.ts";
export { type TaskParts, composeTask } from "./train/composeTask.ts";
export {
  type CotangentSink,
  type Loss,
  type Sample,
  type StateLoss,
  type Term,
  imageLoss,
  pictureLoss,
} from "./train/loss/loss.ts";
export {
  type TextureSettings,
  type TextureTarget,
  textureLoss,
  textureSettings,
} from "./train/loss/texture.ts";
export { classAccuracy, classLoss } from "./train/loss/classes.ts";
export { type SymbolsOfGoal, symbolLoss } from "./train/loss/symbols.ts";
export { lossOfEach } from "./train/loss/measure.ts";
export {
  type Penalty,
  type PenaltyContext,
  type PenaltyName,
  type PenaltyWeights,
  penaltyTerms,
} from "./train/loss/penalties.ts";
export type { MemorySettings } from "./train/memory/memory.ts";
export type { PoolSettings } from "./train/memory/pool.ts";
export type { StoredState } from "./train/memory/storedStates.ts";
export type { StartState } from "./train/memory/starts.ts";
export type { Ramp } from "./train/ramp.ts";
export type { BpttSettings } from "./train/bptt/settings.ts";
export type { Json, Snapshot } from "./train/snapshot.ts";
export type { Batch, BatchOutcome, BatchLoss, Task, Visit } from "./train/task.ts";
export { type BpttOptions, type BpttProgress, BpttTrainer } from "./train/bptt/bptt.ts";
export {
  type ReinforcementMeasures,
  type ReinforcementSettings,
  type ReinforcementTaskOptions,
  ReinforcementTask,
} from "./train/reinforcement/task.ts";
export type { CriticTraining } from "./train/reinforcement/critic.ts";
export type { ObservationName } from "./train/reinforcement/observers.ts";
export type { NetworkTraining } from "./train/reinforcement/trainedNetwork.ts";
export { lambdaReturns, nStepReturn } from "./train/reinforcement/returns.ts";
export { type StrategySettings, createStrategy } from "./train/evolution/settings.ts";
export type { AgedSettings } from "./train/evolution/aged.ts";
export {
  type Candidates,
  type PopulationLoss,
  type Objective,
  type ObjectiveSettings,
  type PictureObjectiveOptions,
  pictureObjective,
} from "./train/evolution/objective.ts";
export {
  type SearchSettings,
  type SearchState,
  type Strategy,
  restoreSearch,
  saveSearch,
} from "./train/evolution/strategy.ts";
export {
  type EvolutionOptions,
  type EvolutionProgress,
  type Judge,
  type Judged,
  EvolutionTrainer,
} from "./train/evolution/trainer.ts";
export { DivergedError, type Progress, type Trainer } from "./train/trainer.ts";
export type { Optimizer, OptimizerState, Updated } from "./train/optim/optimizer.ts";
export type { Schedule } from "./train/optim/schedule.ts";
export { type OptimizerSettings, createOptimizer } from "./train/optim/settings.ts";
export { pictureTask, type PictureTaskOptions } from "./train/pictureTask.ts";
