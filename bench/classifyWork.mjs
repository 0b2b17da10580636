// The workload of a training step of cells that classify; `goalWork.mjs` runs it.
import { handwriting } from "../dist/data/handwriting.js";
import { classificationDefaults } from "../dist/experiments/classification/config.js";
import { splitRule } from "../dist/model/pictureRule.js";
import { pictureState } from "../dist/model/start.js";
import { STREAM, uniform } from "../dist/random.js";
import { initialParameters, parameterTable } from "../dist/rule/parameters.js";
import { classLoss } from "../dist/train/loss/classes.js";
import { SEED } from "./goalWork.mjs";

/** Digits as training begins with them, and a network that says something. */
export function classifyWorkload({ batch = 16, steps = 20, fireRate, noise } = {}) {
  const config = classificationDefaults();
  const { rule: usual, readout } = splitRule(config.rule);
  const rule = { ...usual, fireRate: fireRate ?? usual.fireRate, noise: noise ?? usual.noise };
  const digits = handwriting({ seed: SEED, count: batch });
  const { grid } = digits;
  const parameters = initialParameters(rule, SEED);
  const last = parameterTable(rule).filter(({ name }) => name.startsWith(`update.${rule.hidden.length}.`));
  for (const { offset, size } of last) {
    for (let i = 0; i < size; i++) parameters[offset + i] = 0.1 * (uniform(SEED, STREAM.data, 0, i) - 0.5);
  }
  const pictures = Array.from({ length: batch }, (_, i) => digits.picture(i));
  const labels = pictures.map((_, i) => digits.label(i));
  const states = pictures.map((picture) => pictureState(picture, { rule, readout }));
  const loss = classLoss(rule, grid, readout.classes, (goal) => labels[goal]);
  return { rule, grid, steps, labels, states, parameters, loss };
}
