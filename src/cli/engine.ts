import { availableParallelism } from "node:os";
import type { Engine, Need } from "../engine.ts";
import { referenceEngine } from "../engine/reference/engine.ts";
import { UserError } from "../errors.ts";
import { createEngine } from "../node/engine.ts";
import type { Rule } from "../rule/rule.ts";
import { type EngineName, engineNames } from "../runs/record.ts";
import { usageError } from "./values.ts";

export { type EngineName, engineNames };

export const kernelChoices = ["auto", "strict", "relaxed"] as const;
export type KernelChoice = (typeof kernelChoices)[number];

export type OpenEngine = Readonly<{ engine: Engine; threads: number }>;

/** Threads that a sample keeps busy, about: it is cut into as many parts. */
const THREADS_A_SAMPLE = 4;

/**
 * Starts an engine.
 *
 * @param samples that it will compute at once.
 */
export async function openEngine(
  name: EngineName,
  { threads, kernels, samples }: { threads: number | "auto"; kernels: KernelChoice; samples: number },
): Promise<OpenEngine> {
  switch (name) {
    case "reference":
      return { engine: referenceEngine(), threads: 1 };
    case "wasm": {
      const count =
        threads === "auto" ? Math.min(availableParallelism(), THREADS_A_SAMPLE * samples) : threads;
      try {
        return { engine: await createEngine({ threads: count, kernels }), threads: count };
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

/**
 * An engine for one sample, where no option chooses one: the fast one, or the plain step where that declines.
 *
 * @param say is told so, in a sentence.
 */
export async function engineFor(rule: Rule, need: Need, say: (line: string) => void): Promise<Engine> {
  const { engine } = await openEngine("wasm", { threads: 1, kernels: "auto", samples: 1 });
  const sentence = engine.declines(rule, need);
  if (sentence === undefined) return engine;
  await engine.dispose();
  say(`Run by the plain step, which is slow: ${sentence}`);
  return referenceEngine();
}

/** @throws UserError, exit status 2, in the engine's own sentence where it cannot run this. */
export function checkEngine(engine: Engine, rule: Rule, need: Need): void {
  const sentence = engine.declines(rule, need);
  if (sentence !== undefined) {
    throw usageError(`the ${engine.name} engine cannot run this: ${sentence}; choose another with --engine`);
  }
}
