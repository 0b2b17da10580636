import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.ts";
import { resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import { readSession } from "./storage.ts";

const config = resolveGrowingConfig();
const data = new Float32Array(6 * 6 * 4).fill(0.5);
const stored = {
  job: { id: "a", title: "lizard", experiment: "grow", config, targets: [{ grid: [6, 6], data }] },
  losses: Float64Array.of(0.25),
  seconds: 2,
  build: "strict",
  model: new Uint8Array(3),
  checkpoint: null,
  ended: true,
  report: null,
};

describe("readSession", () => {
  it("returns what was kept", () => {
    expect(readSession(stored)).toEqual(stored);
  });

  it("knows trainings from when all grids were square and all seeds in the centre", () => {
    const { seeds: _, ...target } = config.target;
    const job = { id: "a", title: "lizard", config: { ...config, target }, targets: [data] };
    const older = { ...stored, job };
    expect(readSession(older)).toEqual({
      ...stored,
      job: { ...stored.job, config: { ...config, target: { ...target, seeds: [[0, 0]] } } },
    });
  });

  it("returns trainings of other experiments", () => {
    const job = { ...stored.job, experiment: "evolve", config: resolveEvolutionConfig() };
    expect(readSession({ ...stored, job }).job).toEqual(job);
    expect(() => readSession({ ...stored, job: { ...job, experiment: "grow" } })).toThrow(FormatError);
    expect(() => readSession({ ...stored, job: { ...job, experiment: "knit" } })).toThrow(FormatError);
  });

  it("refuses what is none", () => {
    expect(() => readSession({ ...stored, report: { good: "perhaps" } })).toThrow(FormatError);
    expect(() => readSession({ ...stored, job: { ...stored.job, targets: [1] } })).toThrow(FormatError);
  });
});
