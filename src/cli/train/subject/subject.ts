/** What runs are trained for: named on the command line, loaded from files, and kept in their folders. */
import { resolve } from "node:path";
import { type Argument, Option } from "commander";
import { fieldAt } from "../../../config/config.ts";
import { materialNames } from "../../../data/materials.ts";
import { DRAWN } from "../../../data/rowPuzzles.ts";
import { HANDWRITING } from "../../../data/handwriting.ts";
import type {
  Experiment,
  ExperimentConfig,
  StartModel,
  Subject,
  SubjectKind,
  SubjectNames,
} from "../../../experiments/experiment.ts";
import { MNIST_ADDRESS } from "../../../node/download.ts";
import { dataOption } from "../../dataOption.ts";
import { argument, argumentList, filePath, option, pictureSource, usageError } from "../../values.ts";
import type { CommandLine, TrainingOptions } from "../options.ts";

/** Loading, keeping and taking up again what a run is trained for. */
export interface SubjectFiles<S extends Subject = Subject> {
  /**
   * Loads it.
   *
   * @param how.stated the part of the configuration that the user states: on the command line, or in a file.
   * @throws UserError for what cannot be read.
   */
  load(
    config: ExperimentConfig,
    how: Readonly<{ start: StartModel | undefined; stated: unknown; options: TrainingOptions }>,
  ): Promise<S>;
  /** Keeps it in the folder of the run, so far as the run depends on files that may change or move. */
  keep(folder: string, subject: S): Promise<void>;
  /** Takes it from the folder of a run again. @param named as it was when the run began. */
  recall(folder: string, config: ExperimentConfig, named: SubjectNames): Promise<S>;
}

/** How a command line names a subject of one kind. */
export type SubjectWords = Readonly<{
  /** Heading of the options about it. */
  heading: string;
  arguments(base: ExperimentConfig): readonly Argument[];
  /** Beside those of the experiment. */
  options: () => readonly Option[];
  /**
   * What names it; undefined where nothing does.
   *
   * @param stated what a file says of the configuration.
   * @throws UserError (exit status 2) for words that do not go together.
   */
  sourceOf(commandLine: CommandLine, stated: unknown): string | readonly string[] | undefined;
  /** Takes a while to load, which help and wrong calls need not wait for. */
  files: () => Promise<SubjectFiles>;
}>;

const PICTURE =
  "an emoji (🦎), its name (lizard), or a PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO file, or - for standard input";

const MATERIAL = `a material that is drawn (${materialNames.join(", ")}), a PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO file, an emoji, or - for standard input`;

const pictureFiles = async () => (await import("./picture.ts")).pictureFiles;

const subjects: Readonly<Record<SubjectKind, SubjectWords>> = {
  picture: {
    heading: "Picture and rule:",
    arguments: (base) => [argument("[target]", `${PICTURE} (default: ${sourceIn(base)})`, pictureSource)],
    options: () => [],
    sourceOf: ({ args: [source] }) => source,
    files: pictureFiles,
  },
  pictures: {
    heading: "Picture and rule:",
    arguments: (base) => [
      argumentList(
        "[target...]",
        `${PICTURE}; several with --conditional (default: ${sourceIn(base)})`,
        pictureSource,
      ),
    ],
    options: () => [
      new Option(
        "--conditional",
        "one automaton for all targets: an input of all cells chooses which to grow, and may change while it runs; 32 channels, 256 hidden units and longer training by default",
      ),
    ],
    sourceOf: onlyConditional,
    files: pictureFiles,
  },
  "picture pairs": {
    heading: "Pictures and rule:",
    arguments: (base) => [
      argumentList(
        "[pictures...]",
        `two pictures, what it starts from and what that becomes, or several such pairs; each ${PICTURE} (default: ${sourcesIn(base).join(" ")})`,
        pictureSource,
      ),
    ],
    options: () => [],
    sourceOf({ args }) {
      if (args.length === 0) return undefined;
      if (args.length % 2 === 0) return args;
      throw usageError(
        `pictures come in pairs, what it starts from and what that becomes; ${args.length === 1 ? "one is" : `${args.length} are`} named`,
      );
    },
    files: async () => (await import("./picture.ts")).pairFiles,
  },
  texture: {
    heading: "Picture and rule:",
    arguments: (base) => [argument("[target]", `${MATERIAL} (default: ${sourceIn(base)})`, pictureSource)],
    options: () => [],
    sourceOf: ({ args: [source] }) => source,
    files: async () => (await import("./picture.ts")).textureFiles,
  },
  "picture set": {
    heading: "Pictures and rule:",
    arguments: () => [],
    options: () => [
      dataOption("handwriting"),
      new Option(
        "--download",
        `fetch MNIST from ${MNIST_ADDRESS} into the folder that --data names, where it is not there yet`,
      ),
    ],
    sourceOf: (commandLine) => folderNamed(commandLine, HANDWRITING),
    files: async () => (await import("./pictureSet.ts")).pictureSetFiles,
  },
  puzzles: {
    heading: "Puzzles and rule:",
    arguments: () => [],
    options: () => [
      option(
        "--data <folder>",
        `a folder of puzzles in the form of 1D-ARC, a subfolder for each kind; or ${DRAWN}: puzzles drawn by this program, which need no file (default: ${DRAWN})`,
        filePath,
      ),
    ],
    sourceOf: (commandLine) => folderNamed(commandLine, DRAWN),
    files: async () => (await import("./puzzles.ts")).puzzleFiles,
  },
};

/** Whole paths, so that a run can be resumed from another place. @param embedded what needs no folder. */
function folderNamed({ options }: CommandLine, embedded: string): string | undefined {
  const { data }: TrainingOptions & { data?: string } = options;
  return data && data !== embedded ? resolve(data) : data;
}

export function subjectWords({ subject }: Pick<Experiment, "subject">): SubjectWords {
  return subjects[subject];
}

function sourceIn(config: ExperimentConfig): string {
  return sourcesIn(config)[0];
}

function sourcesIn(config: ExperimentConfig): string[] {
  return [fieldAt(config, "target", "source")].flat().filter((source) => typeof source === "string");
}

/**
 * What is to grow: one picture, or a list of which an input chooses one.
 *
 * @throws UserError (exit status 2) where --conditional is missing, or there is nothing to choose from.
 */
function onlyConditional(
  { args, options }: CommandLine,
  stated: unknown,
): string | readonly string[] | undefined {
  const { conditional }: TrainingOptions & { conditional?: true } = options;
  const isList = Array.isArray(fieldAt(stated, "target", "source"));
  const few = args.length === 1 || (args.length === 0 && !isList);
  if (conditional && few) {
    throw usageError(
      "--conditional is for an automaton that grows any of several pictures; name two or more",
    );
  }
  if (!conditional && args.length > 1) {
    throw usageError(
      `one automaton grows ${args.length} pictures only with --conditional; add that, or name one`,
    );
  }
  return conditional && args.length > 0 ? args : args[0];
}
