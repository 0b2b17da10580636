import type { Engine } from "../engine.ts";

/** Declares a test of the suite: its name and what it does with an engine. It is skipped where that declines a request. */
export type ConformanceTest = (name: string, run: (engine: Engine) => Promise<void>) => void;
