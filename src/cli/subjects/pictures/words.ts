/** How command lines name pictures: one, several, pairs, or one of a texture. */
import { Option } from "commander";
import { fieldAt } from "../../../config/config.ts";
import { materialNames } from "../../../data/materials.ts";
import type { CommandLine, TrainingOptions } from "../../train/options.ts";
import { argument, argumentList, pictureSource, usageError } from "../../values.ts";
import { sourceIn, sourcesIn, type SubjectWords } from "../subject.ts";

const PICTURE = "an emoji (🦎), its name (lizard), a picture file, or - for standard input";

const FILES = "Picture files are PNG, JPEG, WebP, AVIF, GIF, SVG, BMP or ICO.";

const MATERIAL = `a material that is drawn (${materialNames.join(", ")}), a picture file, an emoji, or - for standard input`;

const pictureFiles = async () => (await import("./files.ts")).pictureFiles;

/** One picture. */
export const picture: SubjectWords = {
  heading: "Picture and rule:",
  notes: FILES,
  arguments: (base) => [argument("[target]", `${PICTURE} (default: ${sourceIn(base)})`, pictureSource)],
  options: () => [],
  sourceOf: ({ args: [source] }) => source,
  files: pictureFiles,
};

/** One, or several that one automaton learns. */
export const pictures: SubjectWords = {
  heading: "Picture and rule:",
  notes: FILES,
  arguments: (base) => [
    argumentList(
      "[target...]",
      `${PICTURE}; several with --conditional or --each (default: ${sourceIn(base)})`,
      pictureSource,
    ),
  ],
  options: () => [
    new Option(
      "--conditional",
      "one automaton for all targets, larger and trained longer; an input of all cells chooses which to grow",
    ),
    new Option(
      "--each",
      "an automaton for each target, one after the other (to go on: neoblast sweep --resume)",
    ).conflicts(["conditional", "resume"]),
  ],
  sourceOf: onlyConditional,
  files: pictureFiles,
};

/** Pictures in pairs: the first of two becomes the second. */
export const pairs: SubjectWords = {
  heading: "Pictures and rule:",
  notes: FILES,
  arguments: (base) => [
    argumentList(
      "[pictures...]",
      `what it starts from and what that becomes, or several such pairs; each ${PICTURE} (default: ${sourcesIn(base).join(" ")})`,
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
  files: async () => (await import("./files.ts")).pairFiles,
};

/** A picture, or a material of the shelf. */
export const texture: SubjectWords = {
  heading: "Picture and rule:",
  notes: FILES,
  arguments: (base) => [argument("[target]", `${MATERIAL} (default: ${sourceIn(base)})`, pictureSource)],
  options: () => [],
  sourceOf: ({ args: [source] }) => source,
  files: async () => (await import("./files.ts")).textureFiles,
};

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
      `one automaton grows ${args.length} pictures only with --conditional; add that, or --each for one automaton each`,
    );
  }
  return conditional && args.length > 0 ? args : args[0];
}
