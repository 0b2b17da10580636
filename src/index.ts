/**
 * `neoblast`: automata, engines, models and their files, pictures. Works in browsers and in Node; imports no array library.
 */
export { type Target, onOneGrid } from "./data/image.ts";
export { findSeeds, partsOf, reachOf } from "./data/parts.ts";
export { type HandwritingOptions, HANDWRITING, handwriting, handwritingSets } from "./data/handwriting.ts";
export {
  type RowPair,
  type RowPuzzle,
  type RowPuzzles,
  type RowPuzzleSets,
  drawnPuzzles,
  drawnPuzzleSets,
} from "./data/rowPuzzles.ts";
export { type IdxArray, decodeIdx, idxPictures } from "./data/idx.ts";
export {
  type Labelled,
  type PictureBytes,
  type PictureSet,
  type PictureSets,
  bytePictures,
} from "./data/pictureSet.ts";
export type {
  Comparison,
  Cotangent,
  Engine,
  GradientRequest,
  Gradients,
  Graft,
  Losses,
  LossPart,
  LossTerm,
  LossVisit,
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
export { type Edit, type Switch, type UnrollOptions, unroll } from "./engine/unroll.ts";
export type { StateWindow } from "./engine/window.ts";
export type { KernelBuild } from "./engine/wasm/compile.ts";
export { createWasmEngine, type WasmEngineOptions } from "./engine/wasm/engine.ts";
export type { DeviceCounts } from "./engine/webgpu/device.ts";
export {
  adapterName,
  createWebgpuEngine,
  DeviceError,
  DeviceLostError,
  type WebgpuEngine,
  type WebgpuEngineOptions,
} from "./engine/webgpu/engine.ts";
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
export { FormatError, UserError } from "./errors.ts";
export { type CaxImportOptions, caxReadings, importCax } from "./importers/cax.ts";
export { importDistill } from "./importers/distill.ts";
export type { FeatureOrder } from "./importers/perception.ts";
export { chooseReading } from "./importers/growth.ts";
export {
  type Imported,
  type ImportOptions,
  type Mapping,
  type Reading,
  type TensorImportOptions,
  describeImport,
} from "./importers/imported.ts";
export { importTextures, type TextureImportOptions } from "./importers/textures.ts";
export { importTorch, torchReadings } from "./importers/torch.ts";
export { type Layout, exportModel } from "./exporters/interchange.ts";
export { type ShaderOptions, type ShaderWeights } from "./exporters/shader/automaton.ts";
export { type ShadertoyTab, exportShadertoy } from "./exporters/shader/shadertoy.ts";
export { exportThree } from "./exporters/shader/three.ts";
export { exportWebgl } from "./exporters/shader/webgl.ts";
export { type ModelLink, decodeModelLink, encodeModelLink } from "./exporters/modelLink.ts";
export {
  type Model,
  type NetworkTensor,
  type PictureModel,
  type Provenance,
  decodeModel,
  encodeModel,
  hasPicture,
} from "./model/model.ts";
export { type Conventions, type PictureRule, joinRule, splitRule } from "./model/pictureRule.ts";
export { type PicturePreset, picturePresets } from "./model/presets.ts";
export {
  type Agreement,
  type AgreementRequest,
  type Classifier,
  measureAgreement,
} from "./analysis/classification.ts";
export { type Classes, type PictureLayout, type Readout, classOf, readoutSchema } from "./model/readout.ts";
export { decodeNpz, encodeNpz } from "./formats/npz.ts";
export { type PlayerOptions, playerHtml } from "./player/player.ts";
export { decodeSafetensors, encodeSafetensors } from "./formats/safetensors.ts";
export { graftParameters } from "./model/graft.ts";
export { turnedRule } from "./rule/kernels.ts";
export {
  type ParameterEntry,
  initialParameters,
  parameterCount,
  parameterTable,
  parameterViews,
} from "./rule/parameters.ts";
export { rulePresets } from "./rule/presets.ts";
export { type Box, type Grid, type Plane, planeOf } from "./rule/grid.ts";
export type { Rule } from "./rule/rule.ts";
export { ruleSchema } from "./rule/schema.ts";
export { type SeedCell, type SeedLayout, plantSeed, seedState } from "./model/seed.ts";
export {
  ONE_SEED,
  type GivenCoordinates,
  type Seeds,
  type Start,
  type StartLayout,
  type StartPictures,
  plantSeeds,
  placeChannels,
  startState,
  turnedSeeds,
  turnedStart,
} from "./model/start.ts";
export { type Place, eraseStroke, fillStroke } from "./edit/stroke.ts";
export type { Tensor, TensorData, TensorFile } from "./tensor.ts";
export type { Draw } from "./random.ts";
export { type DamageAt, type DamageKind, applyDamage, damageKinds, damageEdit } from "./edit/damage.ts";
export { type Colour, type RasterOptions, stateRaster, targetRaster } from "./render/rgba.ts";
export type { Raster, TargetOptions } from "./data/image.ts";
export { targetFromRgba } from "./data/image.ts";
export type { Cell } from "./analysis/cells.ts";
export { type InspectionRequest, type Moment, type Recording, record } from "./analysis/inspection.ts";
export { type Automaton, type Step, stepBackward, stepForward } from "./step/step.ts";
export type { Floats, Precision } from "./step/floats.ts";
export { aliveMask, fireMask } from "./step/masks.ts";
export { type NoiseDraw, updateNoise } from "./step/noise.ts";
export type { DeepPartial } from "./config/config.ts";
