/** What kinds of training have in common that grow pictures from one cell. */
import { fieldAt, firstDifference, mergeConfig, parseSetting } from "../../config/config.ts";
import { withoutSet } from "../../data/emoji.ts";
import { onOneGrid, type Target } from "../../data/image.ts";
import { type GoalTarget, type PictureTarget, pictureTargets } from "../../experiments/picture.ts";
import { isPictureFile, type NamedTarget } from "../../node/images.ts";
import type { LossChart } from "../../render/lossChart.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Progress } from "../../train/trainer.ts";
import { defined } from "./settings.ts";
import type { Experiment, ExperimentConfig, Fields, Named, Subject, TrainingOptions } from "./experiment.ts";
import { drawGoals } from "./drawGoals.ts";
import { drawGrowth } from "./drawGrowth.ts";
import { findModelTarget, loadRunTargets, saveRunTargets } from "../modelTarget.ts";
import { PICTURES, runPictures } from "./pictures.ts";
import { loadNamedTarget, STANDARD } from "../standardInput.ts";
import type { Start } from "./start.ts";
import { usageError } from "../values.ts";

/** Options of a command that trains for pictures. */
export type PictureOptions = TrainingOptions & Readonly<{ size?: number; padding?: number }>;

/** A run that is trained for one picture, or for several, of which an input chooses one. */
export type PictureSubject = Subject &
  Readonly<{
    /** All on the grid of the run. */
    targets: readonly Target[];
  }>;

/** Most pictures whose names stand for a run; of more, the rest are counted. */
const MAX_NAMED = 4;

type PictureConfig = ExperimentConfig & Readonly<{ target: GoalTarget }>;

type Shared = Pick<
  Experiment<PictureConfig, Progress, PictureOptions, PictureSubject>,
  "padding" | "load" | "keep" | "recall" | "describe" | "lossChart" | "pictures" | "draw" | "files" | "next"
>;

/** All about the pictures: loading them, keeping them in the run's folder, and showing how a model grows them. */
export function pictureExperiment(lossChart: LossChart): Shared {
  return {
    padding: ({ target }) => target.padding,
    load: (config, { start, stated }) =>
      loadPictures(config, start, fieldAt(stated, "target", "source") !== undefined),
    keep: (folder, { targets }) => saveRunTargets(folder, targets),
    async recall(folder, { target }, named) {
      const targets = await loadRunTargets(folder, pictureTargets(target).length);
      return { ...named, grid: targets[0].grid, targets };
    },
    describe({ config: { target }, subject: { parts = [] } }) {
      const pictures = pictureTargets(target).map((picture) =>
        picture.source === STANDARD ? {} : { picture },
      );
      return {
        ...(target.seeds !== "picture" && { start: { seeds: target.seeds } }),
        provenance:
          pictures.length === 1
            ? pictures[0]
            : { goals: pictures.map((picture, i) => ({ target: parts[i]?.description, ...picture })) },
      };
    },
    lossChart,
    pictures: PICTURES,
    async draw({ subject: { targets }, ...request }) {
      const shown = await (targets.length === 1
        ? drawGrowth({ ...request, target: targets[0].data })
        : drawGoals({ ...request, targets: targets.map(({ data }) => data) }));
      return runPictures(request, lossChart, shown);
    },
    files: {
      "sheet.png": "its growth at a glance, beside the target",
      "growth.webp": "a film from the seed to step 200 (growth.gif: the same)",
      "player.html": "the living automaton: open it in a browser and damage it",
      "model.safetensors": "the model",
    },
    next: (folder, { target }) =>
      typeof target.source === "string"
        ? `run ${folder} --damage half-left@100 --out healing.webp`
        : `run ${folder} --goal 2@200 --steps 400 --out turned.webp`,
  };
}

/**
 * The part of a configuration's `target` that the command line sets. Seeds that are listed elsewhere are those of the
 * picture there: where the command line names another one, or another size or padding, the default takes their place.
 *
 * @param base whose seeds are the default.
 * @param stated the part of a configuration that is set elsewhere.
 */
export function targetOverrides(
  source: string | readonly string[] | undefined,
  { size, padding, set = [] }: PictureOptions,
  base: PictureConfig,
  stated: unknown,
): Fields | undefined {
  const fields = { source, size, padding };
  const target = fieldAt(stated, "target");
  const changes = [{ target: defined(fields) }, ...set.map(parseSetting)].reduce(mergeConfig, {});
  const isOther = (["source", "size", "padding"] as const).some((name) => {
    const [before, after] = [fieldAt(target, name), fieldAt(changes, "target", name)];
    return before !== undefined && after !== undefined && firstDifference(before, after) !== undefined;
  });
  const stale = isOther && Array.isArray(fieldAt(target, "seeds"));
  return defined({ ...fields, seeds: stale ? base.target.seeds : undefined });
}

/** @param named whether a person named them. */
async function loadPictures(
  config: PictureConfig,
  start: Start | undefined,
  named: boolean,
): Promise<PictureSubject> {
  const loaded: NamedTarget[] = [];
  for (const target of pictureTargets(config.target)) {
    loaded.push(await loadPicture(target, config.rule.image, start, named));
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
  { premultiplied }: Rule["image"],
  start: Start | undefined,
  named: boolean,
): Promise<NamedTarget> {
  if (start && premultiplied === start.model.rule.image.premultiplied) {
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
  return loadNamedTarget(source, { size, padding, premultiplied });
}

/** What to call several pictures. */
function namesTogether(parts: readonly Named[]): Named {
  const [first, second] = parts;
  const others = parts.length - 1;
  const shown = parts.slice(0, MAX_NAMED).map(({ description }) => withoutSet(description));
  const rest = parts.length - shown.length;
  return {
    name: others === 1 ? `${first.name}-and-${second.name}` : `${first.name}-and-${others}-more`,
    description: new Intl.ListFormat("en-GB").format(rest > 0 ? [...shown, `${rest} more`] : shown),
  };
}
