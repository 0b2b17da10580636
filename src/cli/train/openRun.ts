/** A run of training, new or resumed. */
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { firstDifference } from "../../config/config.ts";
import { FormatError, UserError } from "../../errors.ts";
import { isFile, isFolder } from "../../node/files.ts";
import { CHECKPOINT_FOLDER, CONFIG_FILE, RunFolder } from "../../node/runFolder.ts";
import { VERSION } from "../../version.ts";
import { checkUnchanged, resolveSettings, statedBy } from "./settings.ts";
import {
  buildWords,
  checkEngine,
  type ChosenEngine,
  chooseEngine,
  kernelChoices,
  openEngine,
} from "../engine.ts";
import type { Engine } from "../../engine.ts";
import type { ExperimentConfig, Judging, Subject, SubjectNames } from "../../experiments/experiment.ts";
import type { Named } from "../../experiments/trained.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { type EngineName, isOnDevice, recordJson } from "../../runs/record.ts";
import type { Trainer } from "../../train/trainer.ts";
import { runsStep, withStep } from "../nextStep.ts";
import { say } from "../terminal/print.ts";
import { quoted } from "../terminal/shell.ts";
import { loadNamedModel } from "../standardInput.ts";
import type { Kind } from "./kind.ts";
import { type CommandLine, RUNS_FOLDER, type TrainingOptions } from "./options.ts";
import { type Cluster, openCluster, queueOf } from "./cluster.ts";
import { type ConfigFile, parseRecord, readConfigFile } from "./record.ts";
import type { Run } from "./training.ts";
import { usageError } from "../values.ts";

/** A run that is asked for, before an engine is chosen for it. */
export type AskedRun = Readonly<{
  config: ExperimentConfig;
  subject: Subject;
  /** What `--config` names. */
  file: ConfigFile | undefined;
  /** Of the model to start from. */
  startPath: string | undefined;
  parameters: Float32Array | undefined;
}>;

/**
 * Resolves a command line's settings, and loads what it trains for.
 *
 * @param load loads the subject; default: its files.
 * @throws UserError for what is wrong, or cannot be read.
 */
export async function askedRun(
  { experiment, files }: Kind,
  commandLine: CommandLine,
  load: Kind["files"]["load"] = (config, how) => files.load(config, how),
): Promise<AskedRun> {
  const { options } = commandLine;
  const file = options.config === undefined ? undefined : await readConfigFile(options.config, experiment);
  const startPath = options.start ?? file?.start;
  const start =
    startPath === undefined ? undefined : { path: startPath, model: await loadNamedModel(startPath) };
  const resolved = resolveSettings(experiment, commandLine, { file, start });
  const stated = statedBy(experiment, commandLine, file, resolved);
  const subject = await load(resolved, { start, stated, options });
  const config = experiment.fit(resolved, subject);
  return { config, subject, file, startPath, parameters: start?.model.parameters };
}

/** A run that was asked for, with its trainer on an engine. @param opened `auto`: what the engine was chosen by. */
export async function createdRun(
  kind: Kind,
  { config, subject, startPath, parameters }: Omit<AskedRun, "file">,
  { engine, name, threads, auto }: ChosenEngine,
  queue?: Cluster,
): Promise<Omit<Run, "folder">> {
  const { experiment } = kind;
  const trainer = await experiment.create({ engine, config, subject, parameters, judging: queue?.judging });
  const record = {
    version: VERSION,
    experiment: experiment.name,
    engine: { name, build: engine.build, threads, ...(auto !== undefined && { auto }) },
    picture: namesOf(subject),
    ...(startPath !== undefined && { start: startPath }),
    config,
  };
  return { kind, record, subject, engine, trainer, queue };
}

/** Checks everything that can be checked. @returns a function that makes the run's folder, which begins the run. */
export async function prepareRun(kind: Kind, commandLine: CommandLine): Promise<() => Promise<Run>> {
  const { experiment } = kind;
  const { options } = commandLine;
  const asked = await askedRun(kind, commandLine);
  const { config, subject, file } = asked;
  const address = queueOf(options);
  const wanted = options.engine ?? file?.engine?.name ?? "wasm";
  if (wanted !== "wasm" && wanted !== "auto" && (options.kernels || options.threads !== "auto")) {
    throw usageError(
      `the ${wanted} engine has neither threads nor kernels to choose from; leave those options out`,
    );
  }
  const kernels = options.kernels ?? kernelChoices.find((choice) => choice === file?.engine?.build) ?? "auto";
  const samples = experiment.samples(config);
  const { need } = experiment;
  const { rule } = splitRule(config.rule);
  const chosen = await chooseEngine(
    wanted,
    { threads: options.threads, kernels, samples },
    { rule, grid: subject.grid, samples, need, population: need.record !== true },
    // JSON has it in its first event.
    options.json ? () => {} : say,
  );
  let queue: Cluster | undefined;
  try {
    queue = await openCluster(address, chosen.engine, options);
    const run = await createdRun(kind, asked, chosen, queue);
    return async () => {
      try {
        return await begin(run, options.out);
      } catch (error) {
        await queue?.close();
        await chosen.engine.dispose();
        throw error;
      }
    };
  } catch (error) {
    await queue?.close();
    await chosen.engine.dispose();
    throw error;
  }
}

/** Makes the folder of a run, with all that resuming needs. @param out default: the next free one of `RUNS_FOLDER`. */
export async function begin(run: Omit<Run, "folder">, out: string | undefined): Promise<Run> {
  const { kind, record, subject, trainer } = run;
  const existed = out !== undefined && (await isFolder(out));
  const folder =
    out === undefined ? await RunFolder.createNext(RUNS_FOLDER, subject.name) : await RunFolder.create(out);
  try {
    await folder.saveCheckpoint(await trainer.save());
    await kind.files.keep(folder.path, subject);
    // Last, because a folder with a configuration can be resumed.
    await folder.writeConfig(recordJson(record));
  } catch (error) {
    await rm(folder.file(CHECKPOINT_FOLDER), { recursive: true, force: true });
    await folder.release();
    if (!existed) await rmdir(folder.path).catch(() => undefined);
    throw error;
  }
  return { ...run, folder };
}

/** Resumes a run from its checkpoint, by the engine build that it began with. @returns a function that returns it. */
export async function resumeRun(
  kind: Kind,
  path: string,
  commandLine: CommandLine,
): Promise<() => Promise<Run>> {
  const folder = await RunFolder.open(path).catch(async (error: unknown) => {
    throw (await isFile(join(path, CONFIG_FILE))) ? error : withStep(error, runsStep());
  });
  try {
    const run = await reopen(kind, folder, commandLine);
    return async () => run;
  } catch (error) {
    await folder.release();
    throw error;
  }
}

async function reopen(kind: Kind, folder: RunFolder, commandLine: CommandLine): Promise<Run> {
  const { experiment, files } = kind;
  const { path } = folder;
  const saved = parseRecord(await folder.readConfig(), folder, experiment);
  if (!(await folder.hasCheckpoint())) {
    throw new UserError(
      `${path} has no checkpoint to go on from; train anew by --config ${quoted(folder.file(CONFIG_FILE))}`,
    );
  }
  const subject = await files.recall(path, saved.config, saved.picture);
  const { options }: CommandLine<TrainingOptions & { steps?: number; quality?: string }> = commandLine;
  const config = experiment.prolong?.(saved.config, options, subject) ?? saved.config;
  checkUnchanged(experiment, { ...saved, config }, commandLine, path);
  const address = queueOf(options);
  const { name, build } = saved.engine;
  const elsewhere = `${path} ${beganWith(name, build)}`;
  const kernels = kernelChoices.find((choice) => choice === build) ?? "auto";
  const setup = { threads: options.threads, kernels, samples: experiment.samples(config) };
  const { engine, threads } = await openEngine(name, setup).catch((error: unknown) => {
    throw error instanceof UserError
      ? new UserError(`${elsewhere}; ${error.message}`, { cause: error })
      : error;
  });
  let queue: Cluster | undefined;
  try {
    const isSame = engine.build === build;
    if (!isSame && !isOnDevice(name))
      throw new UserError(`${elsewhere}; here there are ${engine.build} ones`);
    // A driver that was updated is another device, too: who names the engine again has heard that bits will differ.
    if (!isSame && options.engine !== name) {
      throw new UserError(
        `${elsewhere}; here there is ${engine.build}, which rounds differently; add --engine ${name} to go on with it`,
      );
    }
    queue = await openCluster(address, engine, options);
    const trainer = await trainerOf(kind, folder, { engine, config, subject, judging: queue?.judging });
    const { earlier = [] } = saved.engine;
    const until = { name, build, until: trainer.step };
    const record = {
      ...saved,
      config,
      engine: {
        ...saved.engine,
        threads,
        ...(!isSame && { build: engine.build, earlier: [...earlier, until] }),
      },
    };
    if (!isSame) {
      say(
        `${path} goes on with ${engine.build}; its bits are those of ${build} until ${experiment.unit} ${trainer.step}.`,
      );
      await folder.writeConfig(recordJson(record));
    }
    if (firstDifference(saved.config, config) !== undefined) {
      if (trainer.finished) {
        throw usageError(
          `${path} has made ${trainer.step} ${experiment.unit}s and is as good as was asked for; ask for more`,
        );
      }
      await folder.writeConfig(recordJson(record));
    }
    return { kind, folder, record, subject, engine, trainer, queue };
  } catch (error) {
    await queue?.close();
    await engine.dispose();
    throw error;
  }
}

/**
 * The trainer of a run as its checkpoint has it; metrics of later steps are cut off.
 *
 * @throws UserError where the engine cannot run it; FormatError for a fault in the checkpoint.
 */
export async function trainerOf(
  { experiment }: Kind,
  folder: RunFolder,
  setting: Readonly<{
    engine: Engine;
    config: ExperimentConfig;
    subject: Subject;
    judging?: Judging | undefined;
  }>,
): Promise<Trainer> {
  const snapshot = await folder.loadCheckpoint();
  checkEngine(setting.engine, setting.config.rule, experiment.need);
  const trainer = await experiment.create(setting);
  await trainer.restore(snapshot).catch((error: unknown) => {
    throw error instanceof UserError
      ? new FormatError(`${folder.path}: ${error.message}`, { cause: error })
      : error;
  });
  await folder.metrics.truncateAfter(trainer.step - 1);
  return trainer;
}

function beganWith(name: EngineName, build: string): string {
  const words = buildWords({ name, build });
  return isOnDevice(name)
    ? `began with ${words}, and only that goes on with the same bits`
    : `began with ${words}, and only those go on with the same bits`;
}

/** What to call a subject, without what else it holds. */
function namesOf({ parts, ...whole }: SubjectNames): SubjectNames {
  return { ...nameOf(whole), ...(parts && { parts: parts.map(nameOf) }) };
}

function nameOf({ name, description }: Named): Named {
  return { name, description };
}
