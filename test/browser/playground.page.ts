/** What the playground tests' page offers: the modules that the playground stands on. */
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { createWasmEngine } from "../../src/engine/wasm/engine.ts";
import { decodeModel, encodeModel } from "../../src/model/model.ts";
import { targetRaster } from "../../src/render/rgba.ts";
import * as files from "../../playground/src/files.ts";
import * as film from "../../playground/src/film.ts";
import * as link from "../../playground/src/link.ts";
import * as picture from "../../playground/src/picture.ts";
import * as shelf from "../../playground/src/shelf.ts";
import * as storage from "../../playground/src/storage.ts";
import * as takeaway from "../../playground/src/takeaway.ts";
import { TrainingSession } from "../../playground/src/training/session.ts";
import { discTarget } from "../drawnPictures.ts";

const modules = {
  createWasmEngine,
  decodeModel,
  discTarget,
  encodeModel,
  resolveGrowingConfig,
  targetRaster,
  files,
  film,
  link,
  picture,
  shelf,
  storage,
  takeaway,
  TrainingSession,
};
export type Modules = typeof modules;

Object.assign(globalThis, { modules });
