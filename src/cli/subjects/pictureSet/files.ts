/** Sets of pictures that runs are trained for. */
import { resolve } from "node:path";
import * as z from "zod/mini";
import { HANDWRITING } from "../../../data/handwriting.ts";
import type { PictureSet } from "../../../data/pictureSet.ts";
import { UserError } from "../../../errors.ts";
import type { ExperimentConfig, PictureSetSubject } from "../../../experiments/experiment.ts";
import { downloadMnist, MNIST_ADDRESS } from "../../../node/download.ts";
import { modelPlane } from "../../../model/model.ts";
import { loadData } from "../../dataOption.ts";
import { isMissing, withStep } from "../../nextStep.ts";
import { trainedOn } from "../../latents/trainedOn.ts";
import { say } from "../../terminal/print.ts";
import { ProgressBar } from "../../terminal/progressBar.ts";
import { usageError } from "../../values.ts";
import type { TrainingOptions } from "../../train/options.ts";
import { checkDigest, keepDigest } from "./digest.ts";
import { type Asked, checkNamed, type Measured, type SubjectFiles } from "../subject.ts";

/** What an experiment's configuration has where a set of pictures is its subject. */
const dataSchema = z.object({ source: z.string(), size: z.int(), channels: z.int() });
type Data = Readonly<z.infer<typeof dataSchema>>;

/** Handwriting, or folders of pictures, of which a run keeps a digest only. */
export const pictureSetFiles: SubjectFiles<PictureSetSubject> = {
  async load(config, { options }) {
    const { download }: TrainingOptions & { download?: true } = options;
    const { source } = dataOf(config);
    if (download) {
      if (source === HANDWRITING) {
        throw usageError("--download needs a folder to fetch into; name it, such as --data mnist");
      }
      await fetchMnist(source);
    }
    return loadSubject(config).catch((error: unknown) => {
      throw isMissing(error) ? withStep(error, "--download fetches MNIST into it") : error;
    });
  },
  keep: (folder, { train }) => keepDigest(folder, train),
  async recall(folder, config) {
    const subject = await loadSubject(config);
    await checkDigest(folder, subject.train, dataOf(config).source);
    return subject;
  },
  forModel,
};

function dataOf(config: ExperimentConfig): Data {
  return z.object({ data: dataSchema }).parse(config).data;
}

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

async function loadSubject(config: ExperimentConfig): Promise<PictureSetSubject> {
  const data = dataOf(config);
  const sets = await loadData(data.source, { size: data.size });
  checkChannels(sets.train, data);
  return { ...sets, grid: sets.train.grid };
}

/** @throws UserError where pictures are not as grey or as colourful as the configuration says. */
function checkChannels({ channels }: PictureSet, data: Data): void {
  if (channels === data.channels) return;
  throw new UserError(
    channels === 4
      ? `${data.source} has pictures in colour or with transparent parts; add --colour`
      : `the pictures of ${data.source} are all grey; leave out --colour`,
  );
}

/** A model and pictures that it has not seen, of its size. */
async function forModel(asked: Asked): Promise<Measured<PictureSetSubject>> {
  const { path, model, options } = asked;
  checkNamed(asked, "pictures");
  const { data = await trainedOn(path) } = options;
  const [size] = modelPlane(model, path);
  const sets = await loadData(data === HANDWRITING ? data : resolve(data), { size });
  return { model, subject: { ...sets, grid: sets.test.grid } };
}
