// The workload of a training step of cells that attend to their neighbours and complete pictures; `goalWork.mjs` runs it.
import { handwriting } from "../dist/data/handwriting.js";
import { restorationDefaults } from "../dist/experiments/restoration/config.js";
import { corrupt } from "../dist/experiments/restoration/corruption.js";
import { spoiltState } from "../dist/experiments/restoration/restoration.js";
import { splitRule } from "../dist/model/pictureRule.js";
import { STREAM, uniform } from "../dist/random.js";
import { initialParameters, parameterTable } from "../dist/rule/parameters.js";
import { ofGoal } from "../dist/train/loss/penalties.js";
import { pictureLoss } from "../dist/train/loss/loss.js";
import { SEED } from "./goalWork.mjs";

/** `neoblast complete` with two heads in place of its filters: spoilt digits, and a network that says something. */
export function attentionWorkload({ size = 28, batch = 4, steps = 28, fireRate } = {}) {
  const perceive = { kind: "attention", heads: 2, size: 8 };
  const { rule: usual, readout } = splitRule(restorationDefaults("complete").rule);
  const rule = { ...usual, perceive, fireRate: fireRate ?? usual.fireRate };
  const digits = handwriting({ seed: SEED, count: batch, size });
  const { grid } = digits;
  const parameters = initialParameters(rule, SEED);
  const last = parameterTable(rule).filter(({ name }) => name.startsWith(`update.${rule.hidden.length}.`));
  for (const { offset, size: count } of last) {
    for (let i = 0; i < count; i++) parameters[offset + i] = 0.1 * (uniform(SEED, STREAM.data, 0, i) - 0.5);
  }
  const pictures = Array.from({ length: batch }, (_, i) => digits.picture(i));
  const states = pictures.map((picture, i) =>
    spoiltState(
      corrupt(picture, grid, { kind: "scattered", level: 0.5 }, [SEED, 0, i]),
      rule.channels,
      readout,
    ),
  );
  const loss = ofGoal((goal) => pictureLoss({ rule, readout }, grid, pictures[goal]));
  return { rule, grid, steps, pictures, readout, states, parameters, loss };
}
