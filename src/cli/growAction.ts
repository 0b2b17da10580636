import type { GrowOptions } from "./growOptions.ts";
import { interruptible } from "./interrupt.ts";
import { hasTrueColour, LiveReporter } from "./liveReport.ts";
import { resumeRun, startRun } from "./openRun.ts";
import { jsonReporter, LineReporter, type Reporter } from "./report.ts";
import { carryOut, isComplete } from "./training.ts";

/** Begins a run or takes one up again, and carries it out. */
export async function grow(source: string | undefined, options: GrowOptions): Promise<void> {
  const { resume, checkpointEvery } = options;
  await interruptible(async (signal) => {
    const run =
      resume === undefined ? await startRun(source, options) : await resumeRun(resume, source, options);
    const { engine, folder, record, trainer } = run;
    try {
      const reporter = createReporter(options);
      if (resume !== undefined && isComplete(run)) {
        reporter.tell({ event: "complete", folder: folder.path, steps: trainer.step });
        return;
      }
      const resumedAt = resume === undefined ? null : trainer.step;
      reporter.tell({ event: "config", folder: folder.path, resumedAt, ...record });
      await carryOut(run, { signal, checkpointEvery, reporter });
    } finally {
      await engine.dispose();
      await folder.release();
    }
  });
}

function createReporter({ json, preview }: GrowOptions): Reporter {
  if (json) return jsonReporter();
  const { stderr, env } = process;
  if (!stderr.isTTY || env.TERM === "dumb") return new LineReporter();
  return new LiveReporter(stderr, { preview: preview ?? hasTrueColour(env) });
}
