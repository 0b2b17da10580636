/** The kinds of what runs are trained for, a line each. */
import type { SubjectKind } from "../../experiments/experiment.ts";
import { pairs, picture, pictures, texture } from "./pictures/words.ts";
import { pictureSet } from "./pictureSet/words.ts";
import { puzzles } from "./puzzles/words.ts";
import type { SubjectWords } from "./subject.ts";

const kinds: Readonly<Record<SubjectKind, SubjectWords>> = {
  picture,
  pictures,
  "picture pairs": pairs,
  texture,
  "picture set": pictureSet,
  puzzles,
};

export function subjectWords({ subject }: Readonly<{ subject: SubjectKind }>): SubjectWords {
  return kinds[subject];
}
