import type { Kind } from "./kind.ts";
import type { CommandLine, TrainingOptions } from "./options.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { hasTrueColour, LiveReporter } from "./liveReport.ts";
import { prepareRun, resumeRun } from "./openRun.ts";
import { jsonReporter, LineReporter, type Reporter } from "./report.ts";
import { carryOutOnDevices } from "./recovery.ts";
import { isComplete } from "./training.ts";

/** Begins or resumes a run, and carries it out. */
export async function train(kind: Kind, commandLine: CommandLine): Promise<void> {
  const { options } = commandLine;
  const { resume, checkpointEvery } = options;
  // A signal that ends the process before the run is open loses nothing, so it need not be handled.
  const open =
    resume === undefined ? await prepareRun(kind, commandLine) : await resumeRun(kind, resume, commandLine);
  await interruptible(async (signal) => {
    const run = await open();
    const { engine, folder, record, subject, trainer, queue } = run;
    try {
      const reporter = createReporter(kind, options);
      if (resume !== undefined && isComplete(run)) {
        reporter.report({ event: "complete", folder: folder.path, steps: trainer.step });
        return;
      }
      const resumedAt = resume === undefined ? null : trainer.step;
      const { grid } = subject;
      reporter.report({ event: "config", folder: folder.path, resumedAt, grid, ...record });
      await carryOutOnDevices(run, { signal, checkpointEvery, reporter });
    } finally {
      await queue?.close();
      await engine.dispose();
      await folder.release();
    }
  });
}

function createReporter(kind: Kind, { json, preview }: TrainingOptions): Reporter {
  if (json) return jsonReporter(kind);
  const { stderr, env } = process;
  if (!stderr.isTTY || env.TERM === "dumb") return new LineReporter(kind);
  return new LiveReporter(kind, stderr, { preview: preview ?? hasTrueColour(env) });
}
