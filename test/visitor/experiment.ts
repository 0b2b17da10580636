/** An experiment from outside: all that one takes. It learns a picture by plain gradient steps from the seed. */
import * as z from "zod/mini";
import { parseConfig, withChanges } from "../../src/config/config.ts";
import { whole } from "../../src/config/fields.ts";
import { plainDrawings } from "../../src/experiments/drawing/plain.ts";
import { defineExperiment, type PictureSubject } from "../../src/experiments/experiment.ts";
import {
  fitSeeds,
  onePictureRuleSchema,
  pictureModel,
  pictureTargetSchema,
} from "../../src/experiments/picture.ts";
import { modelNamed, type WithModel, withModel } from "../../src/experiments/trained.ts";
import { initialParameters } from "../../src/rule/parameters.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { splitRule } from "../../src/model/pictureRule.ts";
import { type BpttProgress, BpttTrainer } from "../../src/train/bptt/bptt.ts";
import { oneGoal } from "../../src/train/goals.ts";
import { noPenalties } from "../../src/train/loss/penalties.ts";
import { targetRaster } from "../../src/render/rgba.ts";
import { layoutSheet } from "../../src/render/sheet.ts";
import { pictureTask } from "../../src/train/pictureTask.ts";

const schema = z.strictObject({
  seed: whole(0, 2 ** 32 - 1),
  target: pictureTargetSchema,
  rule: onePictureRuleSchema,
  training: z.strictObject({
    steps: whole(1, 1000).check(z.describe("training steps")),
    rate: z.number().check(z.gt(0), z.maximum(1), z.describe("learning rate, the same throughout")),
    rollout: whole(1, 100),
  }),
});
type SproutConfig = Readonly<z.infer<typeof schema>>;

const defaults = {
  seed: 0,
  target: { source: "🦋", size: 8, padding: 2, seeds: "picture" },
  rule: { ...picturePresets.distill, channels: 6, hidden: [8], seed: { from: 3, to: 6 } },
  training: { steps: 4, rate: 0.01, rollout: 8 },
};

export const sprout = defineExperiment<
  SproutConfig,
  BpttProgress,
  object,
  PictureSubject,
  BpttTrainer & WithModel,
  object
>({
  name: "sprout",
  summary: "learn a picture by plain gradient steps",
  subject: "picture",
  schema,
  options: {
    "--size": { field: "target.size", help: "longest side of the picture" },
    "--steps": "training.steps",
    "--rate": "training.rate",
    "--rollout": "training.rollout",
  },
  resolve: (choices) => parseConfig(schema, withChanges(defaults, choices)),
  total: ({ training }) => training.steps,
  fit: (config, { targets }) => fitSeeds(config, targets),
  prolong: (config, { steps = config.training.steps }) => ({
    ...config,
    training: { ...config.training, steps },
  }),
  create({ engine, config: unfitted, subject: { grid, targets } }) {
    const config = fitSeeds(unfitted, targets);
    const { seed, training, target } = config;
    const { rule, readout, start } = splitRule(config.rule, target.seeds);
    const goals = oneGoal(targets[0].data);
    const { steps, rate, rollout } = training;
    const trainer = new BpttTrainer({
      engine,
      rule,
      grid,
      parameters: initialParameters(rule, seed),
      task: pictureTask({ rule, readout, start, grid, goals, penalties: noPenalties, pool: null, seed }),
      settings: {
        steps,
        batch: 2,
        rollout: [rollout, rollout],
        learningRate: rate,
        schedule: { kind: "constant" },
        warmup: 0,
        optimizer: { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        gradient: { normalize: true, clip: null },
        loss: { placement: "last", from: 0.5, every: 1 },
        average: null,
      },
      seed,
    });
    return withModel(trainer, () => pictureModel({ engine, config, grid, trainer }));
  },
  modelOf: (trainer, _config, subject) => modelNamed(trainer.toModel(), subject),
  async drawings() {
    const plain = plainDrawings("step");
    return {
      ...plain,
      sheets: ["target.png", ...plain.sheets],
      async draw(request) {
        const { grid, targets } = request.subject;
        const picture = targetRaster(targets[0].data, grid, true, { scale: 8 });
        const { sheets } = await plain.draw(request);
        return { sheets: { "target.png": layoutSheet([{ caption: "target", picture }]), ...sheets } };
      },
      files: { "target.png": "what it learned", ...plain.files },
    };
  },
});
