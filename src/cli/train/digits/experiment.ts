import { resolve } from "node:path";
import { HANDWRITING } from "../../../data/handwriting.ts";
import type { PictureSet } from "../../../data/pictureSet.ts";
import { UserError } from "../../../errors.ts";
import { parseConfig, uncheckedOverrides } from "../../../config/config.ts";
import {
  createDigits,
  type DigitsConfig,
  digitsConfigSchema,
  digitsEncoder,
} from "../../../experiments/digits/digits.ts";
import { resolveDigitsConfig } from "../../../experiments/digits/config.ts";
import { latentOf, latentStatistics } from "../../../analysis/latents.ts";
import { downloadMnist, MNIST_ADDRESS } from "../../../node/download.ts";
import { TRAINING_CHART } from "../../../render/lossChart.ts";
import type { BpttProgress, BpttTrainer } from "../../../train/bptt/bptt.ts";
import { highest } from "../../../train/ramp.ts";
import { defined } from "../settings.ts";
import { loadData } from "../../dataOption.ts";
import { digitsPictures, type DigitsSubject } from "./pictures.ts";
import { checkDigest, keepDigest } from "./digest.ts";
import type { Experiment, TrainingOptions } from "../experiment.ts";
import { PICTURES } from "../pictures.ts";
import { say } from "../../terminal/print.ts";
import { ProgressBar } from "../../terminal/progressBar.ts";
import { usageError } from "../../values.ts";

export type DigitsOptions = TrainingOptions &
  Readonly<{
    data?: string;
    download?: true;
    size?: number;
    colour?: true;
    latent?: number;
    steps?: number;
    batch?: number;
    pool?: number;
    rollout?: [number, number];
    beta?: number;
  }>;

/** Pictures whose latent vectors stand for all. */
const STATISTICS = 500;

/** Drawing pictures from their latent vectors. */
export const digitsExperiment: Experiment<
  DigitsConfig,
  BpttProgress,
  DigitsOptions,
  DigitsSubject,
  BpttTrainer
> = {
  command: "digits",
  need: { record: true, keep: true },
  activity: "Learning to draw",
  unit: "step",
  presetOptions: [],
  parse: (value) => parseConfig(digitsConfigSchema, value),
  resolve: ({ overrides, sets }) =>
    resolveDigitsConfig({ overrides: uncheckedOverrides<DigitsConfig>(overrides), sets }),
  overridesOf({ options }) {
    const { data, size, colour, latent, steps, batch, pool, rollout, beta } = options;
    return {
      // Whole paths, so that a run can be resumed from another place.
      data: defined({
        source: data && data !== HANDWRITING ? resolve(data) : data,
        size,
        channels: colour && 4,
      }),
      rule: defined({ inputSize: latent }),
      encoder: defined({ beta }),
      training: defined({ steps, batch, rollout, pool: defined({ size: pool }) }),
    };
  },
  total: ({ training }) => training.steps,
  samples: ({ training }) => highest(training.batch),
  title: ({ rule, encoder }) =>
    `${rule.inputSize} latent numbers${encoder.beta > 0 ? `, beta ${encoder.beta}` : ""}`,
  async load(config, { options }) {
    const { source } = config.data;
    if (options.download) {
      if (source === HANDWRITING) {
        throw usageError("--download needs a folder to fetch into; name it, such as --data mnist");
      }
      await fetchMnist(source);
    }
    return loadSubject(config);
  },
  keep: (folder, { train }) => keepDigest(folder, train),
  async recall(folder, config) {
    const subject = await loadSubject(config);
    await checkDigest(folder, subject.train, config.data.source);
    return subject;
  },
  create: ({ engine, config, subject }) => createDigits({ engine, config, pictures: subject.train }),
  measures: ({ loss }) => [`loss ${loss.toExponential(2)}`],
  describe({ trainer, config, subject: { train } }) {
    const encoder = { settings: digitsEncoder(config), parameters: trainer.network };
    const drawer = {
      rule: config.rule,
      parameters: trainer.model,
      provenance: { grid: encoder.settings.grid },
      encoder,
    };
    const count = Math.min(STATISTICS, train.count);
    const latents = Array.from({ length: count }, (_, i) => latentOf(drawer, train.picture(i)));
    return { encoder, provenance: { latent: latentStatistics(latents) } };
  },
  lossChart: TRAINING_CHART,
  pictures: ["interpolation.png", ...PICTURES],
  draw: digitsPictures,
  files: {
    "sheet.png": "pictures it has not seen, and what it draws of them",
    "interpolation.png": "what lies between two of them",
    "growth.webp": "their growth (growth.gif: the same)",
    "player.html": "the living automaton: open it in a browser, draw for it, move its latent vector",
    "model.safetensors": "the model, encoder included",
  },
  next: (folder) => `interpolate ${folder} --grid 8x8`,
};

async function fetchMnist(folder: string): Promise<void> {
  say(`Fetching MNIST from ${MNIST_ADDRESS} into ${folder}`);
  let bar: ProgressBar | undefined;
  try {
    await downloadMnist(folder, {
      onProgress: (done, total) => (bar ??= new ProgressBar(total, "byte")).show(done),
    });
  } finally {
    bar?.clear();
  }
}

async function loadSubject({ data }: DigitsConfig): Promise<DigitsSubject> {
  const sets = await loadData(data.source, { size: data.size });
  checkChannels(sets.train, data);
  return { ...sets, grid: sets.train.grid };
}

/** @throws UserError where pictures are not as grey or as colourful as the configuration says. */
function checkChannels({ channels }: PictureSet, data: DigitsConfig["data"]): void {
  if (channels === data.channels) return;
  throw new UserError(
    channels === 4
      ? `${data.source} has pictures in colour or with transparent parts; add --colour`
      : `the pictures of ${data.source} are all grey; leave out --colour`,
  );
}
