import { describe, expect, it } from "vitest";
import { evolutionDefaults } from "./evolution.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { seedState } from "../../model/seed.ts";

describe("evolutionDefaults", () => {
  const common = {
    generations: 10240,
    population: 512,
    samples: 1,
    strategy: { kind: "open-es", sigma: 0.001, learningRate: 0.001 },
    schedule: { kind: "constant" },
    objective: { kind: "error" },
  };

  it("follows the notebook of CAX up to 0.4.3", () => {
    const { rule, target, training } = evolutionDefaults("cax-es");
    expect(target).toEqual({ source: "🦎", size: 40, padding: 4, seeds: [[0, 0]] });
    expect(rule).toMatchObject({ channels: 16, hidden: [128], fireRate: 0.5, stepSize: 2 });
    expect(rule.image).toEqual({ offset: 12, channels: 4, premultiplied: false });
    expect([...seedState(splitRule(rule), [1, 1])]).toEqual([...Array<number>(15).fill(0), 1]);
    expect(training).toMatchObject({ ...common, rollout: 90, fitness: "all-steps" });
  });

  it("follows the notebook of CAX's main branch of 2026: 72 x 72, half steps, hidden channels in the seed", () => {
    const { rule, target, training } = evolutionDefaults("cax-es-2026");
    expect(target).toEqual({ source: "🦎", size: 40, padding: 16, seeds: [[0, 0]] });
    expect(rule).toMatchObject({ channels: 16, hidden: [128], fireRate: 0.5, stepSize: 1 });
    expect(rule.image).toEqual({ offset: 12, channels: 4, premultiplied: true });
    expect([...seedState(splitRule(rule), [1, 1])]).toEqual([...Array<number>(12).fill(1), 0, 0, 0, 1]);
    expect(training).toMatchObject({ ...common, rollout: 128, fitness: "last:64" });
  });
});
