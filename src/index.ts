/** Neoblast: train, run and show neural cellular automata. This entry works in browsers and in Node. */
export { type Target, onOneGrid } from "./data/image.ts";
export { findSeeds, partsOf, reachOf } from "./data/parts.ts";
export { HANDWRITING, handwriting, handwritingSets } from "./data/handwriting.ts";
export { decodeIdx, idxPictures } from "./data/idx.ts";
export { type PictureSet, type PictureSets, bytePictures } from "./data/pictureSet.ts";
export type {
  Comparison,
  Cotangent,
  Engine,
  GradientRequest,
  Gradients,
  Graft,
  Need,
  Rollout,
  RolloutRequest,
  RolloutStats,
  State,
  StateReading,
  StateStats,
} from "./engine.ts";
export { referenceEngine } from "./engine/reference/engine.ts";
export { checkCotangents, checkRequest, needOf } from "./engine/request.ts";
export { type Edit, type UnrollOptions, unroll } from "./engine/unroll.ts";
export type { StateWindow } from "./engine/window.ts";
export { createWasmEngine, type WasmEngineOptions } from "./engine/wasm/engine.ts";
export {
  type AngleEvaluation,
  type Evaluation,
  type EvaluationRequest,
  type Growth,
  type Recovery,
  type DamagedState,
  type SkippedAngle,
  evaluate,
} from "./analysis/evaluation.ts";
export type { Errors, Outcomes } from "./analysis/evaluationRuns.ts";
export {
  type EvolutionChoices,
  type EvolutionConfig,
  createEvolution,
  resolveEvolutionConfig,
} from "./experiments/evolution/evolution.ts";
export { createGrowing } from "./experiments/growing/growing.ts";
export type { GrowingConfig, GrowingRecipe } from "./experiments/growing/schema.ts";
export { type DigitsConfig, createDigits, digitsEncoder } from "./experiments/digits/digits.ts";
export { type DigitsChoices, resolveDigitsConfig } from "./experiments/digits/config.ts";
export {
  type Drawer,
  type DrawOptions,
  type LatentStatistics,
  asDrawer,
  between,
  drawInputs,
  drawingErrors,
  latentOf,
  latentStatistics,
  nearestMeanAccuracy,
  sampleLatents,
} from "./analysis/latents.ts";
export { type Fitted, type PictureTarget, fitSeeds } from "./experiments/picture.ts";
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
export { type GrowingChoices, resolveGrowingConfig } from "./experiments/growing/config.ts";
export { fitGrowingConfig } from "./experiments/growing/fit.ts";
export { FormatError, UserError } from "./errors.ts";
export { decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint.ts";
export { type CaxImportOptions, caxReadings, importCax } from "./importers/cax.ts";
export { importDistill } from "./importers/distill.ts";
export { chooseReading } from "./importers/growth.ts";
export {
  type Imported,
  type ImportOptions,
  type Mapping,
  type Reading,
  type TensorImportOptions,
  describeImport,
} from "./importers/imported.ts";
export { importTorch, torchReadings } from "./importers/torch.ts";
export { type Layout, exportModel } from "./exporters/interchange.ts";
export { type Model, type Provenance, decodeModel, encodeModel, seedsOf } from "./model/model.ts";
export { decodeNpz, encodeNpz } from "./formats/npz.ts";
export { type PlayerOptions, playerHtml } from "./player/player.ts";
export { decodeSafetensors, encodeSafetensors } from "./formats/safetensors.ts";
export { type Encoder, type EncoderSettings, type Posterior, drawLatent, encode } from "./nets/encoder.ts";
export { graftParameters } from "./model/graft.ts";
export { turnedRule } from "./rule/kernels.ts";
export {
  type ParameterEntry,
  initialParameters,
  parameterCount,
  parameterTable,
  parameterViews,
} from "./rule/parameters.ts";
export { type RulePreset, rulePresets } from "./rule/presets.ts";
export type { Box, Grid, Rule } from "./rule/rule.ts";
export { ruleSchema } from "./rule/schema.ts";
export { plantSeed, seedState } from "./model/seed.ts";
export { type Seeds, type Start, plantSeeds, startState, turnedSeeds } from "./model/start.ts";
export { type Place, eraseStroke, fillStroke } from "./edit/stroke.ts";
export type { Tensor, TensorFile } from "./tensor.ts";
export { type DamageDraw, type DamageKind, applyDamage, damageKinds, wound } from "./edit/damage.ts";
export {
  type Goals,
  type Conditioning,
  type Conditioner,
  type Network,
  oneGoal,
  oneHot,
  severalGoals,
} from "./train/goals.ts";
export { imageLoss } from "./train/loss/loss.ts";
export { type StateLoss, lossOfEach } from "./train/loss/measure.ts";
export type { BpttSettings } from "./train/bptt/settings.ts";
export type { Snapshot } from "./train/snapshot.ts";
export type { Batch, BatchOutcome, BatchLoss, Task, Visit } from "./train/task.ts";
export { type BpttOptions, type BpttProgress, BpttTrainer } from "./train/bptt/bptt.ts";
export {
  type ReinforcementMeasures,
  type ReinforcementSettings,
  ReinforcementTask,
} from "./train/reinforcement/task.ts";
export type { Autoencoder, Trainable, ValueFunction } from "./nets/networks.ts";
export { lambdaReturns, nStepReturn } from "./train/reinforcement/returns.ts";
export { type StrategySettings, createStrategy } from "./train/evolution/settings.ts";
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
  EvolutionTrainer,
} from "./train/evolution/trainer.ts";
export { DivergedError, type Progress, type Trainer } from "./train/trainer.ts";
