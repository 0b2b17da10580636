/** Experiments that this page can train, and what it trains them for. Works in the page and in its workers. */
import { fieldAt } from "../../../src/config/config.ts";
import { HANDWRITING, handwritingSets } from "../../../src/data/handwriting.ts";
import type { Raster, Target } from "../../../src/data/image.ts";
import { UserError } from "../../../src/errors.ts";
import type {
  Experiment,
  ExperimentConfig,
  PictureSetSubject,
  PictureSubject,
  Subject,
  SubjectKind,
} from "../../../src/experiments/experiment.ts";
import { experiments } from "../../../src/experiments/registry.ts";
import { targetOf } from "../raster.ts";

type Supply = Readonly<{
  /** What names a subject in a configuration. @param picture the name of the picture that is chosen. */
  source(picture: string): string;
  /** What the page shows of it, and sends to the worker; undefined where it needs a picture and there is none. */
  targets(config: ExperimentConfig, picture: Raster | undefined): readonly Target[] | undefined;
  /** What is trained for. */
  subject(config: ExperimentConfig, title: string, targets: readonly Target[]): Subject;
}>;

const onePicture: Supply = {
  source: (picture) => picture,
  targets(config, picture) {
    if (!picture) return undefined;
    const { premultiplied } = config.rule.image;
    const [size, padding] = [numberAt(config, "target", "size"), numberAt(config, "target", "padding")];
    return [targetOf(picture, { size, padding, premultiplied })];
  },
  subject: (_config, title, targets): PictureSubject => ({
    name: "picture",
    description: title,
    grid: targets[0].grid,
    targets,
  }),
};

/** Handwriting, which needs no file. */
const drawnSet: Supply = {
  source: () => HANDWRITING,
  targets: (config) => [shownDigit(setOf(config))],
  subject(config): PictureSetSubject {
    const { train, test, name, description } = setOf(config);
    return { name, description, grid: train.grid, train, test };
  },
};

/** Of other subjects, the page has none. */
const supplies: Readonly<Partial<Record<SubjectKind, Supply>>> = {
  picture: onePicture,
  pictures: onePicture,
  texture: onePicture,
  "picture set": drawnSet,
};

/** Those whose subject this page can supply, in order. */
export function offeredExperiments(known: readonly Experiment[] = experiments): Experiment[] {
  return known.filter(({ subject }) => Object.hasOwn(supplies, subject));
}

/** @throws UserError where this page knows none of that name. */
export function experimentNamed(name: string, known: readonly Experiment[] = experiments): Experiment {
  const found = offeredExperiments(known).find((each) => each.name === name);
  if (found) return found;
  throw new UserError(`this is for neoblast ${name.slice(0, 40)}, which this page does not train`);
}

/** @param experiment one that is offered. */
export function supplyOf({ subject }: Experiment): Supply {
  return supplies[subject]!;
}

/** Whether a visitor chooses the picture that is trained for. */
export function needsPicture({ subject }: Experiment): boolean {
  return supplies[subject] === onePicture;
}

/** @throws UserError where the configuration asks for pictures that this page has not. */
function setOf({ rule, ...config }: ExperimentConfig) {
  const source = fieldAt(config, "data", "source");
  if (source !== HANDWRITING || rule.image.channels !== 1) {
    throw new UserError("this page opens no folders of pictures; it trains on grey handwriting");
  }
  return handwritingSets(numberAt(config, "data", "size"));
}

/** The first picture of a set, as the page shows pictures. */
function shownDigit({ train }: ReturnType<typeof handwritingSets>): Target {
  return {
    grid: train.grid,
    data: Float32Array.from(train.picture(0)).reduce(
      (shown, value, i) => {
        shown.set([value, value, value, 1], 4 * i);
        return shown;
      },
      new Float32Array(4 * train.grid[0] * train.grid[1]),
    ),
  };
}

function numberAt(config: unknown, ...path: readonly string[]): number {
  const value = fieldAt(config, ...path);
  if (typeof value !== "number") throw new RangeError(`the configuration has no ${path.join(".")}`);
  return value;
}
