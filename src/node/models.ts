import { join } from "node:path";
import { decodeModel, encodeModel, type Model } from "../model/model.ts";
import { decodeFile, isFolder, writeFileAtomic } from "./files.ts";

export const MODEL_FILE = "model.safetensors";
/** Longest model file that is read. */
export const MAX_MODEL_BYTES = 2 ** 28;

/**
 * Loads a model from its file, or from the run folder that holds it.
 *
 * @throws UserError or FormatError naming the path and what is wrong.
 *
 * @example
 * ```ts
 * import { loadModel, saveModel } from "neoblast/node";
 *
 * const model = await loadModel("lizard.safetensors");
 * console.log(model.rule.fireRate, model.parameters.length); // 0.5 8336
 * await saveModel("slower.safetensors", { ...model, rule: { ...model.rule, fireRate: 0.25 } });
 * ```
 */
export async function loadModel(path: string): Promise<Model> {
  const file = (await isFolder(path)) ? join(path, MODEL_FILE) : path;
  return decodeFile(file, MAX_MODEL_BYTES, decodeModel);
}

/** Saves a model, whole or not at all. UserError where it cannot be written. */
export async function saveModel(path: string, model: Model): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}
