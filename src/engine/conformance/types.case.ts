import type { Engine } from "../../engine.ts";

/** A test of the suite: its name and what it does with an engine. */
export type ConformanceTest = (name: string, run: (engine: Engine) => Promise<void>) => void;
