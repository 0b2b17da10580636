import type { Experiment, TrainingOptions, Words } from "./experiment.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { hasTrueColour, LiveReporter } from "./liveReport.ts";
import { prepareRun, resumeRun } from "./openRun.ts";
import { jsonReporter, LineReporter, type Reporter } from "./report.ts";
import { carryOut, isComplete } from "./training.ts";

/** Begins a run or takes one up again, and carries it out. */
export async function train(experiment: Experiment, words: Words): Promise<void> {
  const { options } = words;
  const { resume, checkpointEvery } = options;
  // Nothing is lost where a signal ends the process before this, and so it may, whatever is being done.
  const open =
    resume === undefined ? await prepareRun(experiment, words) : await resumeRun(experiment, resume, words);
  await interruptible(async (signal) => {
    const run = await open();
    const { engine, folder, record, subject, trainer } = run;
    try {
      const reporter = createReporter(experiment, options);
      if (resume !== undefined && isComplete(run)) {
        reporter.tell({ event: "complete", folder: folder.path, steps: trainer.step });
        return;
      }
      const resumedAt = resume === undefined ? null : trainer.step;
      const { grid } = subject;
      reporter.tell({ event: "config", folder: folder.path, resumedAt, grid, ...record });
      await carryOut(run, { signal, checkpointEvery, reporter });
    } finally {
      await engine.dispose();
      await folder.release();
    }
  });
}

function createReporter(experiment: Experiment, { json, preview }: TrainingOptions): Reporter {
  if (json) return jsonReporter(experiment);
  const { stderr, env } = process;
  if (!stderr.isTTY || env.TERM === "dumb") return new LineReporter(experiment);
  return new LiveReporter(experiment, stderr, { preview: preview ?? hasTrueColour(env) });
}
