/** A model that a run starts from. */
import type { Model } from "../io/model.ts";
import { loadTarget, type NamedTarget } from "../node/images.ts";
import { loadModel } from "../node/models.ts";
import type { ExperimentConfig, Fields } from "./experiment.ts";
import { findModelTarget } from "./modelTarget.ts";
import { firstDifference } from "./record.ts";

export type Start = Readonly<{
  path: string;
  model: Model;
  /** What it says of a configuration: its rule and, where it knows, what it draws. */
  overrides: Fields;
}>;

/** @param path of a model, or of the folder of its run. */
export async function loadStart(path: string): Promise<Start> {
  const model = await loadModel(path);
  return { path, model, overrides: { rule: model.rule, target: model.provenance.picture } };
}

/** The target of a run: as the model to start from had it where it is the same, so that its picture need not exist. */
export async function loadRunPicture(
  { target, rule }: ExperimentConfig,
  start: Start | undefined,
): Promise<NamedTarget> {
  const { premultiplied } = rule.image;
  if (start && premultiplied === start.model.rule.image.premultiplied) {
    const same = firstDifference(target, start.model.provenance.picture) === undefined;
    const found = same ? await findModelTarget(start.path, start.model, {}) : undefined;
    if (found) return found;
  }
  const { source, size, padding } = target;
  return loadTarget(source, { size, padding, premultiplied });
}
