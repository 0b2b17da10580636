/** Neoblast: train, run and show neural cellular automata. This entry works in browsers and in Node. */
export type {
  Cotangent,
  Engine,
  GradientRequest,
  Gradients,
  Rollout,
  RolloutRequest,
  State,
} from "./engine.ts";
export { referenceEngine } from "./engine/reference/engine.ts";
export { createWasmEngine, type WasmEngineOptions } from "./engine/wasm/engine.ts";
export { type GrowingConfig, type GrowingRecipe, createGrowing, growingGrid } from "./experiments/growing.ts";
export { type GrowingChoices, resolveGrowingConfig } from "./experiments/growingConfig.ts";
export { FormatError, UserError } from "./errors.ts";
export { decodeCheckpoint, encodeCheckpoint } from "./io/checkpoint.ts";
export { type Model, type Provenance, decodeModel, encodeModel } from "./io/model.ts";
export { playerHtml } from "./io/player.ts";
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
export { plantSeed, seedState } from "./rule/seed.ts";
export { imageLoss } from "./train/loss.ts";
export type { BpttSettings } from "./train/settings.ts";
export type { Snapshot } from "./train/snapshot.ts";
export type { Batch, BatchOutcome, SampleLoss, Task } from "./train/task.ts";
export { type BpttOptions, BpttTrainer, DivergedError, type TrainingEvent } from "./train/trainer.ts";
