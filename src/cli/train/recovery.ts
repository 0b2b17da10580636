/** Training whose graphics device is lost: it goes on from the last checkpoint on a new device, or on Wasm. */
import { DeviceLostError } from "../../engine/webgpu/device.ts";
import { UserError } from "../../errors.ts";
import { type EngineName, recordJson, type RunRecord } from "../../runs/record.ts";
import { type OpenEngine, openEngine } from "../engine.ts";
import { trainerOf } from "./openRun.ts";
import type { Reporter } from "./report.ts";
import { carryOut, type Run, type RunOptions } from "./training.ts";

/** Why no third device is asked for. */
const AGAIN = "a new one was lost, too, before the next checkpoint";

/**
 * Does what `carryOut` does, and goes on where a device is lost. The engine that the run comes with is its owner's to
 * dispose of.
 *
 * @param open starts an engine; for tests.
 * @throws what `carryOut` throws but DeviceLostError; UserError where the run cannot go on.
 */
export async function carryOutOnDevices(first: Run, options: RunOptions, open = openEngine): Promise<void> {
  const { reporter } = options;
  /** Whether something was saved since a device was lost. */
  let isNew = true;
  const watched: Reporter = {
    report(milestone) {
      if (milestone.event === "checkpoint") isNew = true;
      reporter.report(milestone);
    },
    step: (event, latest) => reporter.step(event, latest),
  };
  let run = first;
  try {
    for (;;) {
      try {
        return await carryOut(run, { ...options, reporter: watched });
      } catch (error) {
        if (!(error instanceof DeviceLostError)) throw error;
        // What it held is garbage, and may be much.
        await run.engine.dispose();
        run = await onAnotherEngine(run, error, { reporter, open, isNew });
        isNew = false;
      }
    }
  } finally {
    if (run !== first) await run.engine.dispose();
  }
}

/** The run as its checkpoint has it, on another engine; reported and, where that is of another build, recorded. */
async function onAnotherEngine(
  run: Run,
  { message }: DeviceLostError,
  { reporter, open, isNew }: Readonly<{ reporter: Reporter; open: typeof openEngine; isNew: boolean }>,
): Promise<Run> {
  const { kind, folder, record, subject, queue } = run;
  const { config } = record;
  const samples = kind.experiment.samples(config);
  const found = await anotherEngine(open, record.engine.name, samples, isNew ? undefined : AGAIN);
  const { engine, name, threads } = found.opened;
  try {
    // Workers have the bits of the engine that is lost.
    const judging = engine.build === record.engine.build ? queue?.judging : undefined;
    const trainer = await trainerOf(kind, folder, { engine, config, subject, judging });
    const { earlier = [], ...before } = record.engine;
    const isSame = engine.build === before.build;
    const until = { name: before.name, build: before.build, until: trainer.step };
    const now: RunRecord = isSame
      ? record
      : {
          ...record,
          engine: { ...before, name, build: engine.build, threads, earlier: [...earlier, until] },
        };
    if (!isSame) await folder.writeConfig(recordJson(now));
    const instead = found.instead ?? (isSame ? undefined : `the new device is not like the one before`);
    reporter.report({
      event: "lost",
      reason: message,
      steps: run.trainer.step,
      saved: trainer.step,
      engine: now.engine,
      ...(instead !== undefined && { instead }),
    });
    return { ...run, record: now, engine, trainer };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** A new device, or Wasm, and why. @param instead why no device is asked for. */
async function anotherEngine(
  open: typeof openEngine,
  lost: EngineName,
  samples: number,
  instead: string | undefined,
): Promise<Readonly<{ opened: OpenEngine; instead?: string }>> {
  const setup = { threads: "auto", kernels: "auto", samples } as const;
  if (instead !== undefined) return { opened: await open("wasm", setup), instead };
  try {
    return { opened: await open(lost, setup) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { opened: await open("wasm", setup), instead: error.message };
  }
}
