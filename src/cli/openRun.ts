/** A run of `neoblast grow`, begun or taken up again. */
import { rm, rmdir } from "node:fs/promises";
import { FormatError, UserError } from "../errors.ts";
import { createGrowing, type GrowingConfig, growingGrid } from "../experiments/growing.ts";
import { isFolder } from "../node/files.ts";
import { loadTarget } from "../node/images.ts";
import { CHECKPOINT_FOLDER, RunFolder } from "../node/runFolder.ts";
import { VERSION } from "../version.ts";
import { kernelChoices, openEngine } from "./engine.ts";
import { checkUnchanged, type GrowOptions, resolveChoices, RUNS_FOLDER } from "./growOptions.ts";
import { loadRunTarget, saveRunTarget } from "./modelTarget.ts";
import { parseRecord, readConfigFile, recordJson } from "./record.ts";
import type { Run } from "./training.ts";
import { usageError } from "./values.ts";

/** Checks everything that can be checked, then makes the run's folder. */
export async function startRun(source: string | undefined, options: GrowOptions): Promise<Run> {
  const file = options.config === undefined ? undefined : await readConfigFile(options.config);
  const config = resolveChoices(source, options, file);
  const { size, padding } = config.target;
  const { premultiplied } = config.rule.image;
  const picture = await loadTarget(config.target.source, { size, padding, premultiplied });
  const name = options.engine ?? file?.engine?.name ?? "wasm";
  if (name === "reference" && (options.kernels || options.threads !== "auto")) {
    throw usageError(
      "the reference engine has neither threads nor kernels to choose from; leave those options out",
    );
  }
  const kernels = options.kernels ?? kernelChoices.find((choice) => choice === file?.engine?.build) ?? "auto";
  const samples = mostSamples(config);
  const { engine, threads } = await openEngine(name, { threads: options.threads, kernels, samples });
  try {
    const trainer = createGrowing({ engine, config, target: picture.data });
    const record = {
      version: VERSION,
      engine: { name, build: engine.build, threads },
      picture: { name: picture.name, description: picture.description },
      config,
    };
    const { out } = options;
    const existed = out !== undefined && (await isFolder(out));
    const folder =
      out === undefined ? await RunFolder.createNext(RUNS_FOLDER, picture.name) : await RunFolder.create(out);
    try {
      await folder.saveCheckpoint(await trainer.save());
      await saveRunTarget(folder.path, picture);
      // Last, for what has a configuration can be resumed.
      await folder.writeConfig(recordJson(record));
    } catch (error) {
      await rm(folder.file(CHECKPOINT_FOLDER), { recursive: true, force: true });
      await folder.release();
      if (!existed) await rmdir(folder.path).catch(() => undefined);
      throw error;
    }
    return { folder, record, target: picture.data, engine, trainer };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** Takes a run up where its checkpoint left it, by the engine build that it began with. */
export async function resumeRun(
  path: string,
  source: string | undefined,
  options: GrowOptions,
): Promise<Run> {
  const folder = await RunFolder.open(path);
  const begun = parseRecord(await folder.readConfig(), folder.file("config.json"));
  const { config } = begun;
  checkUnchanged(begun, source, options, path);
  const snapshot = await folder.loadCheckpoint();
  const target = await loadRunTarget(path, growingGrid(config));
  const { name, build } = begun.engine;
  const elsewhere = `${path} began with ${build} kernels, and only those go on with the same bits`;
  const kernels = kernelChoices.find((choice) => choice === build) ?? "auto";
  const samples = mostSamples(config);
  const { engine, threads } = await openEngine(name, { threads: options.threads, kernels, samples }).catch(
    (error: unknown) => {
      throw error instanceof UserError
        ? new UserError(`${elsewhere}; ${error.message}`, { cause: error })
        : error;
    },
  );
  try {
    if (engine.build !== build) throw new UserError(`${elsewhere}; here there are ${engine.build} ones`);
    const trainer = createGrowing({ engine, config, target });
    await trainer.restore(snapshot).catch((error: unknown) => {
      throw error instanceof UserError
        ? new FormatError(`${path}: ${error.message}`, { cause: error })
        : error;
    });
    await folder.metrics.truncateAfter(trainer.step - 1);
    const record = { ...begun, engine: { ...begun.engine, threads } };
    return { folder, record, target, engine, trainer };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** Largest batch of a run. */
function mostSamples({ training: { batch } }: GrowingConfig): number {
  return typeof batch === "number" ? batch : Math.max(batch.from, batch.to);
}
