/** `<nca-canvas>`: importing this defines the element. In Node it does no more than export the names. */
import { defineNcaCanvas, NcaCanvas } from "./ncaCanvas.ts";
import { views } from "./views.ts";

export { decodeModel, encodeModel, type Model } from "../model/model.ts";
export type { DamageKind } from "../edit/damage.ts";
export type { Background, BackgroundOptions } from "./background.ts";
export type { EngineAtPlay, EngineName, Measured } from "./engines.ts";
export type { NcaCanvasEvents } from "./events.ts";
export type { Mark } from "./overlay.ts";
export type { NcaCanvasListeners, NcaCanvasProps } from "./props.ts";
export type { EditKind, Simulation } from "./simulation.ts";
export type { Tool } from "./stage.ts";
export type { DeviceView, TiledRaster, View, ViewContext, Views } from "./views.ts";
export { defineNcaCanvas, NcaCanvas };

NcaCanvas.addViews(views);
NcaCanvas.graphics = async () => (await import("./webgpu/index.ts")).startGraphics();
defineNcaCanvas();
