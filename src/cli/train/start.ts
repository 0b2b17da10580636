/** A model that a run starts from. */
import type { Model } from "../../model/model.ts";
import { loadNamedModel } from "../standardInput.ts";

export type Start = Readonly<{ path: string; model: Model }>;

/** @param path of a model, or of the folder of its run. */
export async function loadStart(path: string): Promise<Start> {
  return { path, model: await loadNamedModel(path) };
}
