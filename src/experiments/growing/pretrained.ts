/**
 * An automaton to begin training from: it grows a disc of 40 cells from a seed, holds it, heals it, and two of its hidden
 * channels hold each cell's place. A new picture then has to teach it colours and outlines only, which takes a fraction
 * of the work. `docs/training.md` says what it was trained on and how to make it again.
 */
import { firstDifference } from "../../config/config.ts";
import { fromBase64 } from "../../formats/base64.ts";
import { decodeModel, type Model, withPicture } from "../../model/model.ts";
import { joinRule } from "../../model/pictureRule.ts";
import { pretrained } from "./generated/pretrained.ts";

/** Whether the pretrained automaton runs by this rule, given as plain JSON, and so can begin its training. */
export function isPretrained(rule: unknown): boolean {
  return firstDifference(joinRule(withPicture(pretrainedModel())), rule) === undefined;
}

/** Its parameters, flat, as `parameterTable` says. */
export function pretrainedParameters(): Float32Array {
  return pretrainedModel().parameters;
}

function pretrainedModel(): Model {
  return decodeModel(fromBase64(pretrained));
}
