/** Pictures that runs are trained for. */
import * as z from "zod/mini";
import { inWords } from "../../../config/inWords.ts";
import { fieldAt, firstDifference } from "../../../config/config.ts";
import { withoutSet } from "../../../data/emoji.ts";
import { onOneGrid } from "../../../data/image.ts";
import type {
  ExperimentConfig,
  PairSubject,
  PictureSubject,
  StartModel,
} from "../../../experiments/experiment.ts";
import { goalTargetSchema, type PictureTarget, pictureTargets } from "../../../experiments/picture.ts";
import type { Named } from "../../../experiments/trained.ts";
import { isPictureFile, type NamedTarget } from "../../../node/images.ts";
import type { PictureRule } from "../../../model/pictureRule.ts";
import { withPicture } from "../../../model/model.ts";
import { modelOfGoal, oneOfGoals } from "../../goals.ts";
import { findModelTarget, loadRunTargets, modelTarget, saveRunTargets } from "../../modelTarget.ts";
import { refuseInputs } from "../../run/start.ts";
import { loadNamedTarget, loadNamedTexture } from "../../standardInput.ts";
import { usageError } from "../../values.ts";
import type { Asked, Measured, SubjectFiles } from "../subject.ts";

/** Most pictures whose names stand for a run; of more, the rest are counted. */
const MAX_NAMED = 4;

/** What an experiment's configuration has where pictures are its subject. */
const { shape } = goalTargetSchema;
const targetSchema = z.object({
  target: z.object({
    source: z.union([z.string(), z.array(z.string())]),
    size: shape.size,
    padding: shape.padding,
  }),
});

type PictureConfig = ExperimentConfig & Readonly<z.infer<typeof targetSchema>>;

/** Pictures by emoji, name or path; their targets lie in the folder of a run. */
export const pictureFiles = filesLoadedBy(loadNamedTarget);
/** The same, and materials of the shelf. */
export const textureFiles = filesLoadedBy(loadNamedTexture);

/** Pictures in pairs. */
export const pairFiles: SubjectFiles<PairSubject> = {
  async load(config, how) {
    const all = await pictureFiles.load(config, how);
    const parts = all.parts ?? [];
    const pairs = of(parts, 0).map((from, pair) => pairNamed(from, of(parts, 1)[pair]));
    const names = pairs.length > 1 ? { ...namesTogether(pairs), parts: pairs } : pairs[0];
    return { ...names, grid: all.grid, starts: of(all.targets, 0), targets: of(all.targets, 1) };
  },
  async keep(folder, { starts, targets }) {
    await saveRunTargets(folder, starts, "start");
    await saveRunTargets(folder, targets);
  },
  async recall(folder, config, named) {
    const count = pictureTargets(withTarget(config).target).length / 2;
    const starts = await loadRunTargets(folder, count, { which: "start" });
    const targets = await loadRunTargets(folder, count);
    return { ...named, grid: targets[0].grid, starts, targets };
  },
  async forModel(asked) {
    const { model, subject } = await forModel(asked);
    return { model, subject: { ...subject, starts: [] } };
  },
};

/** The first of each two, or the second. */
function of<T>(list: readonly T[], which: 0 | 1): T[] {
  return list.filter((_, i) => i % 2 === which);
}

function pairNamed(from: Named, to: Named): Named {
  return {
    name: `${from.name}-to-${to.name}`,
    description: `${withoutSet(from.description)} to ${withoutSet(to.description)}`,
  };
}

type Load = typeof loadNamedTarget;

function filesLoadedBy(load: Load): SubjectFiles<PictureSubject> {
  return {
    load: (config, { start, stated }) =>
      loadPictures(withTarget(config), load, start, fieldAt(stated, "target", "source") !== undefined),
    keep: (folder, { targets }) => saveRunTargets(folder, targets),
    async recall(folder, config, named) {
      const targets = await loadRunTargets(folder, pictureTargets(withTarget(config).target).length);
      return { ...named, grid: targets[0].grid, targets };
    },
    forModel,
  };
}

function withTarget(config: ExperimentConfig): PictureConfig {
  const { target } = targetSchema.parse(config);
  return { ...config, target };
}

/** @param named whether a person named them. */
async function loadPictures(
  config: PictureConfig,
  load: Load,
  start: StartModel | undefined,
  named: boolean,
): Promise<PictureSubject> {
  const loaded: NamedTarget[] = [];
  for (const target of pictureTargets(config.target)) {
    loaded.push(await loadPicture(target, config.rule.image, load, start, named));
  }
  const targets = onOneGrid(loaded);
  const [{ grid }] = targets;
  const [{ name, description }] = loaded;
  if (loaded.length === 1) return { name, description, grid, targets };
  const parts = loaded.map((part) => ({ name: part.name, description: part.description }));
  return { ...namesTogether(parts), parts, grid, targets };
}

/**
 * A picture: as the model to start from had it where it is the same, so that its file need not exist. Where that model
 * alone names a file, it is not opened.
 */
async function loadPicture(
  target: PictureTarget,
  { premultiplied }: PictureRule["image"],
  load: Load,
  start: StartModel | undefined,
  named: boolean,
): Promise<NamedTarget> {
  if (start && premultiplied === start.model.readout?.premultiplied) {
    const same = firstDifference(target, start.model.provenance.picture) === undefined;
    const found = same ? await findModelTarget(start.path, start.model, {}) : undefined;
    if (found) return found;
  }
  const { source, size, padding } = target;
  if (start && !named && isPictureFile(source)) {
    throw usageError(
      `${start.path} draws ${source}, and no file is opened because a model names it; name the picture, too`,
    );
  }
  return load(source, { size, padding, premultiplied });
}

/** What to call several pictures. */
function namesTogether(parts: readonly Named[]): Named {
  const [first, second] = parts;
  const others = parts.length - 1;
  const shown = parts.slice(0, MAX_NAMED).map(({ description }) => withoutSet(description));
  const rest = parts.length - shown.length;
  return {
    name: others === 1 ? `${first.name}-and-${second.name}` : `${first.name}-and-${others}-more`,
    description: inWords(rest > 0 ? [...shown, `${rest} more`] : shown),
  };
}

/** A model and the picture that it grows, or the one that is named. */
async function forModel({ path, model: loaded, source, options }: Asked): Promise<Measured<PictureSubject>> {
  const { size, padding, data } = options;
  if (data !== undefined) throw usageError(`${path} draws a picture; leave out --data`);
  const goal = oneOfGoals(path, loaded, options.goal);
  const model = withPicture(modelOfGoal(loaded, goal), path);
  refuseInputs(model.rule, "evaluate", model.encoder);
  const target = await modelTarget(path, loaded, { source, size, padding }, goal);
  const { name, description, grid } = target;
  return { model, subject: { name, description, grid, targets: [target] } };
}
