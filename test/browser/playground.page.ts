/** The page of the playground's tests: the modules that the playground is made of. */
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { createWasmEngine } from "../../src/engine/wasm/engine.ts";
import { decodeModel, encodeModel } from "../../src/model/model.ts";
import { targetRaster } from "../../src/render/rgba.ts";
import * as downloads from "../../playground/src/downloads.ts";
import * as emojiChoices from "../../playground/src/emojiChoices.ts";
import * as files from "../../playground/src/files.ts";
import * as film from "../../playground/src/film.ts";
import * as link from "../../playground/src/link.ts";
import * as picture from "../../playground/src/picture.ts";
import * as storage from "../../playground/src/storage.ts";
import { TrainingSession } from "../../playground/src/training/session.ts";
import { discTarget } from "../drawnPictures.ts";

const modules = {
  createWasmEngine,
  decodeModel,
  discTarget,
  encodeModel,
  resolveGrowingConfig,
  targetRaster,
  downloads,
  emojiChoices,
  files,
  film,
  link,
  picture,
  storage,
  TrainingSession,
};
export type Modules = typeof modules;

Object.assign(globalThis, { modules });
