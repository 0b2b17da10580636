/** An experiment as the command line carries it out, with files. */
import type { Experiment, ExperimentConfig, Subject } from "../../experiments/experiment.ts";
import type { Drawings } from "../../experiments/drawings.ts";
import { subjectWords } from "../subjects/kinds.ts";
import type { SubjectFiles } from "../subjects/subject.ts";

export type Kind = Readonly<{
  experiment: Experiment;
  files: SubjectFiles;
  drawings: Drawings<ExperimentConfig, Subject, object>;
}>;

export async function loadKind(experiment: Experiment): Promise<Kind> {
  const [files, drawings] = await Promise.all([subjectWords(experiment).files(), experiment.drawings()]);
  return { experiment, files, drawings };
}
