/** What kinds of training have in common that grow pictures from one cell. */
import { firstDifference } from "../config.ts";
import { withoutSet } from "../data/emoji.ts";
import { type GoalTarget, pictureGrid, type PictureTarget, pictureTargets } from "../experiments/picture.ts";
import { loadTarget, type NamedTarget } from "../node/images.ts";
import type { LossChart } from "../render/plots.ts";
import type { Grid, Rule } from "../rule/rule.ts";
import type { Progress } from "../train/trainer.ts";
import type { Experiment, ExperimentConfig, Named, Subject, TrainingOptions } from "./experiment.ts";
import { goalViews } from "./goalViews.ts";
import { growthViews } from "./growthViews.ts";
import { findModelTarget, loadRunTargets, saveRunTargets } from "./modelTarget.ts";
import { PICTURES, runDrawings } from "./pictures.ts";
import type { Start } from "./start.ts";

/** Options of a command that trains for pictures. */
export type PictureOptions = TrainingOptions & Readonly<{ size?: number; padding?: number }>;

/** A run that is trained for one picture, or for several that cells are told apart. */
export type PictureSubject = Subject &
  Readonly<{
    grid: Grid;
    /** Each of shape (H, W, 4). */
    targets: readonly Float32Array[];
  }>;

/** Most pictures whose names stand for a run; of more, the rest are counted. */
const MAX_NAMED = 4;

type PictureConfig = ExperimentConfig & Readonly<{ target: GoalTarget }>;

type Shared = Pick<
  Experiment<PictureConfig, Progress, PictureOptions, PictureSubject>,
  | "grid"
  | "padding"
  | "load"
  | "keep"
  | "recall"
  | "describe"
  | "lossChart"
  | "pictures"
  | "draw"
  | "files"
  | "next"
>;

/** All about the pictures: loading them, keeping them in the run's folder, and showing how a model grows them. */
export function pictureExperiment(lossChart: LossChart): Shared {
  return {
    grid: ({ target }) => pictureGrid(target),
    padding: ({ target }) => target.padding,
    load: (config, { start }) => loadPictures(config, start),
    keep: (folder, { grid, targets }) => saveRunTargets(folder, grid, targets),
    async recall(folder, { target }, named) {
      const grid = pictureGrid(target);
      const targets = await loadRunTargets(folder, grid, pictureTargets(target).length);
      return { ...named, grid, targets };
    },
    describe({ config: { target }, subject: { parts = [] } }) {
      const pictures = pictureTargets(target);
      return {
        provenance:
          pictures.length === 1
            ? { picture: pictures[0] }
            : { goals: pictures.map((picture, i) => ({ target: parts[i]?.description, picture })) },
      };
    },
    lossChart,
    pictures: PICTURES,
    async draw({ subject: { targets }, ...request }) {
      const views = await (targets.length === 1
        ? growthViews({ ...request, target: targets[0] })
        : goalViews({ ...request, targets }));
      return runDrawings(request, lossChart, views);
    },
    files: {
      "sheet.png": "its growth at a glance, beside the target",
      "growth.webp": "a film from the seed to step 200 (growth.gif: the same)",
      "player.html": "the living automaton: open it in a browser and wound it",
      "model.safetensors": "the model",
    },
    next: (folder, { target }) =>
      typeof target.source === "string"
        ? `run ${folder} --damage half-left@100 --out wounded.webp`
        : `run ${folder} --goal 2@200 --steps 400 --out turned.webp`,
  };
}

async function loadPictures(config: PictureConfig, start: Start | undefined): Promise<PictureSubject> {
  const loaded: NamedTarget[] = [];
  for (const target of pictureTargets(config.target)) {
    loaded.push(await loadPicture(target, config.rule.image, start));
  }
  const grid = pictureGrid(config.target);
  const targets = loaded.map(({ data }) => data);
  const [{ name, description }] = loaded;
  if (loaded.length === 1) return { name, description, grid, targets };
  const parts = loaded.map((part) => ({ name: part.name, description: part.description }));
  return { ...together(parts), parts, grid, targets };
}

/** A picture: as the model to start from had it where it is the same, so that its file need not exist. */
async function loadPicture(
  target: PictureTarget,
  { premultiplied }: Rule["image"],
  start: Start | undefined,
): Promise<NamedTarget> {
  if (start && premultiplied === start.model.rule.image.premultiplied) {
    const same = firstDifference(target, start.model.provenance.picture) === undefined;
    const found = same ? await findModelTarget(start.path, start.model, {}) : undefined;
    if (found) return found;
  }
  const { source, size, padding } = target;
  return loadTarget(source, { size, padding, premultiplied });
}

/** What to call several pictures. */
function together(parts: readonly Named[]): Named {
  const [first, second] = parts;
  const others = parts.length - 1;
  const shown = parts.slice(0, MAX_NAMED).map(({ description }) => withoutSet(description));
  const rest = parts.length - shown.length;
  return {
    name: others === 1 ? `${first.name}-and-${second.name}` : `${first.name}-and-${others}-more`,
    description: new Intl.ListFormat("en-GB").format(rest > 0 ? [...shown, `${rest} more`] : shown),
  };
}
