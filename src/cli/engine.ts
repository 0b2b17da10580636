import { availableParallelism } from "node:os";
import type { Engine, Need } from "../engine.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { UserError } from "../errors.ts";
import { createEngine } from "../node/engine.ts";
import type { Rule } from "../rule/rule.ts";
import { type Calibration, type EngineName, isOnDevice } from "../runs/record.ts";
import { calibrate, calibrationLine, type Work } from "./calibration.ts";
import type { EngineChoice } from "./engineOption.ts";
import { openWebgpuEngine } from "./graphics.ts";
import { withStep } from "./nextStep.ts";
import { usageError } from "./values.ts";

export type { Work };

export const kernelChoices = ["auto", "strict", "relaxed"] as const;
export type KernelChoice = (typeof kernelChoices)[number];

export type EngineSetup = Readonly<{
  threads: number | "auto";
  kernels: KernelChoice;
  /** That it will compute at once. */
  samples: number;
}>;

export type OpenEngine = Readonly<{ engine: Engine; name: EngineName; threads: number }>;

/** Threads that a sample keeps busy, about: it is cut into as many parts. */
const THREADS_A_SAMPLE = 4;

/** Starts an engine. @throws UserError, one sentence, where this machine does not have it. */
export async function openEngine(
  name: EngineName,
  { threads, kernels, samples }: EngineSetup,
): Promise<OpenEngine> {
  switch (name) {
    case "reference":
      return { engine: referenceEngine(), name, threads: 1 };
    case "webgpu":
    case "webgpu-f16":
      return { engine: await openWebgpuEngine(name === "webgpu-f16"), name, threads: 1 };
    case "wasm": {
      const count =
        threads === "auto" ? Math.min(availableParallelism(), THREADS_A_SAMPLE * samples) : threads;
      try {
        return { engine: await createEngine({ threads: count, kernels }), name, threads: count };
      } catch (cause) {
        if (kernels !== "relaxed" || !(cause instanceof RangeError)) throw cause;
        throw new UserError("this Node on this machine has no relaxed SIMD, which relaxed kernels need", {
          cause,
        });
      }
    }
    default:
      return name satisfies never;
  }
}

/** An engine that was chosen for some work. `auto`: by what. */
export type ChosenEngine = OpenEngine & Readonly<{ auto?: Calibration | string }>;

/**
 * Starts the engine that a person chose, or by `auto` the faster one of Wasm and WebGPU.
 *
 * @param say is told, in a line, what was measured or why there was no choice. @param open starts an engine; for tests.
 * @throws UserError where this machine does not have the engine; with exit status 2 where it cannot do the work.
 */
export async function chooseEngine(
  choice: EngineChoice,
  setup: EngineSetup,
  work: Work,
  say: (line: string) => void,
  open = openEngine,
): Promise<ChosenEngine> {
  if (choice === "auto") return chooseFaster(setup, work, say, open);
  const opened = await open(choice, setup).catch((error: unknown) => {
    throw isOnDevice(choice)
      ? withStep(error, `or leave out --engine ${choice}: the processor does the work`)
      : error;
  });
  try {
    checkEngine(opened.engine, work.rule, work.need);
  } catch (error) {
    await opened.engine.dispose();
    throw error;
  }
  return opened;
}

async function chooseFaster(
  setup: EngineSetup,
  work: Work,
  say: (line: string) => void,
  open: typeof openEngine,
): Promise<ChosenEngine> {
  const wasm = await open("wasm", setup);
  const webgpu = await open("webgpu", setup).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  const only = async (chosen: OpenEngine, reason: string) => {
    checkEngine(chosen.engine, work.rule, work.need);
    say(`Engine: ${chosen.name}, for ${reason}`);
    return { ...chosen, auto: reason };
  };
  let chosen: ChosenEngine | undefined;
  try {
    if (webgpu instanceof UserError) return (chosen = await only(wasm, webgpu.message));
    const [onWasm, onWebgpu] = [wasm, webgpu].map(({ engine }) => engine.declines(work.rule, work.need));
    if (onWebgpu !== undefined) return (chosen = await only(wasm, onWebgpu));
    if (onWasm !== undefined) return (chosen = await only(webgpu, onWasm));
    const auto = await calibrate(wasm, webgpu.engine, work);
    const { seconds } = auto;
    const faster = (seconds.webgpu ?? Infinity) < (seconds.wasm ?? Infinity) ? webgpu : wasm;
    say(calibrationLine(auto, faster.name, work));
    return (chosen = { ...faster, auto });
  } finally {
    for (const opened of [wasm, webgpu]) {
      if (!(opened instanceof UserError) && opened.engine !== chosen?.engine) await opened.engine.dispose();
    }
  }
}

/**
 * The engine for work that any engine may do: the one that a person chose; where nobody did, Wasm, or the plain step where
 * that declines.
 *
 * @param say is told what was chosen and why, where that says something. @param done what is done by it: `Run`.
 * @throws UserError as {@link chooseEngine} does.
 */
export async function engineFor(
  choice: EngineChoice | undefined,
  setup: EngineSetup,
  work: Work,
  { say, done }: Readonly<{ say: (line: string) => void; done: string }>,
): Promise<Engine> {
  if (choice !== undefined) return (await chooseEngine(choice, setup, work, say)).engine;
  const { engine } = await openEngine("wasm", setup);
  const sentence = engine.declines(work.rule, work.need);
  if (sentence === undefined) return engine;
  await engine.dispose();
  say(`${done} by the plain step, which is slow: ${sentence}`);
  return referenceEngine();
}

/** @throws UserError, exit status 2, in the engine's own sentence where it cannot run this. */
export function checkEngine(engine: Engine, rule: Rule, need: Need): void {
  const sentence = engine.declines(rule, need);
  if (sentence !== undefined) {
    throw usageError(`the ${engine.name} engine cannot run this: ${sentence}; choose another with --engine`);
  }
}

/** What the bits of an engine depend on, in words. */
export function buildWords({ name, build }: Pick<Engine, "name" | "build">): string {
  return isOnDevice(name) ? build : `${build} kernels`;
}
