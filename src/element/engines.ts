/** The engines that all elements of a page share. */
import type { Engine } from "../engine.ts";
import { createWorkerEngine } from "../engine/wasm/engine.ts";
import type { Graphics, StartGraphics } from "./graphics.ts";
import { Shared } from "./shared.ts";
import type { Simulation } from "./simulation.ts";

/** Which engine is wanted: `auto` is the faster one. */
export const engineNames = ["wasm", "webgpu", "auto"] as const;
/** Which engine is wanted: `auto` is the faster one. */
export type EngineName = (typeof engineNames)[number];

/** Which engine plays. */
export type EngineAtPlay = Readonly<{
  name: "wasm" | "webgpu";
  /** What its bits depend on; of a graphics device, what it is called, too. */
  build: string;
  /** Why it is not the one that was wanted, or no longer; without a full stop. */
  message?: string;
  /** Milliseconds a step of this model, where both engines were measured. */
  measured?: Measured;
}>;

/** An engine as people call it. */
export function engineInWords({ name, build }: EngineAtPlay): string {
  return name === "wasm" ? `WebAssembly, ${build} SIMD` : `WebGPU, ${build}`;
}

/** Milliseconds a step. */
export type Measured = Readonly<{ wasm: number; webgpu: number }>;

export class Engines {
  readonly wasm: Shared<Engine>;
  readonly webgpu = new Shared<Graphics>(() => this.#startGraphics());
  #startGraphics: StartGraphics = () => Promise.reject(new Error("this page comes without a WebGPU engine"));
  readonly #measured = new Map<string, Measured>();

  /** @param start of the other engine; default: one thread. */
  constructor(start: () => Promise<Engine> = startWasm) {
    this.wasm = new Shared(start);
  }

  /** Sets how a graphics device is started. */
  set graphics(start: StartGraphics) {
    this.#startGraphics = start;
  }

  /** How long a step takes where it was measured before: of this rule, on a grid of this size. */
  measuredOf(simulation: Simulation): Measured | undefined {
    return this.#measured.get(keyOf(simulation));
  }

  keep(simulation: Simulation, measured: Measured): void {
    this.#measured.set(keyOf(simulation), measured);
  }
}

function keyOf({ rule, grid, graft }: Simulation): string {
  return JSON.stringify([rule, grid, graft?.parameters.length ?? 0]);
}

/** @throws Error, a sentence, where the browser cannot run it. */
async function startWasm(): Promise<Engine> {
  try {
    return await createWorkerEngine({ threads: 1 });
  } catch (cause) {
    if (typeof WebAssembly === "object" && !(cause instanceof WebAssembly.CompileError)) throw cause;
    if (String(cause).includes("Content Security")) {
      throw new Error("This page's security policy must allow WebAssembly: script-src 'wasm-unsafe-eval'.", {
        cause,
      });
    }
    throw new Error(
      "This browser lacks WebAssembly SIMD; a current Chrome, Edge, Firefox or Safari has it.",
      { cause },
    );
  }
}
