/** An experiment as the command line carries it out, with files. */
import type { Experiment } from "../../experiments/experiment.ts";
import { type Drawings, drawingsOf } from "./draw/drawings.ts";
import { type SubjectFiles, subjectWords } from "./subject/subject.ts";

export type Kind = Readonly<{ experiment: Experiment; files: SubjectFiles; drawings: Drawings }>;

export async function loadKind(experiment: Experiment): Promise<Kind> {
  const [files, drawings] = await Promise.all([subjectWords(experiment).files(), drawingsOf(experiment)]);
  return { experiment, files, drawings };
}
