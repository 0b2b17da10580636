import type { Engine } from "../engine.ts";

/**
 * Declares a test of the suite: its name and what it does with an engine. It is skipped where that declines a request, or where
 * `run` resolves to a reason.
 */
export type ConformanceTest = (name: string, run: (engine: Engine) => Promise<string | void>) => void;
