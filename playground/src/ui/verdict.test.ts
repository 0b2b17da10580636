import { describe, expect, it } from "vitest";
import type { GrowthReport } from "../../../src/experiments/growing/report.ts";
import { verdictOf } from "./verdict.ts";

function report(relative: Readonly<Record<number, number>>, more: Partial<GrowthReport> = {}): GrowthReport {
  const errors = Object.entries(relative).map(([step, error]) => ({ step: Number(step), relative: error }));
  const validation = { errors, died: 0, overgrown: 0 };
  return {
    validation,
    runs: 8,
    bound: 0.01,
    holds: true,
    good: true,
    steps: 500,
    bestStep: 500,
    returns: 0,
    ...more,
  };
}

const HOW = "Grown 8 times from the seed; an empty grid would be 100% off.";

describe("verdictOf", () => {
  it("says how good a model is, and that it holds", () => {
    expect(verdictOf(report({ 96: 0.00214, 200: 0.0018, 1000: 0.0019 }))).toEqual({
      title: "Good",
      text: `0.21% off at step 96, 0.18% at 200 and 0.19% at 1,000; it holds. ${HOW}`,
      advice: "",
    });
  });

  it("does not say that what was measured once holds", () => {
    expect(verdictOf(report({ 64: 0.002 })).text).toBe(`0.2% off at step 64. ${HOW}`);
  });

  it("says what is wrong with a model that is not good enough, and what to try", () => {
    const drifts = report({ 96: 0.01, 200: 0.02, 1000: 0.3 }, { good: false, holds: false });
    expect(verdictOf(drifts)).toMatchObject({
      title: "Not good enough",
      text: `1% off at step 96, 2% at 200 and 30% at 1,000; it drifts. ${HOW}`,
      advice: expect.stringContaining("Train on, choose the quality Best"),
    });
    expect(verdictOf(drifts, false).advice).toBe("Train on, or make the picture smaller.");
    const { errors } = drifts.validation;
    const lost = { ...drifts, validation: { errors, died: 0.25, overgrown: 0.125 } };
    expect(verdictOf(lost).text).toContain("; 25% of the colonies died; 13% of the colonies overgrew. ");
  });

  it("says how far it is off after the damage that heals least", () => {
    const grown = report({ 96: 0.002, 200: 0.002 });
    const healed = [
      { damage: "hole" as const, relative: 0.0021, undamaged: 0.002 },
      { damage: "circle" as const, relative: 0.0034, undamaged: 0.002 },
    ];
    const { text } = verdictOf({ ...grown, validation: { ...grown.validation, healed } });
    expect(text).toContain("; it holds; 0.34% off 200 steps after damage. ");
  });
});
